/* SPDX-License-Identifier: MIT */
/*
 * death.c - how a domain ends. Order matters: nobody may enter any more, then
 * its devices stop, before a buffer they may write is freed; then its objects
 * go; and once the last crossing has left, what raced with that.
 *
 * The thread that ran in it makes an early pass over its objects and, on its
 * way out, the last one. Who ends a domain from outside makes none: the objects
 * of an affine domain are changed by plain stores while its thread is inside.
 * There one pass is made when nobody is inside, by the last to leave or by the
 * watchdog. Whoever makes the last pass takes it: reap_due goes from the id of
 * the dead incarnation to 0 once, so a late leaver of an earlier life takes
 * nothing.
 *
 * Capabilities to a dead domain are void at once, since they name its life.
 * Source: thesis 2, 3.1; design, sections 4 (death) and 5.
 */
#include "../heap/reap.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/device.h"
#include "tepal_trusted/domain.h"
#include "tepal_trusted/estate.h"
#include "tepal_trusted/thread.h"
#include "tepal_trusted/trace.h"
#include "tepal_trusted/watchdog.h"

void domain_blame(struct domain *domain, const char *cause, uint32_t address,
                  uint64_t fault_address)
{
    struct domain_death *death = &domain->death;
    const struct thread *thread = thread_current();

    if (!__atomic_compare_exchange_n(&death->blamed,
                                     &(enum death_blame){DEATH_UNBLAMED},
                                     DEATH_BEING_BLAMED, false,
                                     __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        return;
    if (thread && thread->domain == domain)
        death->thread = thread;
    domain->crashes++;
    death->address = address;
    death->fault_address = fault_address;
    text_copy(death->cause, sizeof(death->cause), cause);
    __atomic_store_n(&death->blamed, DEATH_BLAMED, __ATOMIC_RELEASE);
}

void domain_fail(struct thread *thread, const char *cause)
{
    domain_blame(thread->domain, cause, 0, 0);
    thread->dying |= THREAD_UNWIND;
}

/* Of all domains, for reports. */
static uint64_t deaths, last_death; /* the latter in nanoseconds */

uint64_t domain_deaths(uint64_t *last_nanoseconds)
{
    uint64_t count = __atomic_load_n(&deaths, __ATOMIC_ACQUIRE);

    *last_nanoseconds = __atomic_load_n(&last_death, __ATOMIC_RELAXED);
    return count;
}

/* Once in each life: its id; 0 when it was dead. */
static domain_id_t mark_dead(struct domain *domain)
{
    uint32_t life = domain_life(domain);

    do {
        if (!(life & DOMAIN_ALIVE))
            return DOMAIN_NOBODY;
    } while (!__atomic_compare_exchange_n(&domain->life, &life,
                                          (domain_id_t)life, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    return (domain_id_t)life;
}

/*
 * The last pass may be made from now on, and after it the domain be restarted:
 * so what is to be done to a dead domain is done before, by who marked it.
 */
static void let_reap(struct domain *domain, domain_id_t id)
{
    if (tracing)
        trace_crashed(domain);
    __atomic_store_n(&domain->reap_due, id, __ATOMIC_SEQ_CST);
    __atomic_store_n(&last_death, clock_nanoseconds(), __ATOMIC_RELAXED);
    __atomic_fetch_add(&deaths, 1, __ATOMIC_RELEASE);
}

static void stop_device(struct domain *domain)
{
    struct device *device = __atomic_load_n(&domain->device, __ATOMIC_RELAXED);

    if (device)
        device_take_dead(device);
}

/* Both passes may be at it at once, on two threads. */
static void reap(struct domain *domain, struct thread *thread, domain_id_t id)
{
    uint64_t freed;

    estate_set_aside(domain, id);
    freed = heap_reap(&thread->cache, id, &domain->death);
    __atomic_fetch_add(&domain->reclaimed, freed, __ATOMIC_RELAXED);
}

void domain_kill(struct domain *domain, struct thread *thread)
{
    domain_id_t id = mark_dead(domain);

    if (id == DOMAIN_NOBODY)
        return;
    stop_device(domain);
    reap(domain, thread, id);
    let_reap(domain, id);
}

/* What the life before wrote down is over when this one is seen. */
static bool lives(const struct domain *domain)
{
    return __atomic_load_n(&domain->life, __ATOMIC_ACQUIRE) & DOMAIN_ALIVE;
}

/* The watchdog comes by, or the last that leaves. */
static void finish_later(struct domain *domain, domain_id_t id)
{
    let_reap(domain, id);
    watchdog_wake();
}

void domain_end_now(struct domain *domain, const char *cause)
{
    domain_id_t id;

    if (!lives(domain))
        return;
    domain_blame(domain, cause, 0, 0);
    id = mark_dead(domain);
    if (id != DOMAIN_NOBODY)
        finish_later(domain, id);
}

void domain_end(struct domain *domain, const char *cause)
{
    domain_id_t id;

    if (!lives(domain))
        return;
    domain_blame(domain, cause, 0, 0);
    id = mark_dead(domain);
    if (id == DOMAIN_NOBODY)
        return;
    stop_device(domain);
    finish_later(domain, id);
}

bool domain_retire(struct domain *domain, uint32_t life)
{
    domain_id_t id = (domain_id_t)life;

    if (!(life & DOMAIN_ALIVE) ||
        !__atomic_compare_exchange_n(&domain->life, &life, id, false,
                                     __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        return false;
    stop_device(domain);
    finish_later(domain, id);
    return true;
}

void domain_settle(struct domain *domain, struct thread *thread,
                   uint32_t life)
{
    domain_id_t id = (domain_id_t)life;

    /*
     * Looked at after it was seen dead: whoever came in before its death is
     * inside rightly, and the last pass is theirs.
     */
    if (life & DOMAIN_ALIVE || life == DOMAIN_NO_LIFE ||
        domain_frames(domain) != 0 ||
        !__atomic_compare_exchange_n(&domain->reap_due, &(uint32_t){id}, 0,
                                     false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_RELAXED))
        return;
    stop_device(domain);
    reap(domain, thread, id);
    death_file(domain);
    __atomic_store_n(&domain->gone, id, __ATOMIC_RELEASE);
}

void domain_leave(struct domain *domain, struct thread *thread)
{
    uint32_t life;

    if (domain->open)
        __atomic_sub_fetch(&domain->inside, DOMAIN_ONE_FRAME,
                           __ATOMIC_SEQ_CST);
    else
        domain_count(domain, -(uint64_t)DOMAIN_ONE_FRAME);
    life = __atomic_load_n(&domain->life, __ATOMIC_SEQ_CST);
    if (unlikely(!(life & DOMAIN_ALIVE)))
        domain_settle(domain, thread, life);
}
