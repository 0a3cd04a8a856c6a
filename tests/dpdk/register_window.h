/* SPDX-License-Identifier: MIT */
/*
 * register_window.h - a device model's registers as memory, for a driver that
 * loads and stores: memory that nobody may touch, and each touch is carried
 * out on the model.
 *
 * What a bus does with an access: 32 bits at a multiple of four, moved from or
 * to a register or an immediate. Anything else (narrower, wider, unaligned,
 * read-modify-write, vectors) ends the process with SIGABRT, and the
 * instruction's bytes on standard error.
 *
 * One window at a time. Any thread may access it: the model's operations run
 * in the signal handler of the thread that did, with the device's lock held.
 */
#pragma once
#include "tepal_trusted/device.h"

struct register_accesses {
    uint64_t reads, writes;
};

/* Where @device's registers stand from now on, until register_window_close. */
void *register_window_open(struct device *device);
void register_window_close(void);

/* What has gone through the newest window. */
struct register_accesses register_window_accesses(void);
