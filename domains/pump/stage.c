/* SPDX-License-Identifier: MIT */
/*
 * stage.c - receive below, work, hand up.
 *
 * Frames that were worked on and find no place in the caller's deque wait for
 * its next call, so that each is worked on once and none is lost. A driver
 * below that dies is the caller's failed device: what it had is gone, and the
 * stage itself lives.
 */
#include "stage.h"
#include "net_import.h"
#include "tepal/kernel.h"

/* Batches that may vanish in one call; the caller's budget pays for them. */
#define ROUNDS_MAX 64
/* How often another thread, that is inside, is waited for. */
#define TRIES_MAX 100000

extern struct net_cap nic; /* pump.c asks for it */

static pump_work *work_of_stage;
static stage_watch *watch_of_stage; /* NULL for none */
static struct queue waiting;
/* What was shown and found no room below: handles, which are the caller's. */
static struct queue unsent;
static bool inside;

bool stage_enter(void)
{
    return !__atomic_exchange_n(&inside, true, __ATOMIC_ACQUIRE);
}

void stage_leave(void)
{
    __atomic_store_n(&inside, false, __ATOMIC_RELEASE);
}

/* Who is inside leaves soon, but for one that calls itself. */
static bool wait_to_enter(void)
{
    uint32_t tries;

    for (tries = 0; tries < TRIES_MAX; tries++) {
        if (stage_enter())
            return true;
        (void)tp_idle();
    }
    return false;
}

/* What the caller is told. */
static uint32_t error_of(struct rpc rpc)
{
    if (rpc_is_ok(rpc))
        return 0;
    if (rpc.result == RPC_OK && rpc.detail == NET_ERROR_LINK_DOWN)
        return NET_ERROR_LINK_DOWN;
    return NET_ERROR_DEVICE_FAILED;
}

static uint32_t call_below(struct queue *packets, struct queue *collect,
                           bool tx, uint64_t pkt_len, uint64_t *count)
{
    struct rpc rpc;

    *count = 0;
    do /* as long as it is another thread's */
        rpc = net_submit_and_poll(nic, packets, collect, tx, pkt_len, count);
    while (rpc.result == RPC_BUSY && !tp_idle());
    return error_of(rpc);
}

/* Its index in unsent, or how many there are. */
static uint32_t find_unsent(struct rref_packet frame)
{
    uint32_t index = 0;
    struct rref_packet one;

    while (queue_next(&unsent, &index, &one))
        if (one.handle == frame.handle)
            return index - 1;
    return queue_len(&unsent);
}

/* They came in anew: another frame in the buffer of one that was not sent. */
static void forget_unsent(const struct queue *frames)
{
    uint32_t index = 0;
    struct rref_packet frame, gone;

    while (!queue_is_empty(&unsent) && queue_next(frames, &index, &frame))
        (void)queue_remove(&unsent, find_unsent(frame), &gone);
}

static void say_length(struct rref_packet frame, uint64_t pkt_len)
{
    struct packet *packet = rref_packet_value(frame);

    if (packet->length == 0 && pkt_len <= UINT16_MAX)
        packet->length = (uint16_t)pkt_len;
}

static void show_sent(const struct queue *packets, uint64_t pkt_len)
{
    struct queue fresh = {0};
    struct rref_packet frame;
    uint32_t index = 0;

    while (queue_next(packets, &index, &frame))
        if (find_unsent(frame) == queue_len(&unsent)) {
            say_length(frame, pkt_len);
            (void)queue_push_back(&fresh, &frame);
        }
    if (!queue_is_empty(&fresh))
        watch_of_stage(&fresh);
}

static uint32_t send(struct queue *packets, struct queue *collect,
                     uint64_t pkt_len, uint64_t *count)
{
    uint32_t error;

    if (watch_of_stage)
        show_sent(packets, pkt_len);
    error = call_below(packets, collect, true, pkt_len, count);
    if (watch_of_stage)
        unsent = *packets;
    return error;
}

/* Until a frame is left of a batch, or there are no more below. */
static uint32_t receive(struct queue *buffers, struct queue *frames,
                        uint64_t pkt_len)
{
    uint64_t count;
    uint32_t error, round;

    for (round = 0; round < ROUNDS_MAX; round++) {
        error = call_below(buffers, frames, false, pkt_len, &count);
        if (error || queue_is_empty(frames))
            return error;
        forget_unsent(frames);
        work_of_stage(frames, buffers);
        if (!queue_is_empty(frames))
            return 0;
    }
    return 0;
}

static uint32_t hand_up(struct queue *buffers, struct queue *collect,
                        uint64_t pkt_len, uint64_t *count)
{
    bool direct = queue_is_empty(&waiting) && queue_is_empty(collect);
    struct queue *frames = direct ? collect : &waiting;
    uint32_t before = direct ? 0 : queue_len(collect), error = 0;

    if (queue_is_empty(frames))
        error = receive(buffers, frames, pkt_len);
    if (!direct)
        queue_append(collect, &waiting);
    *count = queue_len(collect) - before;
    return *count ? 0 : error;
}

uint32_t stage_submit_and_poll(struct queue *packets, struct queue *collect,
                               bool tx, uint64_t pkt_len, uint64_t *count)
{
    uint32_t error;

    *count = 0;
    if (!work_of_stage)
        return NET_ERROR_DEVICE_FAILED;
    if (!wait_to_enter())
        return 0;
    if (tx)
        error = send(packets, collect, pkt_len, count);
    else
        error = hand_up(packets, collect, pkt_len, count);
    stage_leave();
    return error;
}

NET_EXPORT_OF(stage, net);

int stage_run(pump_work *work)
{
    if (!tp_is_called())
        return pump_run(work);
    work_of_stage = work;
    return 0;
}

int stage_run_watching(pump_work *work, stage_watch *sent)
{
    work_of_stage = work;
    watch_of_stage = sent;
    return 0;
}
