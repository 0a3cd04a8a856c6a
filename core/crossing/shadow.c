/* SPDX-License-Identifier: MIT */
/*
 * shadow.c - what a proxy does for a method that may be repeated: when the
 * callee dies, it has it restarted, reconnects, and calls again, so that the
 * caller sees a call that took longer.
 *
 * What was moved into the callee died with it. A reference that comes back as a
 * result is replaced by a fresh object; a container comes empty to the second
 * call, since how many it held and why only the caller knows. What was lent is
 * lent again.
 *
 * A request that kills its callee each time is given up after a few calls.
 * Source: thesis 2 (Proxies); design, section 5.
 */
#include "arch/access.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/proxy.h"
#include "tepal_trusted/restart.h"
#include "tepal_trusted/rref.h"

/* A callee that is ended again before it was reached is restarted again. */
uint32_t capability_reconnect(struct domain *holder, uint64_t index,
                              struct thread *thread)
{
    uint32_t tries, generation = 0;

    for (tries = 0; tries < SHADOW_CALLS_MAX && generation == 0; tries++) {
        struct domain *callee = capability_callee(holder, index);

        if (!callee || !domain_revive(callee, thread))
            return 0;
        generation = capability_renew(holder, index, callee);
    }
    return generation;
}

bool shadow_repeats(struct rpc rpc, uint32_t calls, uint64_t index)
{
    struct thread *thread = thread_current();

    return (rpc.result == RPC_CRASHED || rpc.result == RPC_DEAD) &&
           calls < SHADOW_CALLS_MAX && !(thread->dying & THREAD_UNWIND) &&
           capability_reconnect(thread->domain, index, thread) != 0;
}

bool shadow_refill(uint64_t pointer, const struct type *type)
{
    struct thread *thread = thread_current();
    struct domain *caller = thread->domain;
    uint64_t handle = rref_new(thread, caller, type);

    if (!handle)
        return false;
    if (slot_store64(caller->base, pointer, handle))
        return true;
    (void)rref_drop(thread, caller, handle);
    return false;
}
