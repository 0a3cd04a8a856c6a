/* SPDX-License-Identifier: MIT */
/* forward.c - an application domain that sends every frame back unchanged. */
#include "pump.h"

static void leave(struct queue *frames, struct queue *buffers)
{
    (void)frames;
    (void)buffers;
}

int tp_main(void)
{
    return pump_run(leave);
}
