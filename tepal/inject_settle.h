/* SPDX-License-Identifier: MIT */
/* inject_settle.h - does the system go on as before a fault? */
#pragma once
#include "inject_faults.h"

/* What was counted before the fault. */
struct inject_settle {
    uint64_t frames, calls;
};

/* Wait until a system that has just been started forwards frames. */
bool settle_start(const struct running *running);

void settle_begin(struct inject_settle *settle,
                  const struct running *running);

/*
 * Wait until it goes on, or does not.
 * @why: what is missing, unless it has recovered.
 * @useless: nothing more can be learned from this system.
 */
enum inject_outcome settle_wait(struct inject_settle *settle,
                                const struct inject_target *target, char *why,
                                bool *useless);
