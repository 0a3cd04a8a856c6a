/* SPDX-License-Identifier: MIT */
/* clock.c - time a stretch of code, and what many such times say. */
#define _GNU_SOURCE
#include "clock.h"
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

struct sample sample_of(double *values, uint32_t count)
{
    struct sample sample;

    qsort(values, count, sizeof(*values), compare);
    sample.minimum = values[0];
    sample.median = values[count / 2];
    sample.p99 = values[count * 99ull / 100];
    return sample;
}

void clock_pin(void)
{
    int cpu = sched_getcpu();
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu < 0 ? 0u : (unsigned)cpu, &set);
    (void)sched_setaffinity(0, sizeof(set), &set);
    (void)setpriority(PRIO_PROCESS, 0, -10);
}

/* Not additions of a constant: some processors do several of them at once. */
double clock_core_cycles(void)
{
    uint64_t rounds = 20000, value = 1, begin, end;
    const double rotations = 50.0 * 20000;

    begin = clock_begin();
    __asm__ volatile("1: .rept 50\n rolq $1, %0\n .endr\n"
                     "decq %1\n jnz 1b"
                     : "+r"(value), "+r"(rounds)
                     :
                     : "cc");
    end = clock_end();
    return rotations / (double)(end - begin);
}

uint64_t clock_overhead(void)
{
    uint64_t least = UINT64_MAX, took;
    int i;

    for (i = 0; i < 1000; i++) {
        took = clock_begin();
        took = clock_end() - took;
        least = took < least ? took : least;
    }
    return least;
}
