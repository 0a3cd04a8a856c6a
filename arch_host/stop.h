/* SPDX-License-Identifier: MIT */
/*
 * stop.h - the world stands still, for fault injection and audits: every kernel
 * thread is caught in a domain's text by a poke and held there. Nothing of it
 * is on a path that is taken while nobody stops anything.
 *
 * One thread stops and resumes, which is no kernel thread. A thread that is in
 * the kernel is let go and poked again, so what is seen is never halfway.
 */
#pragma once
#include "tepal_trusted/thread.h"
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#define STOP_THREADS_MAX 64

/* A thread that is held; the numbers are good until stop_resume(). */
struct stopped {
    struct thread *thread;
    bool is_dying; /* caught by a fault of its domain's, before it is undone */
};

/*
 * Stop every kernel thread. The watchdog, which runs no domain, is between two
 * ticks then.
 * Errors: false: not within @nanoseconds; then nothing is stopped.
 */
bool stop_all(uint64_t nanoseconds);

/* Let all go on. */
void stop_resume(void);

/* Those that are held, from 0. */
uint32_t stop_count(void);
struct stopped stop_at(uint32_t index);

/*
 * Let one run for @window nanoseconds, or until its domain faults, then until
 * it is in some text again, while the others are held.
 * Errors: false: it is still in the kernel after @patience nanoseconds: it may
 * wait for others. Then it runs on.
 */
bool stop_step(uint32_t index, uint64_t window, uint64_t patience);

/*
 * When it goes on it stays where it is, as if in an endless loop, until its
 * domain is dead or @nanoseconds are over.
 */
void stop_stall(uint32_t index, uint64_t nanoseconds);

/* Whether some thread is still stalled. */
bool stop_is_stalled(void);

/*
 * What verified code may have in its registers, whatever it computes: general
 * registers but %rsp, %r14 and %rip, of %rbp and %r11 the lower halves, the
 * arithmetic flags, %xmm0 to %xmm15. Isolation rests on the rest.
 */
#define STOP_REGISTERS 31u
/* Bits of register @number, and its name. */
uint32_t stop_register_bits(uint32_t number);
const char *stop_register_name(uint32_t number);
/*
 * Flip a bit of one.
 * Errors: false: not at this instruction: %r11 is a masked index there.
 */
bool stop_flip(uint32_t index, uint32_t number, uint32_t bit);
bool stop_flip_in(ucontext_t *context, uint32_t number, uint32_t bit);
/* The slot offset that it has in %rbp. */
uint32_t stop_data_stack(uint32_t index);

/* For fault.c: a thread is in domain text; @is_dying: by a fault. */
void stop_here(struct thread *thread, ucontext_t *context, bool is_dying);
/* Whether stop_here() is to be called at all. */
extern uint32_t stop_wanted;
