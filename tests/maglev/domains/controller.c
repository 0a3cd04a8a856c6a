/* SPDX-License-Identifier: MIT */
/*
 * controller.c - the end of a chain above a load balancer, whose backends it
 * changes on the way: "after FRAMES: remove INDEX" and "after FRAMES: add
 * ADDRESS" in the log say when. At the end it asks what cannot be answered.
 */
#include "balancer_import.h"
#include "pump.h"
#include "tepal/kernel.h"
#include <stdio.h>

BALANCER_CAP(balancer);

int tp_main(void);

static uint32_t frames_seen, changes;

/* After so many frames at the earliest; add: an address, or an index. */
static const struct {
    uint32_t after;
    bool is_add;
    uint64_t what;
} plan[] = {
    {500, false, 2},
    {900, true, 0x0200000000c8},
    {1300, false, 0},
    {1700, false, 7},
    {2100, true, 0x0200000000c9},
    {2101, true, 0x0200000000ca},
};

#define PLAN_LENGTH (sizeof(plan) / sizeof(plan[0]))

static void change(bool is_add, uint64_t what)
{
    uint32_t index;
    struct rpc rpc = is_add ? balancer_add(balancer, what, &index)
                            : balancer_remove(balancer, (uint32_t)what);

    if (!rpc_is_ok(rpc))
        printf("wrong: result %u, error %u", rpc.result, rpc.detail);
    else if (is_add)
        printf("after %u: add %012lx", frames_seen, (unsigned long)what);
    else
        printf("after %u: remove %lu", frames_seen, (unsigned long)what);
}

static void watch(struct queue *frames, struct queue *buffers)
{
    (void)buffers;
    frames_seen += queue_len(frames);
    for (; changes < PLAN_LENGTH && frames_seen >= plan[changes].after;
         changes++)
        change(plan[changes].is_add, plan[changes].what);
}

static void expect(const char *what, struct rpc rpc, uint32_t error)
{
    if (rpc.result != RPC_OK || rpc.detail != error)
        printf("wrong: %s: result %u, error %u", what, rpc.result, rpc.detail);
}

static void ask(void)
{
    uint64_t mac, frames, bytes, flows, all = 0;
    uint32_t index, count, i, found = 0;

    expect("another of 1", balancer_add(balancer, 0x020000000005, &index),
           BALANCER_ERROR_DUPLICATE);
    expect("a group", balancer_add(balancer, 0x010000000005, &index),
           BALANCER_ERROR_BAD_ADDRESS);
    expect("remove 200", balancer_remove(balancer, 200),
           BALANCER_ERROR_NO_SUCH);
    expect("backend -1",
           balancer_backend(balancer, UINT32_MAX, &mac, &frames, &bytes,
                            &flows),
           BALANCER_ERROR_NO_SUCH);
    expect("count", balancer_count(balancer, &count), 0);
    for (i = 0; i < 255; i++) {
        if (!rpc_is_ok(
                balancer_backend(balancer, i, &mac, &frames, &bytes, &flows)))
            continue;
        found++;
        all += frames;
    }
    printf("%u of %u backends, %lu frames", found, count, (unsigned long)all);
}

int tp_main(void)
{
    int result = pump_run(watch);

    ask();
    return result;
}
