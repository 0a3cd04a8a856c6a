/* SPDX-License-Identifier: MIT */
/*
 * death.c - how a domain ends. Order matters: nobody may enter any more, then
 * its devices stop, before a buffer they may write is freed; then its objects
 * go; and once the last crossing has left, what raced with that.
 *
 * Capabilities to a dead domain are void at once, since they name its life.
 * Source: thesis 2, 3.1; design, sections 4 (death) and 5.
 */
#include "../heap/reap.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/device.h"
#include "tepal_trusted/domain.h"
#include "tepal_trusted/thread.h"

void domain_blame(struct domain *domain, const char *cause, uint32_t address,
                  uint64_t fault_address)
{
    struct domain_death *death = &domain->death;

    if (death->cause[0])
        return;
    death->address = address;
    death->fault_address = fault_address;
    text_copy(death->cause, sizeof(death->cause), cause);
}

void domain_fail(struct thread *thread, const char *cause)
{
    domain_blame(thread->domain, cause, 0, 0);
    thread->dying = 1;
}

/* The affine pass and the open one differ only in who else may be at it. */
static bool mark_dead(struct domain *domain)
{
    uint32_t life = __atomic_load_n(&domain->life, __ATOMIC_RELAXED);

    do {
        if (!(life & DOMAIN_ALIVE))
            return false;
    } while (!__atomic_compare_exchange_n(&domain->life, &life, domain->id,
                                          false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_RELAXED));
    return true;
}

/* Both passes may be at it at once, on two threads. */
static void reap(struct domain *domain, struct thread *thread)
{
    uint64_t freed = heap_reap(&thread->cache, domain->id);

    __atomic_fetch_add(&domain->reclaimed, freed, __ATOMIC_RELAXED);
}

void domain_kill(struct domain *domain, struct thread *thread)
{
    if (!mark_dead(domain))
        return;
    if (domain->device)
        device_take(domain->device);
    __atomic_store_n(&domain->reap_due, 1, __ATOMIC_SEQ_CST);
    reap(domain, thread);
}

void domain_leave(struct domain *domain, struct thread *thread)
{
    uint64_t inside;

    if (domain->open)
        inside = __atomic_sub_fetch(&domain->inside, DOMAIN_ONE_FRAME,
                                    __ATOMIC_SEQ_CST);
    else
        inside = domain->inside -= DOMAIN_ONE_FRAME;
    /*
     * Counted again once it is dead: whoever came in between our count and its
     * death is inside rightly, and the last pass is theirs.
     */
    if (inside & DOMAIN_FRAMES ||
        __atomic_load_n(&domain->life, __ATOMIC_SEQ_CST) & DOMAIN_ALIVE ||
        domain_frames(domain) != 0 ||
        !__atomic_exchange_n(&domain->reap_due, 0, __ATOMIC_SEQ_CST))
        return;
    reap(domain, thread);
}
