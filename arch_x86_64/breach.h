/* SPDX-License-Identifier: MIT */
/* breach.h - what the page tables forbid, tried on purpose. */
#pragma once

/*
 * When @command_line is "breach=KIND": write to the kernel's text or constants,
 * run data, read where NULL points to, or use a stack below its end. Each must
 * end in a panic; what comes back from it is one as well.
 */
void breach_try(const char *command_line);
