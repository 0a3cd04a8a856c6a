/* SPDX-License-Identifier: MIT */
/*
 * domain.c - the table of domains, one for each slot, and their capabilities.
 *
 * A domain's structure is never freed and its slot number never changes, so a
 * stale pointer is harmless: it finds another life. Slot 0 is the kernel's and
 * has no memory. An id names one incarnation; it is given out again only after
 * domain_release(), when no record names it any more.
 * Source: thesis 2 (Domains); design, sections 2 and 4.
 */
#include "tepal_trusted/domain.h"
#include "arch/pages.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/lock.h"
#include "tepal_trusted/thread.h"

#define SLOTS_MAX 4096

static struct domain domains[SLOTS_MAX];
static uint8_t id_used[DOMAIN_ORPHAN];
static domain_id_t last_id;
static uint32_t slots_used = 1; /* slots below have been used, or are */
static struct lock domains_lock;

uint32_t domain_slots(void)
{
    return __atomic_load_n(&slots_used, __ATOMIC_ACQUIRE);
}

struct domain *domain_at(uint32_t slot)
{
    return slot < domain_slots() ? &domains[slot] : NULL;
}

static uint32_t slots_there(void)
{
    uint32_t slots = slot_count();

    return slots < SLOTS_MAX ? slots : SLOTS_MAX;
}

/* There are more ids than slots, so one is always free. */
static domain_id_t take_id(void)
{
    do {
        last_id = (domain_id_t)(last_id % (DOMAIN_ORPHAN - 1) + 1);
    } while (id_used[last_id]);
    id_used[last_id] = 1;
    return last_id;
}

static struct domain *take_slot(void)
{
    uint32_t slot;

    for (slot = 1; slot < slots_used; slot++)
        if (domains[slot].id == DOMAIN_NOBODY)
            break;
    if (slot >= slots_there())
        return NULL;
    if (slot == slots_used)
        __atomic_store_n(&slots_used, slot + 1, __ATOMIC_RELEASE);
    domains[slot].slot = (uint16_t)slot;
    domains[slot].id = take_id();
    return &domains[slot];
}

struct domain *domain_create(const char *name)
{
    struct domain *domain;
    domain_id_t id;
    uint16_t slot;

    lock_acquire(&domains_lock);
    domain = take_slot();
    lock_release(&domains_lock);
    if (!domain)
        return NULL;
    id = domain->id;
    slot = domain->slot;
    __builtin_memset(domain, 0, sizeof(*domain));
    domain->id = id;
    domain->slot = slot;
    domain->base = slot_base(slot);
    domain->caps = domain->caps_storage;
    text_copy(domain->name, sizeof(domain->name), name);
    return domain;
}

void domain_open_up(struct domain *domain)
{
    __atomic_store_n(&domain->life, DOMAIN_ALIVE | domain->id,
                     __ATOMIC_RELEASE);
}

/* The id will be another's some day: nobody may hold a capability to it. */
static void void_capabilities(const struct domain *callee)
{
    uint32_t slot, i;

    for (slot = 1; slot < domain_slots(); slot++) {
        struct domain *holder = &domains[slot];

        for (i = 0; i < holder->cap_count; i++)
            if (holder->caps_storage[i].callee == callee)
                __atomic_store_n(&holder->caps_storage[i].interface_id, 0,
                                 __ATOMIC_RELAXED);
    }
}

void domain_release(struct domain *domain)
{
    domain_id_t id = domain->id;

    tp_assert(!(domain->life & DOMAIN_ALIVE) && domain_frames(domain) == 0);
    if (domain->mapped)
        pages_unmap_slot(domain->base);
    domain->mapped = false;
    void_capabilities(domain);
    thread_forget_slot(domain->slot);
    lock_acquire(&domains_lock);
    id_used[id] = 0;
    domain->affine = NULL;
    domain->life = 0;
    domain->id = DOMAIN_NOBODY;
    lock_release(&domains_lock);
}

int domain_grant(struct domain *domain, struct domain *callee,
                 const struct domain_export *export)
{
    struct capability *capability = &domain->caps_storage[domain->cap_count];

    if (domain->cap_count == DOMAIN_CAPS_MAX)
        return -1;
    capability->interface_id = export->interface_id;
    capability->callee = callee;
    capability->callee_life = DOMAIN_ALIVE | callee->id;
    capability->entries = export->entries;
    return (int)domain->cap_count++;
}

const struct domain_export *domain_find_export(const struct domain *domain,
                                               const char *name)
{
    uint32_t i;

    for (i = 0; i < domain->export_count; i++)
        if (text_equal(domain->exports[i].name, name))
            return &domain->exports[i];
    return NULL;
}

/* Stacks of different domains begin on different lines of a cache set. */
#define COLOURS 32
#define COLOUR_BYTES 128

/*
 * One stack for each thread that ever entered, TP_STACK_STRIDE apart, the top
 * one first. What lies between two is never mapped.
 */
uint32_t domain_data_stack(struct domain *domain, struct thread *thread)
{
    uint32_t number, top;

    number = __atomic_fetch_add(&domain->data_stacks, 1, __ATOMIC_RELAXED);
    if (number >= (TP_STACKS_END - TP_STACKS_START) / TP_STACK_STRIDE) {
        __atomic_fetch_sub(&domain->data_stacks, 1, __ATOMIC_RELAXED);
        return 0;
    }
    top = TP_STACKS_END - number * TP_STACK_STRIDE - TP_PAGE;
    if (!pages_map(domain->base + top - domain->data_stack_bytes,
                   domain->data_stack_bytes, PAGES_READ_WRITE))
        return 0;
    top -= domain->slot % COLOURS * COLOUR_BYTES;
    thread->data_stack[domain->slot] = top;
    return top;
}
