/* SPDX-License-Identifier: MIT */
/*
 * tx.c - frames from the caller to the transmit ring, and their buffers back.
 *
 * From tx.clean up to tx.next the descriptors are the device's, or done and
 * not taken back yet; one descriptor always stays empty, so that a full ring
 * differs from an empty one. Only the last descriptor of a batch asks for a
 * report, and a batch is done as a whole: the device works in order. The tail
 * is written once a batch.
 * Source: Intel 82599 datasheet, section 7.2.3.
 */
#include "batch.h"
#include "drv/mmio.h"
#include "ixgbe.h"

/* A full ring that does not move for so long belongs to a device that hangs. */
#define STALL_NANOSECONDS (100 * IXGBE_MILLISECOND)

/* Descriptors from @from up to, not including, @to. */
static inline uint32_t distance(uint32_t from, uint32_t to)
{
    return (to - from) % IXGBE_RING;
}

static inline uint32_t free_descriptors(const struct ixgbe_ring *ring)
{
    return IXGBE_RING - 1 - distance(ring->clean, ring->next);
}

/* How many of the oldest batch are done and not taken back. */
static inline uint32_t oldest_done(const struct ixgbe_ring *ring)
{
    uint32_t end = ring->batch_end[ring->clean];

    if (ring->clean == ring->next ||
        !(__atomic_load_n(&ring->descriptors[end].control, __ATOMIC_ACQUIRE) &
          IXGBE_TX_DD))
        return 0;
    return distance(ring->clean, end) + 1;
}

/* @count of the oldest batch were taken back; the rest of it is a batch. */
static inline void advance(struct ixgbe_ring *ring, uint32_t count)
{
    uint32_t end = ring->batch_end[ring->clean];
    bool whole = distance(ring->clean, end) + 1 == count;

    ring->clean = (ring->clean + count) % IXGBE_RING;
    if (!whole)
        ring->batch_end[ring->clean] = end;
}

/* Hand done buffers to @collect as long as it has room. */
static void take_back(struct ixgbe_ring *ring, struct batch *collect)
{
    uint32_t done, i;

    while (batch_room(collect) > 0 && (done = oldest_done(ring)) > 0) {
        if (done > batch_room(collect))
            done = batch_room(collect);
        for (i = 0; i < done; i++)
            batch_put(collect,
                      ring->buffers[(ring->clean + i) % IXGBE_RING]);
        advance(ring, done);
    }
}

/* Free done buffers that nobody wants back, rather than send nothing. */
static void make_room(struct ixgbe_ring *ring, uint32_t wanted)
{
    while (free_descriptors(ring) < wanted && oldest_done(ring) > 0) {
        (void)rref_packet_drop(&ring->buffers[ring->clean]);
        advance(ring, 1);
    }
}

/* A frame that cannot be sent: its buffer is done. */
static void drop(struct ixgbe_queue *queue, struct rref_packet frame,
                 struct batch *collect)
{
    queue->counters.tx_dropped++;
    if (batch_room(collect) > 0)
        batch_put(collect, frame);
    else
        (void)rref_packet_drop(&frame);
}

static inline void fill(struct ixgbe_ring *ring, uint32_t index,
                        struct rref_packet frame, uint64_t bytes)
{
    struct ixgbe_descriptor *descriptor = &ring->descriptors[index];

    ring->buffers[index] = frame;
    descriptor->address = ixgbe_bus(frame);
    descriptor->control = IXGBE_TX_FRAME | IXGBE_TX_PAYLEN(bytes) | bytes;
}

/* Fill descriptors with at most @count frames; returns how many it filled. */
static uint32_t fill_batch(struct ixgbe_queue *queue, uint32_t count,
                           struct batch *packets, struct batch *collect,
                           uint64_t packet_bytes)
{
    uint32_t next = queue->tx.next;

    for (; count > 0; count--) {
        struct rref_packet frame = batch_take(packets);
        uint64_t bytes = rref_packet_value(frame)->length;

        if (bytes == 0)
            bytes = packet_bytes;
        if (bytes < IXGBE_FRAME_MIN || bytes > IXGBE_FRAME_MAX) {
            drop(queue, frame, collect);
            continue;
        }
        fill(&queue->tx, next, frame, bytes);
        next = ixgbe_after(next);
    }
    return distance(queue->tx.next, next);
}

/* Give the device the @count descriptors that were filled. */
static void submit(struct ixgbe_queue *queue, uint32_t count)
{
    struct ixgbe_ring *ring = &queue->tx;
    uint32_t last = (ring->next + count - 1) % IXGBE_RING;

    ring->descriptors[last].control |= IXGBE_TX_RS;
    ring->batch_end[ring->next] = last;
    ring->next = ixgbe_after(last);
    drv_write32(ixgbe_reg(queue, IXGBE_TDT), ring->next);
}

/*
 * Nothing is taken back: perhaps the device is done and did not say so, which
 * its head tells. Returns whether that helped.
 */
static bool take_by_head(struct ixgbe_queue *queue)
{
    struct ixgbe_ring *ring = &queue->tx;
    uint32_t head = drv_read32(ixgbe_reg(queue, IXGBE_TDH));
    uint32_t end = ring->batch_end[ring->clean];

    if (head >= IXGBE_RING ||
        distance(ring->clean, head) <= distance(ring->clean, end))
        return false;
    ring->descriptors[end].control |= IXGBE_TX_DD;
    return true;
}

/* After a call that freed nothing although the ring was full. */
static void watch(struct ixgbe_queue *queue)
{
    uint64_t now;

    if (free_descriptors(&queue->tx) > 0) {
        queue->stalled_since = 0;
        return;
    }
    now = tp_nanoseconds();
    if (queue->stalled_since == 0) {
        queue->stalled_since = now;
    } else if (now - queue->stalled_since > STALL_NANOSECONDS &&
               !take_by_head(queue)) {
        IXGBE_LOG("the transmit ring is stuck");
        queue->stalled_since = 0;
        queue->broken = true;
    }
}

uint32_t ixgbe_transmit(struct ixgbe_queue *queue, struct queue *packets,
                        struct queue *collect, uint64_t packet_bytes)
{
    struct batch frames = batch_open(packets), done = batch_open(collect);
    struct ixgbe_ring *ring = &queue->tx;
    uint32_t count;

    take_back(ring, &done);
    make_room(ring, frames.length);
    count = free_descriptors(ring);
    if (count > frames.length)
        count = frames.length;
    count = fill_batch(queue, count, &frames, &done, packet_bytes);
    batch_close(&frames, packets);
    batch_close(&done, collect);
    if (count > 0)
        submit(queue, count);
    watch(queue);
    return count;
}

/* What was not taken back is lost, and its buffers are free. */
void ixgbe_transmit_restart(struct ixgbe_queue *queue)
{
    struct ixgbe_ring *ring = &queue->tx;
    uint32_t done;

    while ((done = oldest_done(ring)) > 0)
        for (; done > 0; done--) {
            (void)rref_packet_drop(&ring->buffers[ring->clean]);
            advance(ring, 1);
        }
    for (; ring->clean != ring->next; ring->clean = ixgbe_after(ring->clean)) {
        queue->counters.tx_lost++;
        (void)rref_packet_drop(&ring->buffers[ring->clean]);
    }
    __builtin_memset(ring->descriptors, 0, sizeof(ring->descriptors));
    ring->next = ring->clean = 0;
    queue->stalled_since = 0;
}
