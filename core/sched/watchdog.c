/* SPDX-License-Identifier: MIT */
/*
 * watchdog.c - looks after domains that died by no crash of their own, and
 * after time.
 *
 * A thread that is inside a dead domain is poked until it has left: caught in
 * the domain's text it is wound back on the spot, caught in the kernel it finds
 * out in the next gate. So a poke that comes between the gate's last look and
 * the first instruction of the domain is only early; the next one is not.
 *
 * A budget is for one call: the ticks that found the callee's own code, or the
 * kernel at its service, in the innermost call of a thread. Whom it calls is
 * charged for itself, so the one that loops dies and not the one that waits for
 * it. A domain's own thread has it anew after each call it makes.
 * Source: design, section 5 (Death).
 */
#include "tepal_trusted/watchdog.h"
#include "arch/cpu.h"
#include "tepal_trusted/crossing.h"
#include "tepal_trusted/timing.h"

/* Whether there is more to do for it. */
static bool look_at(struct domain *domain, struct thread *self)
{
    uint32_t life = __atomic_load_n(&domain->life, __ATOMIC_SEQ_CST);

    if (life & DOMAIN_ALIVE)
        return __atomic_load_n(&domain->budget_ticks, __ATOMIC_RELAXED) != 0;
    if (life == DOMAIN_NO_LIFE ||
        __atomic_load_n(&domain->reap_due, __ATOMIC_SEQ_CST) != life)
        return false;
    if (__atomic_load_n(&timing, __ATOMIC_ACQUIRE))
        return true; /* devices are for who has the turn: the last to leave */
    cpu_barrier_all();
    domain_settle(domain, self, life);
    heap_cache_flush(&self->cache);
    return __atomic_load_n(&domain->reap_due, __ATOMIC_SEQ_CST) == life;
}

bool watchdog_tick(struct thread *self)
{
    bool again = false;
    uint32_t slot;

    for (slot = 1; slot < domain_slots(); slot++)
        again = look_at(domain_at(slot), self) || again;
    if (again)
        thread_poke_all();
    return again;
}

static bool is_own_thread(const struct crossing *crossing)
{
    return crossing->caller->id == DOMAIN_NOBODY;
}

static void charge(struct thread *thread, struct domain *domain)
{
    struct crossing *crossing;

    if (domain->budget_ticks == 0 || thread->is_waiting ||
        !thread->continuation)
        return;
    crossing = thread->continuation->crossing;
    if (crossing->callee != domain)
        return;
    if (is_own_thread(crossing) && thread->calls != thread->calls_seen) {
        thread->calls_seen = thread->calls;
        crossing->ticks = 0;
    }
    if (++crossing->ticks > domain->budget_ticks)
        domain_end_now(domain, "time budget used up");
}

bool thread_poked(struct thread *thread)
{
    struct domain *domain = thread->domain;

    if (!domain || domain->id == DOMAIN_NOBODY)
        return false;
    charge(thread, domain);
    if (domain_is_alive(domain))
        return false;
    thread->dying |= THREAD_LOOK;
    return true;
}
