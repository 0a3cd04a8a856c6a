/* SPDX-License-Identifier: MIT */
/*
 * audit_domains.c - domains and capabilities: who is inside, whose id it is,
 * which data stacks are in use, what was derived from what.
 * Source: design, sections 4 and 5; docs/INJECT.md, "What is checked".
 */
#include "audit.h"
#include "tepal_trusted/base.h"

/* Calls into @domain that threads are in. */
static uint32_t count_frames(const struct domain *domain)
{
    const struct thread *thread;
    const struct continuation *c;
    uint32_t count = 0;

    for (thread = thread_first(); thread; thread = thread->next)
        for (c = thread->continuation; c; c = c->outer)
            count += c->crossing->callee == domain;
    return count;
}

static bool audit_frames(struct audit *audit, const struct domain *domain)
{
    uint32_t frames = count_frames(domain);

    return domain_frames(domain) == frames ||
           audit_fails(audit, "frames: %s counts %u inside, and %u are",
                       domain->name, domain_frames(domain), frames);
}

static bool audit_life(struct audit *audit, const struct domain *domain)
{
    uint32_t life = domain_life(domain), slot;

    if (life != DOMAIN_NO_LIFE && (domain_id_t)life != domain->id)
        return audit_fails(audit, "life: %s lives as another than it is",
                           domain->name);
    if (!domain_id_is_used(domain->id))
        return audit_fails(audit, "life: the id of %s is free", domain->name);
    for (slot = 1; slot < domain->slot; slot++)
        if (domain_at(slot)->id == domain->id)
            return audit_fails(audit, "life: %s and %s have one id",
                               domain_at(slot)->name, domain->name);
    if (life & DOMAIN_ALIVE && (domain->reap_due || domain->gone))
        return audit_fails(audit, "life: %s is alive, and being reaped",
                           domain->name);
    if (life != DOMAIN_NO_LIFE && !(life & DOMAIN_ALIVE) &&
        domain->reap_due != life && domain->gone != life)
        return audit_fails(audit, "life: %s is dead, and nobody reaps it",
                           domain->name);
    return true;
}

static bool is_thread(const struct thread *wanted)
{
    const struct thread *thread;

    for (thread = thread_first(); thread; thread = thread->next)
        if (thread == wanted)
            return true;
    return false;
}

static bool audit_affine(struct audit *audit, const struct domain *domain)
{
    const struct thread *owner = domain->affine;

    if (!owner)
        return true;
    if (domain->open || !is_thread(owner))
        return audit_fails(audit, "affine: %s belongs to no thread there is",
                           domain->name);
    return !domain->data_stack ||
           domain->data_stack == owner->data_stack[domain->slot] ||
           audit_fails(audit, "affine: %s has another's data stack",
                       domain->name);
}

/* As many data stacks are taken as threads have one, each another. */
static bool audit_stacks(struct audit *audit, const struct domain *domain)
{
    uint64_t taken[DOMAIN_STACKS_MAX / 64] = {0};
    const struct thread *thread;
    uint32_t end, number, i;

    for (thread = thread_first(); thread; thread = thread->next) {
        end = thread->data_stack[domain->slot];
        if (!end)
            continue;
        number = (TP_STACKS_END - end) / TP_STACK_STRIDE;
        if (end > TP_STACKS_END || number >= DOMAIN_STACKS_MAX ||
            taken[number / 64] >> number % 64 & 1)
            return audit_fails(audit, "stack: two threads have one in %s",
                               domain->name);
        taken[number / 64] |= 1ull << number % 64;
    }
    for (i = 0; i < DOMAIN_STACKS_MAX / 64; i++)
        if (taken[i] != domain->data_stacks[i])
            return audit_fails(audit, "stack: %s counts others than there are",
                               domain->name);
    return true;
}

static bool audit_private(struct audit *audit, const struct domain *domain)
{
    return (domain->private_start <= domain->private_break &&
            domain->private_break <= TP_PRIVATE_END &&
            domain->image_end <= domain->private_break) ||
           audit_fails(audit, "memory: the private heap of %s is nowhere",
                       domain->name);
}

bool audit_domains(struct audit *audit)
{
    const struct domain *domain;
    uint32_t slot;

    if (domain_slots() != audit->slots)
        return audit_fails(audit, "slots: there are %u, and were %u",
                           domain_slots(), audit->slots);
    for (slot = 1; slot < domain_slots(); slot++) {
        domain = domain_at(slot);
        if (domain->id == DOMAIN_NOBODY)
            continue;
        if (!audit_frames(audit, domain) || !audit_life(audit, domain) ||
            !audit_affine(audit, domain) || !audit_stacks(audit, domain) ||
            !audit_private(audit, domain))
            return false;
    }
    return true;
}

/* In the table of which domain; NULL: of none. */
static const struct domain *holder_of(const struct capability *capability)
{
    const struct domain *domain;
    uint32_t slot;

    for (slot = 1; slot < domain_slots(); slot++) {
        domain = domain_at(slot);
        if (capability > domain->caps &&
            capability < domain->caps + CAPABILITIES_MAX &&
            ((uintptr_t)capability - (uintptr_t)domain->caps) %
                    sizeof(*capability) ==
                0)
            return domain;
    }
    return NULL;
}

/* A capability for a life that has ended is refused because it is not the
 * present one: so it must never name what a dead domain has as its life. */
static bool audit_capability(struct audit *audit,
                             const struct capability *capability,
                             const struct capability *previous)
{
    const struct domain *holder = holder_of(capability), *callee;

    if (!holder)
        return audit_fails(audit, "capability: one is in no table");
    callee = capability->callee;
    if (capability->previous != previous || capability->methods == 0 ||
        capability->depth > previous->depth + (previous->callee != NULL))
        return audit_fails(audit, "capability: one of %s stands wrong in the "
                           "list", holder->name);
    if (holder_of(&callee->caps[1]) != callee || callee == holder)
        return audit_fails(audit, "capability: one of %s leads nowhere",
                           holder->name);
    if ((capability->whole_id &&
         capability->whole_id != capability->interface_id) ||
        (capability->callee_life != DOMAIN_NO_LIFE &&
         !(capability->callee_life & DOMAIN_ALIVE)))
        return audit_fails(audit, "capability: one of %s names a dead life",
                           holder->name);
    return true;
}

/* Entries of tables that are in the list. */
static uint32_t count_listed(const struct domain *domain)
{
    uint32_t i, count = 0;

    for (i = 1; i < CAPABILITIES_MAX; i++)
        count += domain->caps[i].next && domain->caps[i].next != &domain->caps[i];
    return count;
}

bool audit_capabilities(struct audit *audit)
{
    struct lock *lock;
    const struct capability *all = capability_list(&lock), *previous = all, *c;
    uint32_t count = 0, listed = 0, slot;

    for (slot = 1; slot < domain_slots(); slot++)
        listed += count_listed(domain_at(slot));
    for (c = all->next; c != all; previous = c, c = c->next)
        if (count++ == listed || !audit_capability(audit, c, previous))
            return *audit->broken && count <= listed
                       ? false
                       : audit_fails(audit, "capability: more in the list than "
                                     "in tables");
    return (count == listed && all->previous == previous) ||
           audit_fails(audit, "capability: %u in the list, and %u in tables",
                       count, listed);
}
