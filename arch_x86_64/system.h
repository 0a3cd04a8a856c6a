/* SPDX-License-Identifier: MIT */
/* system.h - a system from its manifest, run to its end. */
#pragma once
#include <stdbool.h>

/*
 * Run what @command_line says, "SYSTEM [--in DEVICE=CAPTURE] [--count]", all of
 * it files that modules_find() has: domains that others call first, one after
 * the other, then those that nobody calls, side by side. What the first device
 * sends goes to console_capture(). With --count no tick comes from then on, and
 * its domain "caller", if it has one, makes calls that are counted (counts.h).
 * Returns whether it ended as it should; the log says why not.
 */
bool system_run(const char *command_line);
