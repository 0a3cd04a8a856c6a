/* SPDX-License-Identifier: MIT */
/*
 * capability.c - tables of capabilities, and what was derived from what.
 *
 * One list holds every capability there is, in preorder: after each follow
 * those derived from it, one level deeper. So all that was derived from one is
 * the stretch behind it that lies deeper, and revoking needs no search. The
 * lock guards the list and who may write an entry; readers take none (see
 * capability.h).
 *
 * An entry that others voided is not free: its holder, who was not told, still
 * has the index. It is in no list, its links lead to itself.
 * Source: design, section 4 (Capabilities).
 */
#include "tepal_trusted/capability.h"
#include "tepal_trusted/domain.h"
#include "tepal_trusted/lock.h"

static struct lock lock;
static struct capability all = {.next = &all, .previous = &all};

const struct capability *capability_list(struct lock **its_lock)
{
    *its_lock = &lock;
    return &all;
}

static bool is_void(const struct capability *capability)
{
    return __atomic_load_n(&capability->methods, __ATOMIC_RELAXED) == 0;
}

/* No index of it is out. */
static bool is_free(const struct capability *capability)
{
    return !capability->next;
}

static bool same_export(const struct capability *a, const struct capability *b)
{
    return a->callee == b->callee && a->entries == b->entries &&
           a->interface_id == b->interface_id;
}

/* An entry of @holder's that can become one like @model. */
static struct capability *find_place(struct domain *holder,
                                     const struct capability *model)
{
    uint32_t i;

    for (i = 1; i < CAPABILITIES_MAX; i++) {
        struct capability *place = &holder->caps[i];

        if (is_free(place) &&
            (!place->callee || !holder->open || same_export(place, model)))
            return place;
    }
    return NULL;
}

static void link_behind(struct capability *capability,
                        struct capability *previous)
{
    capability->previous = previous;
    capability->next = previous->next;
    capability->next->previous = capability;
    previous->next = capability;
}

static void unlink_one(struct capability *capability)
{
    capability->previous->next = capability->next;
    capability->next->previous = capability->previous;
}

/* From the first store that readers look at, the rest must hold. */
static void publish(struct capability *place, const struct capability *model)
{
    if (!same_export(place, model)) {
        place->callee = model->callee;
        place->entries = model->entries;
        place->interface_id = model->interface_id;
    }
    __atomic_store_n(&place->callee_life, model->callee_life,
                     __ATOMIC_RELAXED);
    place->depth = model->depth;
    __atomic_store_n(&place->methods, model->methods, __ATOMIC_RELEASE);
    __atomic_store_n(&place->whole_id, model->whole_id, __ATOMIC_RELEASE);
}

static void make_void(struct capability *capability)
{
    unlink_one(capability);
    capability->next = capability->previous = capability;
    __atomic_store_n(&capability->whole_id, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&capability->methods, 0, __ATOMIC_RELAXED);
}

/* Its holder knows, or never had the index. */
static void give_up(struct capability *capability)
{
    make_void(capability);
    capability->next = capability->previous = NULL;
}

/* Its index in @holder's table; 0 when that is full. */
static uint32_t add(struct domain *holder, const struct capability *model,
                    struct capability *behind)
{
    struct capability *place = find_place(holder, model);

    if (!place)
        return 0;
    publish(place, model);
    link_behind(place, behind);
    return (uint32_t)(place - holder->caps);
}

/* Its life if it is ready, read once; else none. */
static uint32_t ready_life(const struct domain *callee)
{
    uint32_t life = __atomic_load_n(&callee->life, __ATOMIC_SEQ_CST);

    return life & DOMAIN_ALIVE &&
                   !__atomic_load_n(&callee->reviving, __ATOMIC_SEQ_CST)
               ? life
               : DOMAIN_NO_LIFE;
}

/* @is_new: a callee that is not alive yet will be, in this life. */
static uint32_t grant(struct domain *holder, struct domain *callee,
                      const struct domain_export *export, bool is_new)
{
    struct capability model = {
        .whole_id = export->interface_id,
        .callee = callee,
        .entries = export->entries,
        .methods = export->count < 64 ? (1ull << export->count) - 1
                                      : CAPABILITY_METHODS_ALL,
        .interface_id = export->interface_id,
    };
    uint32_t index;

    lock_acquire(&lock);
    model.callee_life = is_new ? DOMAIN_ALIVE | callee->id : ready_life(callee);
    index = add(holder, &model, &all);
    lock_release(&lock);
    return index;
}

uint32_t capability_grant(struct domain *holder, struct domain *callee,
                          const struct domain_export *export)
{
    return grant(holder, callee, export, true);
}

uint32_t capability_grant_again(struct domain *holder, struct domain *callee,
                                const struct domain_export *export)
{
    return grant(holder, callee, export, false);
}

/* NULL when it is free; it may be void. Needs: the lock. */
static struct capability *find(struct domain *holder, uint64_t index)
{
    if (index == 0 || index >= CAPABILITIES_MAX ||
        is_free(&holder->caps[index]))
        return NULL;
    return &holder->caps[index];
}

static uint32_t derive(struct capability *from, uint64_t methods,
                       struct domain *to)
{
    struct capability model = *from;

    model.methods &= methods;
    model.depth++;
    if (model.methods == 0)
        return 0;
    if (model.methods != from->methods)
        model.whole_id = 0;
    return add(to, &model, from);
}

uint32_t capability_derive(struct domain *holder, uint64_t index,
                           uint64_t interface_id, uint64_t methods,
                           struct domain *to)
{
    struct capability *from;
    uint32_t derived = 0;

    lock_acquire(&lock);
    from = find(holder, index);
    if (from && (interface_id == 0 || from->interface_id == interface_id))
        derived = derive(from, methods, to);
    lock_release(&lock);
    return derived;
}

static void revoke_derived(const struct capability *capability)
{
    while (capability->next->depth > capability->depth)
        make_void(capability->next);
}

bool capability_revoke(struct domain *holder, uint64_t index, bool keep)
{
    struct capability *capability;
    bool was_there = false;

    lock_acquire(&lock);
    capability = find(holder, index);
    if (capability) {
        was_there = !is_void(capability);
        revoke_derived(capability);
        if (!keep)
            give_up(capability);
    }
    lock_release(&lock);
    return was_there;
}

/* What was derived from it moves one level up, to stand for itself. */
static void leave_children(struct capability *capability)
{
    struct capability *derived;

    for (derived = capability->next; derived->depth > capability->depth;
         derived = derived->next)
        derived->depth--;
    give_up(capability);
}

static bool is_held_by(const struct capability *capability,
                       const struct domain *domain)
{
    return capability >= domain->caps &&
           capability < domain->caps + CAPABILITIES_MAX;
}

bool capability_leads_to(const struct domain *domain)
{
    const struct capability *capability;
    bool found = false;

    lock_acquire(&lock);
    for (capability = all.next; capability != &all && !found;
         capability = capability->next)
        found = capability->callee == domain && !is_held_by(capability, domain);
    lock_release(&lock);
    return found;
}

bool capability_is_held(const struct domain *holder,
                        const struct domain *callee)
{
    bool found = false;
    uint32_t i;

    lock_acquire(&lock);
    for (i = 1; i < CAPABILITIES_MAX && !found; i++)
        found = !is_free(&holder->caps[i]) && !is_void(&holder->caps[i]) &&
                holder->caps[i].callee == callee;
    lock_release(&lock);
    return found;
}

static void lose_all(struct domain *domain)
{
    uint32_t i;

    for (i = 1; i < CAPABILITIES_MAX; i++)
        if (!is_free(&domain->caps[i]))
            leave_children(&domain->caps[i]);
}

void capability_forget(struct domain *domain)
{
    struct capability *capability, *next;

    lock_acquire(&lock);
    for (capability = all.next; capability != &all; capability = next) {
        next = capability->next;
        if (capability->callee == domain)
            make_void(capability);
    }
    lose_all(domain);
    lock_release(&lock);
}

static void set_life(struct capability *capability, uint32_t life)
{
    __atomic_store_n(&capability->callee_life, life, __ATOMIC_RELAXED);
}

void capability_retire(struct domain *domain)
{
    struct capability *capability;

    lock_acquire(&lock);
    lose_all(domain);
    for (capability = all.next; capability != &all;
         capability = capability->next)
        if (capability->callee == domain)
            set_life(capability, DOMAIN_NO_LIFE);
    lock_release(&lock);
}

struct domain *capability_callee(struct domain *holder, uint64_t index)
{
    struct capability *capability;
    struct domain *callee = NULL;

    lock_acquire(&lock);
    capability = find(holder, index);
    if (capability && !is_void(capability))
        callee = capability->callee;
    lock_release(&lock);
    return callee;
}

uint32_t capability_generation(struct domain *holder, uint64_t index)
{
    struct capability *capability;
    uint32_t generation = 0;

    lock_acquire(&lock);
    capability = find(holder, index);
    if (capability && !is_void(capability) &&
        capability_life(capability) == domain_life(capability->callee))
        generation = __atomic_load_n(&capability->callee->generation,
                                     __ATOMIC_RELAXED);
    lock_release(&lock);
    return generation;
}

uint32_t capability_renew(struct domain *holder, uint64_t index,
                          const struct domain *callee)
{
    struct capability *capability;
    uint32_t generation = 0, life;

    lock_acquire(&lock);
    capability = find(holder, index);
    life = ready_life(callee);
    if (capability && !is_void(capability) && capability->callee == callee &&
        life != DOMAIN_NO_LIFE) {
        set_life(capability, life);
        generation = __atomic_load_n(&callee->generation, __ATOMIC_RELAXED);
    }
    lock_release(&lock);
    return generation;
}
