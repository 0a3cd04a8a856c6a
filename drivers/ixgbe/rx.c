/* SPDX-License-Identifier: MIT */
/*
 * rx.c - frames from the receive ring to the caller.
 *
 * All descriptors but the one before rx.next are the device's, or done. Each
 * one that is emptied gets another buffer at once, so the ring is always
 * full; the tail is written once a batch.
 *
 * A write-back is believed when it has changed the whole descriptor: one that
 * is said to be done and still holds the buffer's address was never written,
 * and is none. A frame over several buffers is none that was asked for, and is
 * dropped to its end.
 * Source: Intel 82599 datasheet, section 7.1.6 to 7.1.9.
 */
#include "batch.h"
#include "drv/mmio.h"
#include "ixgbe.h"

#define DONE_WELL (IXGBE_RX_DD | IXGBE_RX_EOP)

static inline uint64_t control_of(const struct ixgbe_ring *ring,
                                  uint32_t index)
{
    return __atomic_load_n(&ring->descriptors[index].control,
                           __ATOMIC_ACQUIRE);
}

/* Needs: what control_of() gave says that it is done. */
static inline bool was_written(const struct ixgbe_ring *ring, uint32_t index)
{
    return ring->descriptors[index].address !=
           ixgbe_bus(ring->buffers[index]);
}

/* A buffer for the device: the caller's, or a new one; null for neither. */
static inline struct rref_packet fresh_buffer(struct batch *packets)
{
    return packets->length > 0 ? batch_take(packets) : rref_packet_new();
}

/* Give descriptor @index back to the device, with @packet behind it. */
static inline void arm(struct ixgbe_ring *ring, uint32_t index,
                       struct rref_packet packet)
{
    struct ixgbe_descriptor *descriptor = &ring->descriptors[index];

    ring->buffers[index] = packet;
    descriptor->address = ixgbe_bus(packet);
    descriptor->control = 0;
}

/* Hand the frame of descriptor @index out, and arm it with @fresh. */
static inline void hand_out(struct ixgbe_ring *ring, uint32_t index,
                            uint32_t length, struct rref_packet fresh,
                            struct batch *collect)
{
    struct rref_packet frame = ring->buffers[index];
    struct packet *packet = rref_packet_value(frame);

    packet->length = (uint16_t)length;
    packet->flags = 0;
    batch_put(collect, frame);
    arm(ring, index, fresh);
}

/*
 * What to do with a done descriptor that is no good frame: a damaged frame, or
 * a part of one. False: the device cannot have meant it.
 */
static __attribute__((noinline)) bool pass_over(struct ixgbe_queue *queue,
                                                uint32_t index,
                                                uint64_t control)
{
    struct ixgbe_ring *ring = &queue->rx;

    if (!was_written(ring, index)) {
        ring->descriptors[index].control = 0; /* for the real one */
        return false;
    }
    if (IXGBE_RX_LENGTH(control) > sizeof(((struct packet *)0)->data)) {
        IXGBE_LOG("a frame longer than its buffer");
        queue->broken = true;
        return false;
    }
    queue->chained = !(control & IXGBE_RX_EOP);
    queue->counters.rx_dropped++;
    arm(ring, index, ring->buffers[index]);
    return true;
}

/* Whether it is a whole frame in one buffer, and nothing is wrong with it. */
static inline bool is_good(const struct ixgbe_queue *queue, uint32_t index,
                           uint64_t control)
{
    uint32_t length = IXGBE_RX_LENGTH(control);

    return (control & (DONE_WELL | IXGBE_RX_ERRORS)) == DONE_WELL &&
           length - 1 < sizeof(((struct packet *)0)->data) &&
           !queue->chained && was_written(&queue->rx, index);
}

/* Returns the descriptor to look at next. */
static uint32_t receive_batch(struct ixgbe_queue *queue, uint32_t room,
                              struct batch *packets, struct batch *collect)
{
    struct ixgbe_ring *ring = &queue->rx;
    uint32_t next = ring->next, looked;

    /* at most once round the ring, whatever the device does meanwhile */
    for (looked = 0; room > 0 && looked < IXGBE_RING; looked++) {
        uint64_t control = control_of(ring, next);
        struct rref_packet fresh;

        if (!(control & IXGBE_RX_DD))
            break;
        if (__builtin_expect(!is_good(queue, next, control), 0)) {
            if (!pass_over(queue, next, control))
                break;
            next = ixgbe_after(next);
            continue;
        }
        fresh = fresh_buffer(packets);
        if (rref_packet_is_null(fresh)) {
            queue->starved = true; /* the frame waits until there is one */
            break;
        }
        hand_out(ring, next, IXGBE_RX_LENGTH(control), fresh, collect);
        next = ixgbe_after(next);
        room--;
    }
    return next;
}

uint32_t ixgbe_receive(struct ixgbe_queue *queue, struct queue *packets,
                       struct queue *collect)
{
    struct batch fresh = batch_open(packets), frames = batch_open(collect);
    uint32_t before = frames.length, room = batch_room(&frames), next;

    queue->starved = false;
    next = receive_batch(queue, room < ixgbe.batch ? room : ixgbe.batch,
                         &fresh, &frames);
    batch_close(&fresh, packets);
    batch_close(&frames, collect);
    if (next != queue->rx.next) {
        queue->rx.next = next;
        drv_write32(ixgbe_reg(queue, IXGBE_RDT),
                    (next + IXGBE_RING - 1) % IXGBE_RING);
    }
    return frames.length - before;
}

void ixgbe_receive_restart(struct ixgbe_queue *queue)
{
    queue->rx.next = 0;
    queue->chained = false;
    queue->idle_polls = 0;
}
