/* SPDX-License-Identifier: MIT */
/*
 * threads.h - kernel threads on one CPU. Each tick of the timer gives the CPU to
 * the next that can run, wherever the present one is: all its registers are
 * kept. Who waits sleeps, or yields in cpu_relax().
 */
#pragma once
#include "trap.h"
#include <stdbool.h>
#include <stdint.h>

struct kernel_thread;

/*
 * Whoever calls runs from now on when nobody else can, and is not to be in the
 * kernel's way: it halts. Needs: pages_alloc().
 */
void threads_init(void);

/*
 * Run @body(@context) on a new kernel thread, on a stack of its own.
 * Owns:   the thread's, until threads_join().
 * Errors: NULL: no memory, or THREADS_MAX there are.
 */
#define THREADS_MAX 64u
struct kernel_thread *threads_spawn(void (*body)(void *context),
                                    void *context);

/* Wait for its end, and free it. Needs: another thread than @thread. */
void threads_join(struct kernel_thread *thread);

void threads_sleep(uint64_t nanoseconds);

/* How often the timer took the CPU from a thread and gave it to another. */
uint64_t threads_preemptions(void);

/* Let others run; nothing happens where interrupts are off. */
void threads_yield(void);

/* For trap.c: return by @frame to whoever is to run next, poked if need be. */
#define YIELD_VECTOR 0x41u
void threads_switch(struct trap_frame *frame);
