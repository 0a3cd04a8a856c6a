/* SPDX-License-Identifier: MIT */
/* system.h - a system from its manifest, run to its end. */
#pragma once
#include <stdbool.h>

/*
 * Run what @command_line says, "SYSTEM [--in DEVICE=CAPTURE]", all of it files
 * that modules_find() has, on this thread: domains that others call first, then
 * the one that nobody calls. What nic0 sends goes to console_capture().
 * Returns whether it ended as it should; the log says why not.
 */
bool system_run(const char *command_line);
