/* SPDX-License-Identifier: MIT */
/* clock.h - time a stretch of code, and what many such times say. */
#pragma once
#include <stdint.h>

/* Serialised, so that nothing before or after is in the measure. */
static inline uint64_t clock_begin(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence\n rdtsc\n lfence"
                     : "=a"(low), "=d"(high)
                     :
                     : "memory");
    return (uint64_t)high << 32 | low;
}

static inline uint64_t clock_end(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtscp\n lfence"
                     : "=a"(low), "=d"(high)
                     :
                     : "rcx", "memory");
    return (uint64_t)high << 32 | low;
}

struct sample {
    double minimum, median, p99;
};

/* Sorts @values. */
struct sample sample_of(double *values, uint32_t count);

/* Keep this thread on one CPU, at a high priority where that is allowed. */
void clock_pin(void);

/* Core cycles in a TSC cycle now, from a chain of dependent rotations. */
double clock_core_cycles(void);

/* What clock_begin() and clock_end() cost with nothing between. */
uint64_t clock_overhead(void);
