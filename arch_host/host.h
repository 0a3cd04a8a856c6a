/* SPDX-License-Identifier: MIT */
/* host.h - what the Linux side offers to programs that embed the kernel. */
#pragma once
#include "tepal_trusted/domain.h"
#include "tepal_trusted/thread.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host_options {
    uint32_t slots;     /* 0 = as many as fit, up to 4096 */
    uint64_t heap_bytes; /* of the shared heap; 0 = 256 MiB */
    bool embedded; /* faults of threads outside the kernel are the program's */
};

/*
 * Reserve the slots, make the shared heap, catch faults. Once in a process.
 * Errors: false, with errno set.
 */
bool host_start(const struct host_options *options);

/*
 * Run @body(@context) on a new kernel thread, and wait for its end.
 * Errors: false when the thread could not be made.
 */
bool host_run(void (*body)(void *context), void *context);

/*
 * The same without waiting for the end. Once it returns the thread is in the
 * list of thread_first(), so that whoever counts threads counts it.
 */
struct host_thread;
struct host_thread *host_spawn(void (*body)(void *context), void *context);
void host_join(struct host_thread *thread);

/*
 * The calling thread of a program becomes a kernel thread as well, with a stack
 * for that, until host_disown() on the same thread. It must not block
 * the signals of faults and of cpu_poke(); they are let through now.
 * Errors: NULL: no memory, or no watchdog.
 */
struct host_thread *host_adopt(void);
void host_disown(struct host_thread *thread);

/* On an adopted thread: @body(@context) on the stack for it. */
void host_call(struct host_thread *thread, void (*body)(void *context),
               void *context);

/* Log lines go to this file descriptor; -1 drops them. Default 2. */
void host_log_to(int descriptor);

/*
 * The machine's clock, monotonic, also in a run on the virtual one; and sleep on
 * it, until a signal comes at most.
 */
uint64_t host_nanoseconds(void);
void host_sleep(uint64_t nanoseconds);

/* What is inaccessible below a kernel thread's stack, in bytes. */
#define HOST_STACK_GUARD 0x10000u

/*
 * The signal of cpu_poke(); one that programs ignore. ThreadSanitizer delays
 * signals that do not look like faults until the thread calls libc, which a
 * domain never does.
 */
#ifdef __SANITIZE_THREAD__
#define HOST_POKE_SIGNAL SIGSYS
#else
#define HOST_POKE_SIGNAL SIGURG
#endif

/* host_spawn() without the watchdog, which is itself such a thread. */
struct host_thread *host_spawn_unwatched(void (*body)(void *context),
                                         void *context);
const struct thread *host_thread_of(const struct host_thread *thread);

/* Used by thread.c: from then on somebody keeps watch (watchdog.c). */
bool host_watchdog_start(void);

/*
 * Used by stop.c: whether @thread is the watchdog; and keep it from its next
 * tick, waiting for the end of the present one, or let it.
 */
bool host_is_watchdog(const struct thread *thread);
void host_watchdog_pause(bool pause);

/* Used by fault.c: an alternate signal stack for the current thread. */
void host_fault_stack(void *stack, size_t bytes);
bool host_catch_faults(bool embedded);
