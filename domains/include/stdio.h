/* SPDX-License-Identifier: MIT */
/*
 * stdio.h - formatted text, for domains. There are no files.
 *
 * Conversions: d i u x X o c s p % and f. Flags, width, precision and the
 * lengths hh h l ll z j t are as in ISO C11, 7.21.6.1. f takes values whose
 * magnitude is below 2^63 and prints at most 9 digits behind the point;
 * others print as "?". There is no e, g, a or n.
 */
#pragma once
#include <stdarg.h>
#include <stddef.h>

int snprintf(char *restrict buffer, size_t bytes, const char *restrict format,
             ...) __attribute__((format(printf, 3, 4)));
int vsnprintf(char *restrict buffer, size_t bytes, const char *restrict format,
              va_list list) __attribute__((format(printf, 3, 0)));

/* For those who know that there is room; a domain harms but itself. */
int sprintf(char *restrict buffer, const char *restrict format, ...)
    __attribute__((format(printf, 2, 3)));
int vsprintf(char *restrict buffer, const char *restrict format, va_list list)
    __attribute__((format(printf, 2, 0)));

/*
 * To the kernel's log. Each call is one line, or several when the text has
 * newlines inside; a final newline adds none. At most 512 bytes.
 */
int printf(const char *restrict format, ...)
    __attribute__((format(printf, 1, 2)));
int vprintf(const char *restrict format, va_list list)
    __attribute__((format(printf, 1, 0)));
int puts(const char *text);
