/* SPDX-License-Identifier: MIT */
/*
 * domain.c - the table of domains, one for each slot.
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
#include "tepal_trusted/device.h"
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
    return &domains[slot];
}

/* A new life in @domain's slot. */
static void start_life(struct domain *domain, const char *name)
{
    const size_t cold = offsetof(struct domain, mapped);

    /* A thread with an old capability may look at what comes before. */
    __builtin_memset((uint8_t *)domain + cold, 0, sizeof(*domain) - cold);
    domain->entered_before = domain->inside;
    domain->data_stack = 0;
    domain->shared_bytes = 0;
    domain->shared_quota = 0;
    domain->open = false;
    domain->id = take_id();
    domain->slot = (uint16_t)(domain - domains);
    domain->base = slot_base(domain->slot);
    text_copy(domain->name, sizeof(domain->name), name);
}

struct domain *domain_create(const char *name)
{
    struct domain *domain;

    lock_acquire(&domains_lock);
    domain = take_slot();
    if (domain)
        start_life(domain, name);
    lock_release(&domains_lock);
    return domain;
}

void domain_open_up(struct domain *domain)
{
    __atomic_store_n(&domain->life, DOMAIN_ALIVE | domain->id,
                     __ATOMIC_RELEASE);
}

void domain_release(struct domain *domain)
{
    domain_id_t id = domain->id;

    tp_assert(!(domain->life & DOMAIN_ALIVE) && domain_frames(domain) == 0);
    if (domain->device)
        device_take(domain->device);
    if (domain->mapped)
        pages_unmap_slot(domain->base);
    domain->mapped = false;
    thread_forget_slot(domain->slot);
    /* The id will be another's some day: no capability may name it. */
    capability_forget(domain);
    lock_acquire(&domains_lock);
    id_used[id] = 0;
    __atomic_store_n(&domain->affine, NULL, __ATOMIC_RELEASE);
    /* Nobody's objects are no dead domain's: a late leaver must not reap. */
    __atomic_store_n(&domain->reap_due, 0, __ATOMIC_SEQ_CST);
    domain->life = 0;
    domain->id = DOMAIN_NOBODY;
    lock_release(&domains_lock);
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
_Static_assert(DOMAIN_STACKS_MAX <=
                   (TP_STACKS_END - TP_STACKS_START) / TP_STACK_STRIDE,
               "as many as fit");
_Static_assert(COLOURS * COLOUR_BYTES <= TP_PAGE, "less than the gap above");

/* Which of the domain's stacks are in use: threads come and go. */
static uint32_t take_stack(struct domain *domain)
{
    uint32_t number;
    uint64_t bit;

    for (number = 0; number < DOMAIN_STACKS_MAX; number++) {
        bit = 1ull << number % 64;
        if (!(__atomic_fetch_or(&domain->data_stacks[number / 64], bit,
                                __ATOMIC_RELAXED) &
              bit))
            break;
    }
    return number;
}

void domain_free_data_stack(struct domain *domain, uint32_t end)
{
    uint32_t number = (TP_STACKS_END - end) / TP_STACK_STRIDE;

    __atomic_fetch_and(&domain->data_stacks[number / 64],
                       ~(1ull << number % 64), __ATOMIC_RELAXED);
}

/*
 * One stack for each thread inside, TP_STACK_STRIDE apart, the first one on
 * top. What lies between two is never mapped.
 */
uint32_t domain_data_stack(struct domain *domain, struct thread *thread)
{
    uint32_t number = take_stack(domain), top, end;

    if (number == DOMAIN_STACKS_MAX)
        return 0;
    top = TP_STACKS_END - number * TP_STACK_STRIDE - TP_PAGE;
    end = top - domain->slot % COLOURS * COLOUR_BYTES;
    if (!pages_map(domain->base + top - domain->data_stack_bytes,
                   domain->data_stack_bytes, PAGES_READ_WRITE)) {
        domain_free_data_stack(domain, end);
        return 0;
    }
    thread->data_stack[domain->slot] = end;
    return end;
}
