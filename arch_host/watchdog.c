/* SPDX-License-Identifier: MIT */
/*
 * watchdog.c - the thread that calls watchdog_tick(), asleep while there is
 * nothing to watch. It starts with the process's first kernel thread, again in
 * a child after fork(), and ends with the process.
 */
#define _GNU_SOURCE
#include "tepal_trusted/watchdog.h"
#include "host.h"
#include "tepal_trusted/base.h"
#include <linux/membarrier.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

static sem_t wake;
static pid_t watched; /* the process in which the thread was started */
static struct lock starting;
static const struct thread *watchdog;
static pthread_mutex_t ticking = PTHREAD_MUTEX_INITIALIZER;
static bool paused; /* by the one thread that stops the world */

/* Safe in a signal handler. Before the first kernel thread nobody can be in. */
void watchdog_wake(void)
{
    if (__atomic_load_n(&watched, __ATOMIC_ACQUIRE) == getpid())
        (void)sem_post(&wake);
}

static bool tick_once(struct thread *self)
{
    bool again;

    pthread_mutex_lock(&ticking);
    again = watchdog_tick(self);
    pthread_mutex_unlock(&ticking);
    return again;
}

bool host_is_watchdog(const struct thread *thread)
{
    return __atomic_load_n(&watchdog, __ATOMIC_ACQUIRE) == thread;
}

void host_watchdog_pause(bool pause)
{
    if (pause && !paused)
        pthread_mutex_lock(&ticking);
    else if (!pause && paused)
        pthread_mutex_unlock(&ticking);
    paused = pause;
}

static void keep_watch(void *context)
{
    struct thread *self = thread_current();

    (void)context;
    for (;;) {
        if (sem_wait(&wake) != 0)
            continue;
        while (tick_once(self))
            host_sleep(WATCHDOG_TICK_NANOSECONDS);
    }
}

/* cpu_barrier_all() has to be asked for, in each process. */
static bool ask_for_barriers(void)
{
    return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
                   0, 0) == 0;
}

void cpu_barrier_all(void)
{
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0)
        kernel_panic("membarrier failed");
}

/* Once woken, so that it finds what happened before. */
static bool start(void)
{
    struct host_thread *spawned;

    if (!ask_for_barriers() || sem_init(&wake, 0, 1) != 0)
        return false;
    spawned = host_spawn_unwatched(keep_watch, NULL);
    if (!spawned)
        return false;
    __atomic_store_n(&watchdog, host_thread_of(spawned), __ATOMIC_RELEASE);
    __atomic_store_n(&watched, getpid(), __ATOMIC_RELEASE);
    return true;
}

bool host_watchdog_start(void)
{
    bool fine = true;

    if (__atomic_load_n(&watched, __ATOMIC_ACQUIRE) == getpid())
        return true;
    lock_acquire(&starting);
    if (watched != getpid())
        fine = start();
    lock_release(&starting);
    return fine;
}
