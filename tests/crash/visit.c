/* SPDX-License-Identifier: MIT */
/* visit.c - see visit.h. */
#include "visit.h"

static void go(void *context)
{
    struct visit *visit = context;

    visit->rpc = actor_step(visit->actor, visit->step, 0, NULL);
}

void start(struct visit *visit)
{
    visit->thread = host_spawn(go, visit);
    ck_assert_ptr_nonnull(visit->thread);
}

void let_go(struct actor *actor, bool open)
{
    actor->domain->open = open;
    thread_let_go(actor->domain);
}

void let_spin(struct actor *actor, uint64_t how)
{
    actor->order->script |= SCRIPT_SPIN;
    __atomic_store_n(&actor->order->spin, how, __ATOMIC_RELAXED);
}

void let_end(struct actor *actor)
{
    __atomic_store_n(&actor->order->spin, 0, __ATOMIC_RELAXED);
}

uint64_t turns_of(const struct actor *actor)
{
    return __atomic_load_n(&actor->order->turns, __ATOMIC_RELAXED);
}

void wait_until_spinning(const struct actor *actor)
{
    uint64_t before = turns_of(actor);

    while (turns_of(actor) < before + 100)
        cpu_relax();
}

void wait_until_gone(const struct actor *actor)
{
    while (!domain_is_gone(actor->domain))
        cpu_relax();
}

void check_gone(const struct actor *actor)
{
    wait_until_gone(actor);
    ck_assert_uint_eq(domain_frames(actor->domain), 0);
}
