/* SPDX-License-Identifier: MIT */
/*
 * thread.c - a kernel thread is a POSIX thread on a stack of ours: below it an
 * inaccessible page, so that a domain that recurses without end faults in its
 * own text; beside it an alternate stack for that fault. A thread of a program
 * that embeds the kernel changes to such a stack for each call into it.
 */
#define _GNU_SOURCE
#include "host.h"
#include "tepal_trusted/base.h"
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARD_BYTES HOST_STACK_GUARD
#define STACK_BYTES 0x200000u
#define FAULT_STACK_BYTES 0x20000u
#define FAULT_STACK_LEAST 0x4000u

/* isa_x86_64/stack.S */
extern void stack_call(void (*body)(void *context), void *context,
                          void *stack_top);

__thread struct thread *host_thread;

struct host_thread {
    pthread_t posix;
    pid_t id; /* the kernel's */
    void (*body)(void *context);
    void *context;
    sem_t begun;
    uint8_t *memory; /* guard, stack, guard, fault stack */
    bool has_own_fault_stack; /* adopted, and had none of its own */
    struct thread thread;
};

#define MEMORY_BYTES (2 * GUARD_BYTES + STACK_BYTES + FAULT_STACK_BYTES)

void thread_set_current(struct thread *thread)
{
    host_thread = thread;
}

static void *thread_start(void *opaque)
{
    struct host_thread *self = opaque;
    uint8_t *stack = self->memory + GUARD_BYTES;

    self->id = gettid();
    host_fault_stack(stack + STACK_BYTES + GUARD_BYTES, FAULT_STACK_BYTES);
    tp_assert(thread_begin(&self->thread, (uintptr_t)stack));
    (void)sem_post(&self->begun);
    self->body(self->context);
    thread_end(&self->thread);
    host_fault_stack(NULL, 0);
    return NULL;
}

/* What @thread is part of is there: it has not ended. */
void cpu_poke(struct thread *thread)
{
    const struct host_thread *self =
        (void *)((uint8_t *)thread - offsetof(struct host_thread, thread));

    (void)tgkill(getpid(), self->id, HOST_POKE_SIGNAL);
}

static uint8_t *make_stack(void)
{
    uint8_t *memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    if (mprotect(memory, GUARD_BYTES, PROT_NONE) != 0 ||
        mprotect(memory + GUARD_BYTES + STACK_BYTES, GUARD_BYTES, PROT_NONE)) {
        munmap(memory, MEMORY_BYTES);
        return NULL;
    }
    return memory;
}

static bool start_posix(struct host_thread *self)
{
    pthread_attr_t attributes;
    bool started;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    started = pthread_attr_setstack(&attributes, self->memory + GUARD_BYTES,
                                    STACK_BYTES) == 0 &&
              pthread_create(&self->posix, &attributes, thread_start, self) ==
                  0;
    pthread_attr_destroy(&attributes);
    return started;
}

static void wait_until_begun(struct host_thread *self)
{
    while (sem_wait(&self->begun) != 0)
        ; /* a signal came between */
}

struct host_thread *host_spawn_unwatched(void (*body)(void *context),
                                         void *context)
{
    struct host_thread *self = calloc(1, sizeof(*self));

    if (!self)
        return NULL;
    self->body = body;
    self->context = context;
    self->memory = make_stack();
    if (sem_init(&self->begun, 0, 0) == 0 && self->memory &&
        start_posix(self)) {
        wait_until_begun(self);
        return self;
    }
    if (self->memory)
        munmap(self->memory, MEMORY_BYTES);
    free(self);
    return NULL;
}

struct host_thread *host_spawn(void (*body)(void *context), void *context)
{
    return host_watchdog_start() ? host_spawn_unwatched(body, context) : NULL;
}

const struct thread *host_thread_of(const struct host_thread *thread)
{
    return &thread->thread;
}

void host_join(struct host_thread *thread)
{
    tp_assert(pthread_join(thread->posix, NULL) == 0);
    sem_destroy(&thread->begun);
    munmap(thread->memory, MEMORY_BYTES);
    free(thread);
}

bool host_run(void (*body)(void *context), void *context)
{
    struct host_thread *thread = host_spawn(body, context);

    if (!thread)
        return false;
    host_join(thread);
    return true;
}

/* One that the program uses already will do, unless it is tiny. */
static bool needs_fault_stack(void)
{
    stack_t now;

    return sigaltstack(NULL, &now) == 0 && !(now.ss_flags & SS_ONSTACK) &&
           ((now.ss_flags & SS_DISABLE) || now.ss_size < FAULT_STACK_LEAST);
}

static void let_signals_through(void)
{
    static const int ours[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
                               HOST_POKE_SIGNAL};
    sigset_t set;
    size_t i;

    sigemptyset(&set);
    for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        sigaddset(&set, ours[i]);
    tp_assert(pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0);
}

struct host_thread *host_adopt(void)
{
    struct host_thread *self = calloc(1, sizeof(*self));
    uint8_t *stack;

    if (!self || !host_watchdog_start() || !(self->memory = make_stack())) {
        free(self);
        return NULL;
    }
    self->id = gettid();
    stack = self->memory + GUARD_BYTES;
    if (!thread_begin(&self->thread, (uintptr_t)stack)) {
        munmap(self->memory, MEMORY_BYTES);
        free(self);
        return NULL;
    }
    self->has_own_fault_stack = needs_fault_stack();
    if (self->has_own_fault_stack)
        host_fault_stack(stack + STACK_BYTES + GUARD_BYTES, FAULT_STACK_BYTES);
    let_signals_through();
    return self;
}

void host_disown(struct host_thread *self)
{
    thread_end(&self->thread);
    if (self->has_own_fault_stack)
        host_fault_stack(NULL, 0);
    munmap(self->memory, MEMORY_BYTES);
    free(self);
}

void host_call(struct host_thread *self, void (*body)(void *context),
               void *context)
{
    stack_call(body, context, self->memory + GUARD_BYTES + STACK_BYTES);
}
