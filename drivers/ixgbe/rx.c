/* SPDX-License-Identifier: MIT */
/*
 * rx.c - frames from the receive ring to the caller.
 *
 * All descriptors but the one before rx.next are the device's, or done. Each
 * one that is emptied gets another buffer at once, so the ring is always
 * full; the tail is written once a batch.
 * Source: Intel 82599 datasheet, section 7.1.6 to 7.1.9.
 */
#include "batch.h"
#include "drv/mmio.h"
#include "ixgbe.h"

#define DONE_WELL (IXGBE_RX_DD | IXGBE_RX_EOP)

static inline uint64_t control_of(const struct ixgbe *nic, uint32_t index)
{
    return __atomic_load_n(&nic->rx.descriptors[index].control,
                           __ATOMIC_ACQUIRE);
}

/* A buffer for the device: the caller's, or a new one; null for neither. */
static inline struct rref_packet fresh_buffer(struct batch *packets)
{
    return packets->length > 0 ? batch_take(packets) : rref_packet_new();
}

/* Give descriptor @index back to the device, with @packet behind it. */
static inline void arm(struct ixgbe *nic, uint32_t index,
                       struct rref_packet packet)
{
    struct ixgbe_descriptor *descriptor = &nic->rx.descriptors[index];

    nic->rx.buffers[index] = packet;
    descriptor->address = ixgbe_bus(nic, packet);
    descriptor->control = 0;
}

/* Hand the frame of descriptor @index out, and arm it with @fresh. */
static inline void hand_out(struct ixgbe *nic, uint32_t index,
                            uint32_t length, struct rref_packet fresh,
                            struct batch *collect)
{
    struct rref_packet frame = nic->rx.buffers[index];
    struct packet *packet = rref_packet_value(frame);

    packet->length = (uint16_t)length;
    packet->flags = 0;
    batch_put(collect, frame);
    arm(nic, index, fresh);
}

/* Pass over done frames that are broken; at most once round the ring. */
static uint32_t skip_bad(struct ixgbe *nic, uint32_t next)
{
    uint32_t i;

    for (i = 0; i < IXGBE_RING; i++) {
        uint64_t control = control_of(nic, next);

        if (!(control & IXGBE_RX_DD) ||
            (control & (DONE_WELL | IXGBE_RX_ERRORS)) == DONE_WELL)
            break;
        nic->rx_dropped++;
        arm(nic, next, nic->rx.buffers[next]);
        next = ixgbe_after(next);
    }
    return next;
}

/* Returns the descriptor to look at next. */
static uint32_t receive_good(struct ixgbe *nic, uint32_t next,
                             struct batch *packets, struct batch *collect)
{
    while (batch_room(collect) > 0) {
        uint64_t control = control_of(nic, next);
        uint32_t length = IXGBE_RX_LENGTH(control);
        struct rref_packet fresh;

        if ((control & (DONE_WELL | IXGBE_RX_ERRORS)) != DONE_WELL)
            break;
        if (length > sizeof(((struct packet *)0)->data)) {
            IXGBE_LOG("a frame longer than its buffer");
            nic->ready = false;
            break;
        }
        fresh = fresh_buffer(packets);
        if (rref_packet_is_null(fresh)) {
            nic->starved = true; /* the frame waits until there is one */
            break;
        }
        hand_out(nic, next, length, fresh, collect);
        next = ixgbe_after(next);
    }
    return next;
}

uint32_t ixgbe_receive(struct ixgbe *nic, struct queue *packets,
                       struct queue *collect)
{
    struct batch fresh = batch_open(packets), frames = batch_open(collect);
    uint32_t before = frames.length, next;

    nic->starved = false;
    next = skip_bad(nic, nic->rx.next);
    next = receive_good(nic, next, &fresh, &frames);
    batch_close(&fresh, packets);
    batch_close(&frames, collect);
    if (next != nic->rx.next) {
        nic->rx.next = next;
        drv_write32(IXGBE_RDT, (next + IXGBE_RING - 1) % IXGBE_RING);
    }
    return frames.length - before;
}
