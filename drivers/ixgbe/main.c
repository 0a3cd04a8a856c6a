/* SPDX-License-Identifier: MIT */
/*
 * main.c - the ixgbe driver domain: the net interface on an 82599, once for
 * each of its queues.
 *
 * The domain's own thread brings the device up and ends; from then on the
 * driver runs on its callers' threads, one at a time in a queue.
 * Source: thesis, Listing 10.
 */
#include "ixgbe.h"

struct ixgbe ixgbe;

/* One more look after waiting for an interrupt. */
static uint32_t receive_later(struct ixgbe_queue *queue, struct queue *packets,
                              struct queue *collect)
{
    bool raised = ixgbe_irq_wait(queue);
    uint32_t moved = ixgbe_receive(queue, packets, collect);

    ixgbe_irq_judge(queue, raised, moved > 0);
    return moved;
}

static uint32_t why_nothing_moves(struct ixgbe_queue *queue, bool tx)
{
    if (!tx && queue->starved) {
        IXGBE_LOG("no memory for another receive buffer");
        return NET_ERROR_DEVICE_FAILED;
    }
    return ixgbe_look(queue, tx);
}

static uint32_t move(struct ixgbe_queue *queue, struct queue *packets,
                     struct queue *collect, bool tx, uint64_t pkt_len,
                     uint64_t *count)
{
    uint32_t moved, error = 0;

    if (tx) {
        moved = ixgbe_transmit(queue, packets, collect, pkt_len);
        queue->counters.tx_frames += moved;
    } else {
        moved = ixgbe_receive(queue, packets, collect);
        if (moved == 0 && ixgbe.interrupts && !queue->polls &&
            !queue->starved && !queue->broken)
            moved = receive_later(queue, packets, collect);
        queue->counters.rx_frames += moved;
    }
    *count = moved;
    if (moved > 0)
        queue->idle_polls = 0;
    else if (!queue->broken)
        error = why_nothing_moves(queue, tx);
    if (__builtin_expect(queue->broken, 0) && !ixgbe_recover(queue))
        error = NET_ERROR_DEVICE_FAILED;
    return error;
}

/*
 * A queue that another thread is in, or whose device is being reset, has
 * nothing to give just now. Between "busy" and the state there is an order: a
 * reset first takes the state and then waits for whoever is busy.
 */
static uint32_t submit_and_poll(struct ixgbe_queue *queue,
                                struct queue *packets, struct queue *collect,
                                bool tx, uint64_t pkt_len, uint64_t *count)
{
    uint32_t state, error = 0;

    *count = 0;
    if (__atomic_exchange_n(&queue->busy, true, __ATOMIC_SEQ_CST))
        return 0;
    state = __atomic_load_n(&ixgbe.state, __ATOMIC_SEQ_CST);
    if (queue->number >= ixgbe.queue_count)
        state = IXGBE_FAILED;
    if (state == IXGBE_READY)
        error = move(queue, packets, collect, tx, pkt_len, count);
    else if (state == IXGBE_FAILED)
        error = NET_ERROR_DEVICE_FAILED;
    __atomic_store_n(&queue->busy, false, __ATOMIC_RELEASE);
    return error;
}

#define QUEUE(n)                                                               \
    static uint32_t queue##n##_submit_and_poll(                                \
        struct queue *packets, struct queue *collect, bool tx,                 \
        uint64_t pkt_len, uint64_t *count)                                     \
    {                                                                          \
        return submit_and_poll(&ixgbe.queues[n], packets, collect, tx,         \
                               pkt_len, count);                                \
    }                                                                          \
    NET_EXPORT_OF(queue##n, net##n)

QUEUE(1);
QUEUE(2);
QUEUE(3);
QUEUE(4);
QUEUE(5);
QUEUE(6);
QUEUE(7);

uint32_t net_impl_submit_and_poll(struct queue *packets, struct queue *collect,
                                  bool tx, uint64_t pkt_len, uint64_t *count)
{
    return submit_and_poll(&ixgbe.queues[0], packets, collect, tx, pkt_len,
                           count);
}

NET_EXPORT();

int tp_main(void)
{
    uint32_t i;

    for (i = 0; i < IXGBE_QUEUES; i++)
        ixgbe.queues[i].number = i;
    if (!ixgbe_settings_read())
        return 1;
    ixgbe_counters_show();
    if (!ixgbe_init())
        return 1;
    ixgbe.state = IXGBE_READY;
    IXGBE_LOG("82599 ready");
    return 0;
}
