/* SPDX-License-Identifier: MIT */
/* cpu.h - what core asks of a CPU. Completed by arch_impl/cpu.h. */
#pragma once
#include <stdint.h>

struct thread;

/* The thread that executes this; NULL outside kernel threads. */
static inline struct thread *thread_current(void);
void thread_set_current(struct thread *thread);

/* The cycle counter. Units: TSC cycles. */
static inline uint64_t cpu_cycles(void);

/* In a loop that waits for another CPU. */
void cpu_relax(void);

/*
 * Every CPU that runs a kernel thread has passed a full memory barrier between
 * the call and the return. For whoever can wait: it saves others the barrier.
 */
void cpu_barrier_all(void);

/*
 * Have @thread, which may be running, call thread_poked() soon, whatever it is
 * at. Needs: it does not end meanwhile.
 */
void cpu_poke(struct thread *thread);

#include "arch_impl/cpu.h"
