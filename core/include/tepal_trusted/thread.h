/* SPDX-License-Identifier: MIT */
/* thread.h - a kernel thread, as the gates and proxies see it. Trusted only. */
#pragma once
#include "tepal_trusted/heap.h"
#include <stdbool.h>

struct domain;
struct continuation;

/* Stack that every gate leaves to kernel C, in bytes. */
#define THREAD_STACK_RESERVE 0x10000

/*
 * Trusted stack that a callee has at least: otherwise a caller could use up
 * all of it, call, and see the callee die for that.
 */
#define THREAD_CALLEE_STACK 0x40000

/* The first four members are read by the gates: see gate_offsets.h. */
struct thread {
    uintptr_t stack_limit; /* services refuse to run below this */
    struct continuation *continuation; /* newest gate_enter(); faults go back to
                                          it */
    uintptr_t call_limit; /* and calls to other domains below this */
    uint64_t dying; /* its domain has ended: do not return there */
    struct domain *domain; /* whose code runs, or whose call we serve */

    uint32_t *data_stack; /* by slot: upper end of the stack; 0 = none yet */
    struct thread *next; /* in the list of all threads */
    struct heap_cache cache;
};

/*
 * Make the caller a kernel thread that may cross into domains.
 * @stack_low: lowest address of its stack.
 * Owns:   the caller keeps @thread until thread_end().
 * Errors: false when memory is exhausted.
 */
bool thread_begin(struct thread *thread, uintptr_t stack_low);

/* Release every domain that only this thread could enter. */
void thread_end(struct thread *thread);

/*
 * Let @thread into @domain, one frame more.
 * Errors: false when an affine domain belongs to another thread.
 */
bool thread_enter(struct thread *thread, struct domain *domain);

/* Its affine thread is inside no more: another may enter. */
void thread_let_go(struct domain *domain);

/* Forget data stacks in @slot: it is going to be another domain's. */
void thread_forget_slot(uint32_t slot);
