/* SPDX-License-Identifier: MIT */
/* platform.h - clock, randomness and console, as core needs them. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Monotonic. Units: nanoseconds. */
uint64_t clock_nanoseconds(void);

uint64_t platform_random(void);

/* One whole line of the log, newline included. */
void console_write(const char *text, size_t bytes);

/* A broken invariant of the kernel's own: say where, and stop. */
_Noreturn void kernel_panic(const char *text);
