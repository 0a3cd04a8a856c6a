/* SPDX-License-Identifier: MIT */
/*
 * slow.c - an application that sends every frame back, but takes five
 * milliseconds for each batch: for tests that need a run to last.
 */
#include "pump.h"
#include "tepal/kernel.h"

#define NANOSECONDS 5000000u

static void dawdle(struct queue *frames, struct queue *buffers)
{
    uint64_t start = tp_nanoseconds();

    (void)frames;
    (void)buffers;
    while (tp_nanoseconds() - start < NANOSECONDS)
        ;
}

int tp_main(void)
{
    return pump_run(dawdle);
}
