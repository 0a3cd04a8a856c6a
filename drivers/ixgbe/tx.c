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

#define STALL_NANOSECONDS 2000000000ull

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
static void drop(struct ixgbe *nic, struct rref_packet frame,
                 struct batch *collect)
{
    nic->tx_dropped++;
    if (batch_room(collect) > 0)
        batch_put(collect, frame);
    else
        (void)rref_packet_drop(&frame);
}

static inline void fill(struct ixgbe *nic, uint32_t index,
                        struct rref_packet frame, uint64_t bytes)
{
    struct ixgbe_descriptor *descriptor = &nic->tx.descriptors[index];

    nic->tx.buffers[index] = frame;
    descriptor->address = ixgbe_bus(nic, frame);
    descriptor->control = IXGBE_TX_FRAME | IXGBE_TX_PAYLEN(bytes) | bytes;
}

/* Fill descriptors with at most @count frames; returns how many it filled. */
static uint32_t fill_batch(struct ixgbe *nic, uint32_t count,
                           struct batch *packets, struct batch *collect,
                           uint64_t packet_bytes)
{
    uint32_t next = nic->tx.next;

    for (; count > 0; count--) {
        struct rref_packet frame = batch_take(packets);
        uint64_t bytes = rref_packet_value(frame)->length;

        if (bytes == 0)
            bytes = packet_bytes;
        if (bytes < IXGBE_FRAME_MIN || bytes > IXGBE_FRAME_MAX) {
            drop(nic, frame, collect);
            continue;
        }
        fill(nic, next, frame, bytes);
        next = ixgbe_after(next);
    }
    return distance(nic->tx.next, next);
}

/* Give the device the @count descriptors that were filled. */
static void submit(struct ixgbe_ring *ring, uint32_t count)
{
    uint32_t last = (ring->next + count - 1) % IXGBE_RING;

    ring->descriptors[last].control |= IXGBE_TX_RS;
    ring->batch_end[ring->next] = last;
    ring->next = ixgbe_after(last);
    drv_write32(IXGBE_TDT, ring->next);
}

/* A ring that stays full for two seconds belongs to a device that hangs. */
static void watch(struct ixgbe *nic)
{
    uint64_t now;

    if (free_descriptors(&nic->tx) > 0) {
        nic->tx_stalled_since = 0;
        return;
    }
    now = tp_nanoseconds();
    if (nic->tx_stalled_since == 0) {
        nic->tx_stalled_since = now;
    } else if (now - nic->tx_stalled_since > STALL_NANOSECONDS) {
        IXGBE_LOG("the transmit ring is stuck");
        nic->ready = false;
    }
}

uint32_t ixgbe_transmit(struct ixgbe *nic, struct queue *packets,
                        struct queue *collect, uint64_t packet_bytes)
{
    struct batch frames = batch_open(packets), done = batch_open(collect);
    struct ixgbe_ring *ring = &nic->tx;
    uint32_t count;

    take_back(ring, &done);
    make_room(ring, frames.length);
    count = free_descriptors(ring);
    if (count > frames.length)
        count = frames.length;
    count = fill_batch(nic, count, &frames, &done, packet_bytes);
    batch_close(&frames, packets);
    batch_close(&done, collect);
    if (count > 0)
        submit(ring, count);
    watch(nic);
    return count;
}
