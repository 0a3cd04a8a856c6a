/* SPDX-License-Identifier: MIT */
/*
 * tap.c - lends what goes by to a recorder, in both directions: a link of a
 * chain of net interfaces, or its end, where every frame is sent back.
 *
 * No frame is copied, moved or held up for it. A recorder that fails or dies
 * does not stop traffic: frames that it did not take are counted, and that is
 * logged once.
 */
#include "net_import.h"
#include "stage.h"
#include "tepal/kernel.h"

RECORDER_CAP(recorder);

#define LOG(text) tp_log(text, sizeof(text) - 1)

static struct {
    uint64_t frames, recorded, not_recorded; /* a frame in each direction */
    bool has_complained;
} tap;

static void complain(struct rpc rpc)
{
    if (tap.has_complained)
        return;
    tap.has_complained = true;
    if (rpc.result == RPC_CRASHED || rpc.result == RPC_DEAD)
        LOG("the recorder is dead; traffic goes on");
    else if (rpc.result != RPC_OK)
        LOG("the recorder could not be called; traffic goes on");
    else
        LOG("the recorder failed; traffic goes on");
}

static void record(const struct queue *frames, enum net_direction direction)
{
    struct rpc rpc = recorder_write(recorder, frames, direction);
    uint32_t count = queue_len(frames);

    tap.frames += count;
    if (rpc_is_ok(rpc)) {
        tap.recorded += count;
    } else {
        tap.not_recorded += count;
        complain(rpc);
    }
}

static void on_received(struct queue *frames, struct queue *buffers)
{
    (void)buffers;
    record(frames, NET_DIRECTION_RECEIVED);
}

static void on_sent(const struct queue *frames)
{
    record(frames, NET_DIRECTION_SENT);
}

/* What was received is sent as it is. */
static void at_the_end(struct queue *frames, struct queue *buffers)
{
    on_received(frames, buffers);
    on_sent(frames);
}

int tp_main(void)
{
    TP_COUNTER("frames", &tap.frames);
    TP_COUNTER("recorded", &tap.recorded);
    TP_COUNTER("not_recorded", &tap.not_recorded);
    return tp_is_called() ? stage_run_watching(on_received, on_sent)
                          : pump_run(at_the_end);
}
