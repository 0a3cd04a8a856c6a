/* SPDX-License-Identifier: MIT */
/* console.h - the first serial port, and what is written beside it. */
#pragma once
#include <stddef.h>

void console_init(void);

/* To the debug port of QEMU: a capture that the system made. */
void console_capture(const void *bytes, size_t count);
