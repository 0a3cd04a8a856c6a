/* SPDX-License-Identifier: MIT */
/*
 * rx.c - frames from the receive ring to the caller.
 *
 * All descriptors but the one before rx.next are the device's, or done. Each
 * one that is emptied gets another buffer at once, so the ring is always
 * full; the tail is written once a batch.
 * Source: Intel 82599 datasheet, section 7.1.6 to 7.1.9.
 */
#include "drv/mmio.h"
#include "ixgbe.h"

/* A buffer for the device: the caller's, or a new one; null for neither. */
static inline struct rref_packet fresh_buffer(struct queue *packets)
{
    struct rref_packet packet;

    if (queue_pop_front(packets, &packet))
        return packet;
    return rref_packet_new();
}

/* The frame is whole and without error. */
static inline bool is_good(uint64_t control)
{
    return (control & (IXGBE_RX_EOP | IXGBE_RX_ERRORS)) == IXGBE_RX_EOP;
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

uint32_t ixgbe_receive(struct ixgbe *nic, struct queue *packets,
                       struct queue *collect)
{
    uint32_t first = nic->rx.next, next = first, received = 0, looked;

    for (looked = 0; looked < IXGBE_RING; looked++) {
        uint64_t control = __atomic_load_n(
            &nic->rx.descriptors[next].control, __ATOMIC_ACQUIRE);
        struct rref_packet frame = nic->rx.buffers[next], fresh;
        uint32_t length = IXGBE_RX_LENGTH(control);
        struct packet *packet;

        if (!(control & IXGBE_RX_DD) || queue_is_full(collect))
            break;
        if (length > sizeof(packet->data)) {
            IXGBE_LOG("a frame longer than its buffer");
            nic->ready = false;
            break;
        }
        if (!is_good(control)) {
            nic->rx_dropped++;
            arm(nic, next, frame);
            next = ixgbe_after(next);
            continue;
        }
        fresh = fresh_buffer(packets);
        nic->starved = rref_packet_is_null(fresh);
        if (nic->starved)
            break; /* the frame waits in the ring until there is one */
        packet = rref_packet_value(frame);
        packet->length = (uint16_t)length;
        packet->flags = 0;
        queue_push_back(collect, &frame);
        arm(nic, next, fresh);
        next = ixgbe_after(next);
        received++;
    }
    if (next != first) {
        nic->rx.next = next;
        drv_write32(IXGBE_RDT, (next + IXGBE_RING - 1) % IXGBE_RING);
    }
    return received;
}
