/* SPDX-License-Identifier: MIT */
/* cpu.h - a CPU is a POSIX thread; the current one is thread-local. */
#pragma once
#include <stdint.h>

extern __thread struct thread *host_thread
    __attribute__((tls_model("initial-exec")));

static inline struct thread *thread_current(void)
{
    return host_thread;
}

static inline uint64_t cpu_cycles(void)
{
    return __builtin_ia32_rdtsc();
}
