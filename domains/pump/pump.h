/* SPDX-License-Identifier: MIT */
/*
 * pump.h - the loop of an application on one network interface: receive a
 * batch, work on it, send it, give the empty buffers back.
 */
#pragma once
#include "net.h"

/*
 * What an application does with a batch. It may change frames in place, and
 * take some out by pump_discard(); @buffers are free ones.
 */
typedef void pump_work(struct queue *frames, struct queue *buffers);

/* A frame that was taken out goes no further: its buffer is used again. */
static inline void pump_discard(struct rref_packet *frame,
                                struct queue *buffers)
{
    if (!queue_push_back(buffers, frame))
        (void)rref_packet_drop(frame);
}

/*
 * Run until the system is to end. The manifest wires the interface to the
 * capability "nic".
 * Returns tp_main's result: 0, or 1 when the interface failed; that is logged.
 */
int pump_run(pump_work *work);
