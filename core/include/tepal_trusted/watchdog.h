/* SPDX-License-Identifier: MIT */
/*
 * watchdog.h - what no thread inside a domain can be relied on to do: finish
 * deaths that came from outside, and keep time budgets. Trusted only.
 * Source: design, section 5 (Death).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct thread;

/* How often the machine calls watchdog_tick() while that asks for it. */
#define WATCHDOG_TICK_NANOSECONDS 1000000u

/* The longest budget that a domain can have, in ticks. */
#define WATCHDOG_TICKS_MAX 60000u

/*
 * One round: what is dead and has nobody inside is freed; threads that run a
 * dead domain, or one that has a budget, are poked.
 * Needs:  to be called on @self, a kernel thread that runs no domain.
 * Returns whether there is more to do at the next tick.
 */
bool watchdog_tick(struct thread *self);

/*
 * There is something to do: the machine calls watchdog_tick() soon. Safe in a
 * signal handler.
 */
void watchdog_wake(void);
