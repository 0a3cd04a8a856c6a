/* SPDX-License-Identifier: MIT */
/* thread.h - a kernel thread, as the gates and proxies see it. Trusted only. */
#pragma once
#include "tepal_trusted/heap.h"
#include <stdbool.h>

struct domain;
struct continuation;
struct lock;
struct trace_chunk;

/* Stack that every gate leaves to kernel C, in bytes. */
#define THREAD_STACK_RESERVE 0x10000

/*
 * Trusted stack that a callee has at least: otherwise a caller could use up
 * all of it, call, and see the callee die for that.
 */
#define THREAD_CALLEE_STACK 0x40000

/* What a traced run keeps of a thread: see core/trace/hooks.c. */
struct trace_thread {
    struct trace_chunk *chunk; /* that it fills; NULL = none */
    uint32_t number;           /* 0 = nothing happened on it yet */
    uint32_t owed;     /* calls it is in whose ends are to be recorded */
    uint32_t left_out; /* calls inside those that are left out */
    uint16_t slot;     /* of the domain whose tp_main it runs */
};

/*
 * The first six members are read by the gates: see gate_offsets.h. @dying has
 * THREAD_UNWIND when the domain that is to be returned to has ended, and
 * THREAD_LOOK when that may be so.
 */
struct thread {
    uintptr_t stack_limit; /* services refuse to run below this */
    struct continuation *continuation; /* newest gate_enter(); faults go back to
                                          it */
    uintptr_t call_limit; /* and calls to other domains below this */
    uint64_t dying; /* do not just return to domain code */
    uintptr_t left_at; /* where it would have returned to, then */
    struct domain *domain; /* whose code runs, or whose call we serve */
    uint64_t calls;        /* that it has begun, ever */
    uintptr_t gs_base; /* what %gs has: the gs domain's that ran last; 0 = none */

    uint32_t *data_stack; /* by slot: upper end of the stack; 0 = none yet */
    struct thread *next; /* in the list of all threads */
    uint64_t calls_seen; /* by the last tick of its budget */
    bool is_waiting; /* in a service that may take as long as it likes */
    struct heap_cache cache;
    struct trace_thread trace;
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
 * The list of all threads, by thread->next, and its lock: for audits, and for
 * who holds the lock.
 */
struct thread *thread_first(void);
struct lock *thread_lock(void);

/*
 * Let @thread into @domain, one frame more.
 * Errors: false when an affine domain belongs to another thread.
 */
bool thread_enter(struct thread *thread, struct domain *domain);

/* Its affine thread is inside no more: another may enter. */
void thread_let_go(struct domain *domain);

/*
 * On the thread itself, in the middle of anything: what a poke is for. Charges
 * the budget of the domain that it runs. Safe in a signal handler.
 * Returns true when that domain is dead: wind back if it is in its text,
 * otherwise thread.dying has been told.
 */
bool thread_poked(struct thread *thread);

/* Poke every thread whose domain is dead, or has a budget. */
void thread_poke_all(void);

/* Forget data stacks in @slot: it is going to be another domain's. */
void thread_forget_slot(uint32_t slot);

/*
 * Which domain each kernel thread runs now: at most @max of them in @running,
 * those in none left out. A look from outside, for statistics: it costs the
 * threads nothing, and each is a moment older than the next.
 */
uint32_t thread_sample(const struct domain **running, uint32_t max);
