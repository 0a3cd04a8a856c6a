/* SPDX-License-Identifier: MIT */
/*
 * meddler.c - adds a backend to a load balancer and takes it away again, on a
 * thread of its own, as often as it can while frames go through.
 */
#include "balancer_import.h"
#include "tepal/kernel.h"
#include <stdio.h>

#define CHANGES 300u
#define PATIENCE 20000000u

BALANCER_CAP(balancer);

int tp_main(void);

static uint32_t refused;

/* Whether it has to be asked again. */
static bool is_busy(struct rpc rpc)
{
    bool busy = rpc.result == RPC_BUSY ||
                (rpc.result == RPC_OK && rpc.detail == BALANCER_ERROR_BUSY);

    refused += busy;
    return busy && refused < PATIENCE;
}

static bool change(void)
{
    struct rpc added, removed;
    uint32_t index = 0;

    do
        added = balancer_add(balancer, 0x0200000000c8, &index);
    while (is_busy(added));
    do
        removed = balancer_remove(balancer, index);
    while (is_busy(removed));
    return rpc_is_ok(added) && rpc_is_ok(removed);
}

int tp_main(void)
{
    uint32_t done;

    for (done = 0; done < CHANGES && change(); done++)
        continue;
    printf("%u changes", done);
    return done != CHANGES;
}
