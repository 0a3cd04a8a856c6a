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
#include "tepal_trusted/estate.h"
#include "tepal_trusted/lock.h"
#include "tepal_trusted/thread.h"
#include "tepal_trusted/watchdog.h"

#define SLOTS_MAX 4096

static struct domain domains[SLOTS_MAX];
static uint8_t id_used[DOMAIN_KEPT];
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

struct lock *domain_lock(void)
{
    return &domains_lock;
}

bool domain_id_is_used(domain_id_t id)
{
    return id < DOMAIN_KEPT && id_used[id];
}

static uint32_t slots_there(void)
{
    uint32_t slots = slot_count();

    return slots < SLOTS_MAX ? slots : SLOTS_MAX;
}

/*
 * There are more ids than slots, so one is always free. Never the one that the
 * slot had last, which is in @domain->gone: late leavers still compare with it.
 */
static domain_id_t take_id(struct domain *domain)
{
    do {
        last_id = (domain_id_t)(last_id % (DOMAIN_KEPT - 1) + 1);
    } while (id_used[last_id] || last_id == __atomic_load_n(&domain->gone,
                                                      __ATOMIC_RELAXED));
    id_used[last_id] = 1;
    __atomic_store_n(&domain->gone, 0, __ATOMIC_RELAXED);
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
    __atomic_store_n(&domain->budget_ticks, 0, __ATOMIC_RELAXED);
    domain->id = take_id(domain);
    domain->slot = (uint16_t)(domain - domains);
    domain->base = slot_base(domain->slot);
    text_copy(domain->name, sizeof(domain->name), name);
}

void domain_renew_id(struct domain *domain)
{
    lock_acquire(&domains_lock);
    id_used[domain->id] = 0;
    domain->id = take_id(domain);
    lock_release(&domains_lock);
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
    if (domain->generation == 0)
        domain->generation = 1;
    __atomic_store_n(&domain->life, DOMAIN_ALIVE | domain->id,
                     __ATOMIC_RELEASE);
    if (domain->budget_ticks)
        watchdog_wake(); /* it sleeps while no living domain has a budget */
}

/* It may be under way, or to be made, on another thread. */
static void wait_for_last_pass(struct domain *domain)
{
    struct thread *thread = thread_current();

    while (domain->life != DOMAIN_NO_LIFE && !domain_is_gone(domain)) {
        if (thread)
            domain_settle(domain, thread, domain->life);
        cpu_relax();
    }
    if (thread)
        estate_dissolve(domain, thread);
}

void domain_release(struct domain *domain)
{
    domain_id_t id = domain->id;

    tp_assert(!(domain->life & DOMAIN_ALIVE) && domain_frames(domain) == 0);
    wait_for_last_pass(domain);
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
    __atomic_store_n(&domain->life, DOMAIN_NO_LIFE, __ATOMIC_SEQ_CST);
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
static uint32_t stack_top(uint32_t number)
{
    return TP_STACKS_END - number * TP_STACK_STRIDE - TP_PAGE;
}

void domain_clear_data_stacks(struct domain *domain)
{
    uint32_t number;

    for (number = 0; number < DOMAIN_STACKS_MAX; number++)
        if (domain->data_stacks[number / 64] >> number % 64 & 1)
            pages_clear(domain->base + stack_top(number) -
                            domain->data_stack_bytes,
                        domain->data_stack_bytes);
}

static bool map_stack(struct domain *domain, uint32_t number)
{
    return pages_map(domain->base + stack_top(number) -
                         domain->data_stack_bytes,
                     domain->data_stack_bytes, PAGES_READ_WRITE);
}

bool domain_map_data_stacks(struct domain *domain)
{
    uint32_t number;

    for (number = 0; number < DOMAIN_STACKS_MAX; number++)
        if (domain->data_stacks[number / 64] >> number % 64 & 1 &&
            !map_stack(domain, number))
            return false;
    return true;
}

uint32_t domain_data_stack(struct domain *domain, struct thread *thread)
{
    uint32_t number = take_stack(domain), end;

    if (number == DOMAIN_STACKS_MAX)
        return 0;
    end = stack_top(number) - domain->slot % COLOURS * COLOUR_BYTES;
    if (!map_stack(domain, number)) {
        domain_free_data_stack(domain, end);
        return 0;
    }
    thread->data_stack[domain->slot] = end;
    return end;
}
