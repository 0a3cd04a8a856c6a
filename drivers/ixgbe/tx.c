/* SPDX-License-Identifier: MIT */
/*
 * tx.c - frames from the caller to the transmit ring, and their buffers back.
 *
 * From tx.clean up to tx.next the descriptors are the device's, or done and
 * not taken back yet; one descriptor always stays empty, so that a full ring
 * differs from an empty one. The tail is written once a batch.
 * Source: Intel 82599 datasheet, section 7.2.3.
 */
#include "drv/mmio.h"
#include "ixgbe.h"

#define STALL_NANOSECONDS 2000000000ull

static inline bool oldest_is_done(const struct ixgbe_ring *ring)
{
    return ring->clean != ring->next &&
           (__atomic_load_n(&ring->descriptors[ring->clean].control,
                            __ATOMIC_ACQUIRE) &
            IXGBE_TX_DD);
}

static inline bool ring_is_full(const struct ixgbe_ring *ring)
{
    return ixgbe_after(ring->next) == ring->clean;
}

/* Hand done buffers to @collect as long as it has room. */
static void take_back(struct ixgbe_ring *ring, struct queue *collect)
{
    while (!queue_is_full(collect) && oldest_is_done(ring)) {
        queue_push_back(collect, &ring->buffers[ring->clean]);
        ring->clean = ixgbe_after(ring->clean);
    }
}

/* Room for one more frame, even when nobody wants the old buffer back. */
static bool has_room(struct ixgbe_ring *ring)
{
    if (!ring_is_full(ring))
        return true;
    if (!oldest_is_done(ring))
        return false;
    (void)rref_packet_drop(&ring->buffers[ring->clean]);
    ring->clean = ixgbe_after(ring->clean);
    return true;
}

/* A frame that cannot be sent: its buffer is done. */
static void drop(struct ixgbe *nic, struct rref_packet frame,
                 struct queue *collect)
{
    nic->tx_dropped++;
    if (!queue_push_back(collect, &frame))
        (void)rref_packet_drop(&frame);
}

static inline void fill(struct ixgbe *nic, struct rref_packet frame,
                        uint64_t bytes)
{
    struct ixgbe_ring *ring = &nic->tx;
    struct ixgbe_descriptor *descriptor = &ring->descriptors[ring->next];

    ring->buffers[ring->next] = frame;
    descriptor->address = ixgbe_bus(nic, frame);
    descriptor->control = IXGBE_TX_FRAME | IXGBE_TX_PAYLEN(bytes) | bytes;
    ring->next = ixgbe_after(ring->next);
}

/* A ring that stays full for two seconds belongs to a device that hangs. */
static void watch(struct ixgbe *nic)
{
    uint64_t now;

    if (!ring_is_full(&nic->tx)) {
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
    struct ixgbe_ring *ring = &nic->tx;
    uint32_t queued = 0;

    take_back(ring, collect);
    while (!queue_is_empty(packets) && has_room(ring)) {
        struct rref_packet frame;
        uint64_t bytes;

        queue_pop_front(packets, &frame);
        bytes = rref_packet_value(frame)->length;
        if (bytes == 0)
            bytes = packet_bytes;
        if (bytes < IXGBE_FRAME_MIN || bytes > IXGBE_FRAME_MAX) {
            drop(nic, frame, collect);
            continue;
        }
        fill(nic, frame, bytes);
        queued++;
    }
    if (queued > 0)
        drv_write32(IXGBE_TDT, ring->next);
    watch(nic);
    return queued;
}
