/* SPDX-License-Identifier: MIT */
/*
 * pump.c - receive, work, send.
 *
 * Two deques go round: frames that came in, and buffers that are free. The
 * interface makes buffers when it gets none, so the first round starts
 * empty. No frame is held back: a batch is sent before the next is received.
 */
#include "pump.h"
#include "net_import.h"
#include "tepal/kernel.h"

NET_CAP(nic);

#define LOG(text) tp_log(text, sizeof(text) - 1)

/* How long a link may be down before it is given up. */
#define LINK_NANOSECONDS 10000000000ull
/* How long frames may wait for a device after all else has ended. */
#define SEND_NANOSECONDS 1000000000ull

static uint64_t frames_worked; /* shown as "frames" unless work shows its own */
static uint64_t down_since; /* nanoseconds; 0 = the link is up */

static void log_failure(struct rpc rpc)
{
    if (rpc.result == RPC_CRASHED || rpc.result == RPC_DEAD)
        LOG("the driver is dead");
    else if (rpc.result != RPC_OK)
        LOG("the driver could not be called");
    else if (rpc.detail == NET_ERROR_LINK_DOWN)
        LOG("the link stays down");
    else
        LOG("the device failed");
}

/* A link that went down may come back: wait for it, but not for ever. */
static bool link_may_come_back(void)
{
    uint64_t now = tp_nanoseconds();

    if (down_since == 0) {
        LOG("the link is down");
        down_since = now;
    }
    return now - down_since < LINK_NANOSECONDS;
}

static bool poll(struct queue *packets, struct queue *collect, bool tx,
                 uint64_t *count)
{
    struct rpc rpc;

    do /* as long as it is another thread's */
        rpc = net_submit_and_poll(nic, packets, collect, tx, 0, count);
    while (rpc.result == RPC_BUSY && !tp_idle());
    if (rpc_is_ok(rpc)) {
        down_since = 0;
        return true;
    }
    if (rpc.result == RPC_OK && rpc.detail == NET_ERROR_LINK_DOWN &&
        link_may_come_back())
        return true;
    log_failure(rpc);
    return false;
}

/*
 * Until the last frame is with the device. When the system is to end, a device
 * that takes none may still need the time to recover.
 */
static bool send_all(struct queue *frames, struct queue *buffers)
{
    uint64_t sent, ended = 0;

    while (!queue_is_empty(frames)) {
        if (!poll(frames, buffers, true, &sent))
            return false;
        if (sent > 0 || queue_is_empty(frames) || !tp_idle())
            continue;
        if (ended == 0)
            ended = tp_nanoseconds();
        if (tp_nanoseconds() - ended > SEND_NANOSECONDS) {
            LOG("the system ended before every frame was sent");
            return false;
        }
    }
    return true;
}

/* The system ends only after a look that found nothing came last. */
int pump_run(pump_work *work)
{
    struct queue buffers = {0}, frames = {0};
    bool ending = false;
    uint64_t received;

    (void)TP_COUNTER("frames", &frames_worked);
    for (;;) {
        if (!poll(&buffers, &frames, false, &received))
            return 1;
        if (queue_is_empty(&frames)) {
            if (ending)
                return 0;
            ending = tp_idle();
            continue;
        }
        ending = false;
        frames_worked += queue_len(&frames);
        work(&frames, &buffers);
        if (!send_all(&frames, &buffers))
            return 1;
    }
}
