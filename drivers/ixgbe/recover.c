/* SPDX-License-Identifier: MIT */
/*
 * recover.c - find out what is wrong with a device that does not move, and
 * reset one that does what it cannot do.
 *
 * A device is reset at most RESETS_MAX times in WINDOW; one that needs it more
 * often has failed, which every caller is told. Frames that it had to send are
 * lost then and counted; what it had received and not handed over is lost with
 * its descriptors.
 * Source: Intel 82599 datasheet, section 4.6.3.2.
 */
#include "drv/mmio.h"
#include "ixgbe.h"

#define RESETS_MAX 8
#define WINDOW (10000 * IXGBE_MILLISECOND)
#define PATIENCE (1000 * IXGBE_MILLISECOND)
/* Empty polls between two looks at what costs a register. */
#define LOOK_EACH 64

static void fail(void)
{
    __atomic_store_n(&ixgbe.state, IXGBE_FAILED, __ATOMIC_SEQ_CST);
}

/*
 * Frames were missed since the look before this one, and none was received:
 * there were descriptors all the time. Reading clears. With several queues it
 * may have been another's frames.
 */
static bool receiver_hangs(const struct ixgbe_queue *queue)
{
    uint32_t missed = drv_read32(IXGBE_MPC);

    if (missed == IXGBE_GONE)
        return false;
    ixgbe.missed += missed;
    return missed > 0 && queue->idle_polls >= 2 * LOOK_EACH &&
           ixgbe.queue_count == 1;
}

/* The device does not have the tail that it was given. */
static bool tail_is_wrong(const struct ixgbe_queue *queue)
{
    return drv_read32(ixgbe_reg(queue, IXGBE_RDT)) !=
           (queue->rx.next + IXGBE_RING - 1) % IXGBE_RING;
}

/*
 * The device has passed a descriptor that it never said was done. Its head is
 * read first: a device writes the descriptor before it moves on.
 */
static bool status_was_lost(const struct ixgbe_queue *queue)
{
    uint32_t head = drv_read32(ixgbe_reg(queue, IXGBE_RDH));

    return head < IXGBE_RING && head != queue->rx.next &&
           !(__atomic_load_n(
                 &queue->rx.descriptors[queue->rx.next].control,
                 __ATOMIC_ACQUIRE) &
             IXGBE_RX_DD);
}

uint32_t ixgbe_look(struct ixgbe_queue *queue, bool tx)
{
    uint32_t links = drv_read32(IXGBE_LINKS);

    if (links == IXGBE_GONE) {
        IXGBE_LOG("the device is gone");
        fail();
        return NET_ERROR_DEVICE_FAILED;
    }
    if (!(links & IXGBE_LINKS_UP))
        return NET_ERROR_LINK_DOWN;
    if (tx || ++queue->idle_polls % LOOK_EACH)
        return 0;
    if (receiver_hangs(queue) || tail_is_wrong(queue)) {
        IXGBE_LOG("the receiver hangs");
        queue->broken = true;
    } else if (status_was_lost(queue)) {
        IXGBE_LOG("a received frame was never reported");
        queue->broken = true;
    }
    return 0;
}

/* Wait until no other thread is inside; false when one stays. */
static bool alone(const struct ixgbe_queue *queue)
{
    uint64_t deadline = tp_nanoseconds() + PATIENCE;
    uint32_t i;

    for (i = 0; i < ixgbe.queue_count; i++)
        while (&ixgbe.queues[i] != queue &&
               __atomic_load_n(&ixgbe.queues[i].busy, __ATOMIC_SEQ_CST)) {
            if (tp_nanoseconds() > deadline)
                return false;
            (void)tp_idle();
        }
    return true;
}

static bool too_often(void)
{
    uint64_t now = tp_nanoseconds();

    if (ixgbe.resets_in_window == 0 || now - ixgbe.window_start > WINDOW) {
        ixgbe.window_start = now;
        ixgbe.resets_in_window = 0;
    }
    return ++ixgbe.resets_in_window > RESETS_MAX;
}

bool ixgbe_recover(struct ixgbe_queue *queue)
{
    uint32_t ready = IXGBE_READY, i;

    queue->broken = false;
    if (!__atomic_compare_exchange_n(&ixgbe.state, &ready, IXGBE_RESETTING,
                                     false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST))
        return ready == IXGBE_RESETTING; /* another thread is at it */
    ixgbe.resets++;
    if (too_often()) {
        IXGBE_LOG("the device needs a reset too often: given up");
        fail();
        return false;
    }
    if (!alone(queue) || !ixgbe_init()) {
        IXGBE_LOG("the device does not come back");
        fail();
        return false;
    }
    for (i = 0; i < ixgbe.queue_count; i++)
        ixgbe.queues[i].broken = false;
    IXGBE_LOG("the device was reset");
    __atomic_store_n(&ixgbe.state, IXGBE_READY, __ATOMIC_SEQ_CST);
    return true;
}
