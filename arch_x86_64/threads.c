/* SPDX-License-Identifier: MIT */
/*
 * threads.c - see threads.h. A thread that does not run is the frame of the trap
 * that it was interrupted by, its vector registers and its %gs; a switch
 * exchanges those. To yield is a trap as well, so there is one way only.
 * Source: Intel 64 SDM, volume 1, section 10.5 (FXSAVE).
 */
#include "threads.h"
#include "arch/pages.h"
#include "arch/platform.h"
#include "fault_place.h"
#include "processor.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/watchdog.h"
#include "timer.h"

#define STACK_BYTES 0x200000u
#define FLAGS 0x202u /* interrupts on */
#define MXCSR_DEFAULT 0x1f80u
#define INTERRUPTS_ON 0x200u

enum state { RUNNABLE, SLEEPING, ENDED };

struct kernel_thread {
    struct trap_frame frame;
    uint8_t vectors[512] __attribute__((aligned(16)));
    uintptr_t gs;
    struct thread *current; /* what thread_current() says on it */
    enum state state;
    uint64_t wake_at; /* nanoseconds, while it sleeps */
    bool poked;
    void (*body)(void *context);
    void *context;
    uint8_t *stack;
    struct thread thread;
};

static struct kernel_thread idle; /* whoever called threads_init() */
static struct kernel_thread *threads[THREADS_MAX];
static struct kernel_thread *running = &idle;
static uint64_t preemptions;
static uint32_t turn; /* the place in threads[] that had the CPU last */

static uint64_t interrupts_off(void)
{
    uint64_t flags;

    __asm__ volatile("pushfq\n\tpopq %0\n\tcli" : "=r"(flags) : : "memory");
    return flags;
}

static void interrupts_restore(uint64_t flags)
{
    if (flags & INTERRUPTS_ON)
        __asm__ volatile("sti" : : : "memory");
}

static void keep(struct kernel_thread *thread, const struct trap_frame *frame)
{
    thread->frame = *frame;
    __asm__ volatile("fxsave64 %0" : "=m"(thread->vectors));
    __asm__ volatile("rdgsbase %0" : "=r"(thread->gs));
    thread->current = thread_current();
}

static void resume(const struct kernel_thread *thread, struct trap_frame *frame)
{
    *frame = thread->frame;
    __asm__ volatile("fxrstor64 %0" : : "m"(thread->vectors));
    __asm__ volatile("wrgsbase %0" : : "r"(thread->gs));
    thread_set_current(thread->current);
}

static bool can_run(const struct kernel_thread *thread, uint64_t now)
{
    return thread->state == RUNNABLE ||
           (thread->state == SLEEPING && thread->wake_at <= now);
}

/* Each has its turn. */
static struct kernel_thread *next(void)
{
    uint64_t now = clock_nanoseconds();
    uint32_t i, place;

    for (i = 1; i <= THREADS_MAX; i++) {
        place = (turn + i) % THREADS_MAX;
        if (!threads[place] || !can_run(threads[place], now))
            continue;
        turn = place;
        return threads[place];
    }
    return &idle;
}

void threads_switch(struct trap_frame *frame)
{
    struct kernel_thread *chosen = next();

    if (chosen != running) {
        preemptions += frame->vector == TIMER_VECTOR && running != &idle;
        keep(running, frame);
        running = chosen;
        resume(chosen, frame);
    }
    chosen->state = RUNNABLE;
    if (!chosen->poked)
        return;
    chosen->poked = false;
    if (fault_poke(thread_current(), frame->rip))
        trap_unwind(thread_current(), frame);
}

uint64_t threads_preemptions(void)
{
    return __atomic_load_n(&preemptions, __ATOMIC_RELAXED);
}

void threads_yield(void)
{
    uint64_t flags;

    __asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags));
    if (flags & INTERRUPTS_ON)
        __asm__ volatile("int %0" : : "i"(YIELD_VECTOR) : "memory");
    else
        __builtin_ia32_pause();
}

/* Not to come back before it is told to. */
static void stop_as(enum state state)
{
    uint64_t flags = interrupts_off();

    running->state = state;
    __asm__ volatile("int %0" : : "i"(YIELD_VECTOR) : "memory");
    interrupts_restore(flags);
}

void threads_sleep(uint64_t nanoseconds)
{
    running->wake_at = clock_nanoseconds() + nanoseconds;
    stop_as(SLEEPING);
}

static void begin(struct kernel_thread *self)
{
    tp_assert(thread_begin(&self->thread, (uintptr_t)self->stack));
    self->body(self->context);
    thread_end(&self->thread);
    stop_as(ENDED);
    kernel_panic("a thread that has ended runs");
}

/* As if it had been interrupted just before begin(@self). */
static void prepare(struct kernel_thread *self)
{
    static const uint32_t mxcsr = MXCSR_DEFAULT;

    self->frame = (struct trap_frame){
        .rip = (uintptr_t)begin,
        .rdi = (uintptr_t)self,
        .rsp = (uintptr_t)self->stack + STACK_BYTES - 8, /* as after a call */
        .cs = PROCESSOR_CODE,
        .ss = PROCESSOR_DATA,
        .flags = FLAGS,
    };
    __builtin_memset(self->vectors, 0, sizeof(self->vectors));
    __builtin_memcpy(self->vectors + 24, &mxcsr, sizeof(mxcsr));
    self->vectors[0] = 0x7f; /* the x87's control word: 0x037f */
    self->vectors[1] = 0x03;
}

/* False when there is no place left. */
static bool add(struct kernel_thread *thread)
{
    uint64_t flags = interrupts_off();
    uint32_t i;

    for (i = 0; i < THREADS_MAX && threads[i]; i++)
        ;
    if (i < THREADS_MAX)
        threads[i] = thread;
    interrupts_restore(flags);
    return i < THREADS_MAX;
}

static void release(struct kernel_thread *thread)
{
    pages_free(thread->stack, STACK_BYTES);
    pages_free(thread, sizeof(*thread));
}

struct kernel_thread *threads_spawn(void (*body)(void *context), void *context)
{
    struct kernel_thread *self = pages_alloc(sizeof(*self));

    if (!self)
        return NULL;
    self->stack = pages_alloc(STACK_BYTES);
    self->body = body;
    self->context = context;
    if (self->stack) {
        prepare(self);
        if (add(self))
            return self;
    }
    release(self);
    return NULL;
}

void threads_join(struct kernel_thread *thread)
{
    uint64_t flags;
    uint32_t i;

    while (__atomic_load_n(&thread->state, __ATOMIC_ACQUIRE) != ENDED)
        threads_yield();
    flags = interrupts_off();
    for (i = 0; i < THREADS_MAX; i++)
        if (threads[i] == thread)
            threads[i] = NULL;
    interrupts_restore(flags);
    release(thread);
}

void cpu_relax(void)
{
    threads_yield();
}

/* It is told when it has the CPU again. */
void cpu_poke(struct thread *thread)
{
    struct kernel_thread *self =
        (void *)((uint8_t *)thread - offsetof(struct kernel_thread, thread));

    __atomic_store_n(&self->poked, true, __ATOMIC_RELEASE);
}

/* --- the watchdog ----------------------------------------------------------- */

static bool wanted;

void watchdog_wake(void)
{
    __atomic_store_n(&wanted, true, __ATOMIC_RELEASE);
}

static void keep_watch(void *context)
{
    (void)context;
    for (;;) {
        if (__atomic_exchange_n(&wanted, false, __ATOMIC_ACQ_REL))
            while (watchdog_tick(thread_current()))
                threads_sleep(WATCHDOG_TICK_NANOSECONDS);
        threads_sleep(WATCHDOG_TICK_NANOSECONDS);
    }
}

void threads_init(void)
{
    if (!threads_spawn(keep_watch, NULL))
        kernel_panic("no memory for the watchdog");
}
