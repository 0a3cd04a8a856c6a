/* SPDX-License-Identifier: MIT */
/* cpu.h - a CPU for tests of one thread outside any kernel. */
#pragma once
#include <stddef.h>

static inline struct thread *thread_current(void)
{
    return NULL;
}

static inline uint64_t cpu_cycles(void)
{
    return __builtin_ia32_rdtsc();
}
