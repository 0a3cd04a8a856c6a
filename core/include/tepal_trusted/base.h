/* SPDX-License-Identifier: MIT */
/* base.h - assertions, locks, text and the log. Trusted only. */
#pragma once
#include "arch/cpu.h"
#include "arch/platform.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TP_LINE_(x) #x
#define TP_LINE(x) TP_LINE_(x)
/* For the kernel's own invariants, never for what a domain supplied. */
#define tp_assert(claim)                                                       \
    ((claim) ? (void)0                                                         \
             : kernel_panic(__FILE__ ":" TP_LINE(__LINE__) ": " #claim))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Where the cost of a call depends on it. */
#define tp_inline static inline __attribute__((always_inline))
/* The rare part of it, which would only cost the common one registers. */
#define tp_cold static __attribute__((noinline, cold))

size_t text_length(const char *text);
bool text_equal(const char *a, const char *b);
/* Copy as much as fits, always ended by a 0. */
void text_copy(char *to, size_t room, const char *from);
/*
 * Formatted printing: %s %c %u %d %x %lu %ld %lx %zu %p %%, and a width with
 * leading zeros for numbers. Returns the length written, without the final 0.
 */
size_t text_format(char *to, size_t room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t text_format_list(char *to, size_t room, const char *format,
                        va_list list);

/* One log line: cycles, domain, module, text (style: "module: text"). */
void log_line(const char *module, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
