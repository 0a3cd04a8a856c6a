/* SPDX-License-Identifier: MIT */
/* number.h - numbers as people write them, with nothing before or after. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Digits only. Errors: false, also when it is 2^64 or more. */
bool number_whole(const char *text, uint64_t *value);

/* Digits, and perhaps a point and digits: no sign, no exponent. */
bool number_real(const char *text, double *value);

/* Such a number of seconds in nanoseconds; digits beyond those are refused. */
bool number_seconds(const char *text, uint64_t *nanoseconds);
