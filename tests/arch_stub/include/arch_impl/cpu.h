/* SPDX-License-Identifier: MIT */
/* cpu.h - a machine that does nothing: see ../../stub.c. */
#pragma once
#include <stddef.h>

extern struct thread *stub_thread;

static inline struct thread *thread_current(void)
{
    return stub_thread;
}

static inline uint64_t cpu_cycles(void)
{
    return 0;
}
