/* SPDX-License-Identifier: MIT */
/*
 * monitor.h - a thread that watches a run: it samples which domain each thread
 * is in, publishes the status ("tepal top"), and prints progress. What runs
 * does nothing for it.
 */
#pragma once
#include "running.h"

/*
 * Watch @running, whose domains are loaded; the samples go there.
 * @progress: print a line a second on standard error.
 * Errors: false; then nothing is watched.
 */
bool monitor_start(struct running *running, bool progress);

/* Before any domain is released. Harmless when it was not started. */
void monitor_stop(void);
