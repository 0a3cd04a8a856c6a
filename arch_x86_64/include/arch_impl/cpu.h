/* SPDX-License-Identifier: MIT */
/* cpu.h - a CPU's own data lie behind %fs, which no domain can touch. */
#pragma once
#include <stdint.h>

/* What %fs points to. */
struct cpu {
    struct thread *thread; /* first: gates read it (current.h) */
};

static inline struct thread *thread_current(void)
{
    struct thread *thread;

    __asm__ volatile("movq %%fs:0, %0" : "=r"(thread));
    return thread;
}

static inline uint64_t cpu_cycles(void)
{
    return __builtin_ia32_rdtsc();
}
