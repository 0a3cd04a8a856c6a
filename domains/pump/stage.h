/* SPDX-License-Identifier: MIT */
/*
 * stage.h - a packet function as a link of a chain of net interfaces.
 *
 * Below it lies the interface that the manifest wires to "nic". A packet
 * function that nobody is wired to is the end of its chain and runs the loop
 * of pump.h. Any other is a stage: it exports "net" itself, works on what it
 * receives from below and hands it up; what is sent passes through.
 */
#pragma once
#include "pump.h"

/*
 * Be what the manifest makes of this domain, with @work done on each batch.
 * Returns tp_main's result: at an end that of pump_run(); a stage is ready
 * to be called when tp_main returns the 0.
 */
int stage_run(pump_work *work);

/* Who only looks at a batch. The frames stay where they are. */
typedef void stage_watch(const struct queue *frames);

/*
 * A stage, whoever calls it, that also shows @sent what its caller sends: each
 * frame once, before it goes down, even if it takes several calls until there
 * is room for it below. A frame that says 0 has been given its length by then.
 * Returns 0.
 */
int stage_run_watching(pump_work *work, stage_watch *sent);

/*
 * Around whatever touches what @work touches, for other interfaces of the same
 * domain. In an affine domain the kernel lets one thread in at a time, and
 * nobody is ever turned away here.
 * Errors: false: another thread of an open domain is inside.
 */
bool stage_enter(void);
void stage_leave(void);

/*
 * What a stage exports: net's submit_and_poll(). Receiving, at most 64 batches
 * of which nothing is left are worked on in one call.
 * What belongs to another thread is waited for.
 * Errors: those of the interface below; NET_ERROR_DEVICE_FAILED when it is dead
 *         or cannot be called, or is another thread's until the system ends.
 */
uint32_t stage_submit_and_poll(struct queue *packets, struct queue *collect,
                               bool tx, uint64_t pkt_len, uint64_t *count);
