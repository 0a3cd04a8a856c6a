/* SPDX-License-Identifier: MIT */
/*
 * stop.c - see stop.h. A thread is held inside its signal handler, asleep on a
 * futex; what the handler was given is what the thread goes on with.
 *
 * Each thread that was ever caught has a place. Its number of releases is what
 * it sleeps on: who stops raises it to let it go, after having taken back that
 * it is held, so that an old hold is never taken for a new one.
 */
#define _GNU_SOURCE
#include "stop.h"
#include "arch/platform.h"
#include "host.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/domain.h"
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define POKE_NS 40000u /* from one poke to the next */
#define TRY_NS 2000000u /* the first try to stop all; then longer */
#define STALL_NS 200000u

struct place {
    struct thread *thread;
    ucontext_t *context;
    uint32_t held, released;
    bool is_dying;
    uint64_t not_before; /* no poke catches it earlier */
    uint64_t stall_until; /* 0 = it does not */
};

uint32_t stop_wanted;
static struct place places[STOP_THREADS_MAX];
static uint32_t place_count; /* grows only */
static uint32_t arrivals, stalled;

static void futex_wait(uint32_t *word, uint32_t value, uint64_t nanoseconds)
{
    const struct timespec wait = {
        .tv_sec = (time_t)(nanoseconds / 1000000000u),
        .tv_nsec = (long)(nanoseconds % 1000000000u)};

    (void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value,
                  nanoseconds ? &wait : NULL, NULL, 0);
}

static void futex_wake(uint32_t *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 64, NULL, NULL, 0);
}

static struct place *find_place(const struct thread *thread)
{
    uint32_t i, count = __atomic_load_n(&place_count, __ATOMIC_ACQUIRE);

    for (i = 0; i < count && i < STOP_THREADS_MAX; i++)
        if (__atomic_load_n(&places[i].thread, __ATOMIC_RELAXED) == thread)
            return &places[i];
    return NULL;
}

/* On the thread itself, for the first time that it is caught. */
static struct place *take_place(struct thread *thread)
{
    struct place *place = find_place(thread);
    uint32_t i;

    if (place)
        return place;
    i = __atomic_fetch_add(&place_count, 1, __ATOMIC_ACQ_REL);
    tp_assert(i < STOP_THREADS_MAX);
    __atomic_store_n(&places[i].thread, thread, __ATOMIC_RELEASE);
    return &places[i];
}

/* Pokes get through, so that its time is charged. */
static void stall(const struct thread *thread, struct place *place)
{
    sigset_t poke, before;

    sigemptyset(&poke);
    sigaddset(&poke, HOST_POKE_SIGNAL);
    pthread_sigmask(SIG_UNBLOCK, &poke, &before);
    while (domain_is_alive(thread->domain) &&
           clock_nanoseconds() < place->stall_until)
        host_sleep(STALL_NS);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    place->stall_until = 0;
    __atomic_sub_fetch(&stalled, 1, __ATOMIC_RELEASE);
}

void stop_here(struct thread *thread, ucontext_t *context, bool is_dying)
{
    struct place *place = take_place(thread);
    uint32_t released = __atomic_load_n(&place->released, __ATOMIC_ACQUIRE);
    int error = errno;

    if (!is_dying && clock_nanoseconds() <
                         __atomic_load_n(&place->not_before, __ATOMIC_RELAXED))
        return;
    place->context = context;
    place->is_dying = is_dying;
    __atomic_store_n(&place->held, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&arrivals, 1, __ATOMIC_SEQ_CST);
    futex_wake(&arrivals);
    if (!__atomic_load_n(&stop_wanted, __ATOMIC_SEQ_CST) &&
        __atomic_exchange_n(&place->held, 0, __ATOMIC_SEQ_CST)) {
        errno = error;
        return; /* too late: nobody would let it go */
    }
    while (__atomic_load_n(&place->released, __ATOMIC_ACQUIRE) == released)
        futex_wait(&place->released, released, 0);
    if (place->stall_until && !is_dying)
        stall(thread, place);
    errno = error;
}

static void let_go(struct place *place)
{
    __atomic_store_n(&place->held, 0, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&place->released, 1, __ATOMIC_SEQ_CST);
    futex_wake(&place->released);
}

static bool is_held(const struct thread *thread)
{
    const struct place *place = find_place(thread);

    return place && __atomic_load_n(&place->held, __ATOMIC_SEQ_CST);
}

/* Pokes those that are not held; how many that were. */
static uint32_t poke_others(const struct thread *only)
{
    struct thread *thread;
    uint32_t count = 0;

    lock_acquire(thread_lock());
    for (thread = thread_first(); thread; thread = thread->next) {
        if (host_is_watchdog(thread) || is_held(thread) ||
            (only && thread != only))
            continue;
        cpu_poke(thread);
        count++;
    }
    lock_release(thread_lock());
    return count;
}

static bool wait_for(const struct thread *only, uint64_t end)
{
    uint32_t seen = __atomic_load_n(&arrivals, __ATOMIC_SEQ_CST);

    while (poke_others(only)) {
        if (clock_nanoseconds() >= end)
            return false;
        futex_wait(&arrivals, seen, POKE_NS);
        seen = __atomic_load_n(&arrivals, __ATOMIC_SEQ_CST);
    }
    return true;
}

/*
 * Who is in the kernel may be waiting for one that is held already, to leave a
 * dead domain: then all are let go for a moment, and it is tried again.
 */
bool stop_all(uint64_t nanoseconds)
{
    uint64_t end = clock_nanoseconds() + nanoseconds, patience = TRY_NS, now;

    do {
        __atomic_store_n(&stop_wanted, 1, __ATOMIC_SEQ_CST);
        now = clock_nanoseconds();
        if (wait_for(NULL, now + patience < end ? now + patience : end)) {
            host_watchdog_pause(true);
            return true;
        }
        stop_resume();
        host_sleep(patience / 4);
        patience += patience / 2;
    } while (clock_nanoseconds() < end);
    return false;
}

/* A place is given back by whoever finds it held, here or in stop_here(). */
void stop_resume(void)
{
    uint32_t i, count = __atomic_load_n(&place_count, __ATOMIC_ACQUIRE);

    __atomic_store_n(&stop_wanted, 0, __ATOMIC_SEQ_CST);
    host_watchdog_pause(false);
    for (i = 0; i < count; i++) {
        __atomic_store_n(&places[i].not_before, 0, __ATOMIC_RELAXED);
        if (__atomic_exchange_n(&places[i].held, 0, __ATOMIC_SEQ_CST))
            let_go(&places[i]);
    }
}

uint32_t stop_count(void)
{
    uint32_t i, held = 0;

    for (i = 0; i < place_count; i++)
        held += places[i].held;
    return held;
}

static struct place *held_at(uint32_t index)
{
    uint32_t i;

    for (i = 0; i < place_count; i++)
        if (places[i].held && index-- == 0)
            return &places[i];
    kernel_panic("stop: no such thread is held");
}

struct stopped stop_at(uint32_t index)
{
    const struct place *place = held_at(index);

    return (struct stopped){place->thread, place->is_dying};
}

bool stop_step(uint32_t index, uint64_t window, uint64_t patience)
{
    struct place *place = held_at(index);
    uint64_t now = clock_nanoseconds();
    uint32_t seen;

    place->not_before = now + window;
    let_go(place);
    while (clock_nanoseconds() < now + window && !is_held(place->thread)) {
        seen = __atomic_load_n(&arrivals, __ATOMIC_SEQ_CST);
        if (window > POKE_NS)
            futex_wait(&arrivals, seen, POKE_NS);
    }
    if (wait_for(place->thread, now + window + patience))
        return true;
    host_watchdog_pause(false);
    return false;
}

void stop_stall(uint32_t index, uint64_t nanoseconds)
{
    held_at(index)->stall_until = clock_nanoseconds() + nanoseconds;
    __atomic_add_fetch(&stalled, 1, __ATOMIC_RELEASE);
}

bool stop_is_stalled(void)
{
    return __atomic_load_n(&stalled, __ATOMIC_ACQUIRE) != 0;
}

bool stop_flip(uint32_t index, uint32_t number, uint32_t bit)
{
    return stop_flip_in(held_at(index)->context, number, bit);
}

uint32_t stop_data_stack(uint32_t index)
{
    return (uint32_t)held_at(index)->context->uc_mcontext.gregs[REG_RBP];
}
