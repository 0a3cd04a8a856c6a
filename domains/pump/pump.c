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

static void log_failure(struct rpc rpc)
{
    if (rpc.result == RPC_CRASHED || rpc.result == RPC_DEAD)
        LOG("the driver is dead");
    else if (rpc.result != RPC_OK)
        LOG("the driver could not be called");
    else if (rpc.detail == NET_ERROR_LINK_DOWN)
        LOG("the link is down");
    else
        LOG("the device failed");
}

static bool poll(struct queue *packets, struct queue *collect, bool tx,
                 uint64_t *count)
{
    struct rpc rpc = net_submit_and_poll(nic, packets, collect, tx, 0, count);

    if (rpc_is_ok(rpc))
        return true;
    log_failure(rpc);
    return false;
}

/* Until the last frame is with the device. */
static bool send_all(struct queue *frames, struct queue *buffers)
{
    uint64_t sent;

    while (!queue_is_empty(frames)) {
        if (!poll(frames, buffers, true, &sent))
            return false;
        if (sent == 0 && !queue_is_empty(frames) && tp_idle()) {
            LOG("the system ended before every frame was sent");
            return false;
        }
    }
    return true;
}

int pump_run(pump_work *work)
{
    struct queue buffers = {0}, frames = {0};
    uint64_t received;

    for (;;) {
        if (!poll(&buffers, &frames, false, &received))
            return 1;
        if (queue_is_empty(&frames)) {
            if (tp_idle())
                return 0;
            continue;
        }
        work(&frames);
        if (!send_all(&frames, &buffers))
            return 1;
    }
}
