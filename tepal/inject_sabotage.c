/* SPDX-License-Identifier: MIT */
/*
 * inject_sabotage.c - a campaign that cannot fail shows nothing: here the
 * kernel's own state is damaged on purpose, as no domain can, and the campaign
 * has to say so. For tests/system/inject.test.
 */
#include "inject_sabotage.h"
#include "arch/pages.h"
#include "stop.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/device.h"
#include <string.h>

typedef void damage(const struct inject_target *target);

struct search {
    struct registry_record *found;
};

static void take_owned(struct registry_record *record, void *context)
{
    struct search *search = context;

    if (owner_of(record->word) != DOMAIN_NOBODY)
        search->found = record;
}

static struct registry_record *some_record(void)
{
    struct search search = {NULL};

    heap_visit(take_owned, &search);
    tp_assert(search.found);
    return search.found;
}

static void lend(const struct inject_target *target)
{
    (void)target;
    some_record()->word += OWNER_ONE_BORROW;
}

static void give_to_nobody_alive(const struct inject_target *target)
{
    struct registry_record *record = some_record();

    (void)target;
    record->word = (record->word & OWNER_GENERATION) | 0x7ffe;
}

/* One that the fault is not for: it does not die of it. */
static struct domain *other_than(const struct inject_target *target)
{
    struct running *running = target->running;
    uint32_t i;

    for (i = 0; i + 1 < running->loaded; i++)
        if (running->domains[i].domain != target->domain)
            break;
    return running->domains[i].domain;
}

static void count_frame(const struct inject_target *target)
{
    other_than(target)->inside += DOMAIN_ONE_FRAME;
}

static void charge(const struct inject_target *target)
{
    other_than(target)->shared_bytes += TP_GRANULE;
}

static void hold_lock(const struct inject_target *target)
{
    (void)target;
    heap_lists().lock->held = 1;
}

static void move_capability(const struct inject_target *target)
{
    struct lock *lock;

    (void)target;
    capability_list(&lock)->next->depth += 2;
}

static void change_text(const struct inject_target *target)
{
    const struct image_segment *text = &target->domain->image.text;
    uintptr_t page = target->domain->base + text->address;

    tp_assert(pages_protect(page, TP_PAGE, PAGES_READ_WRITE));
    *(uint8_t *)page ^= 1;
    tp_assert(pages_protect(page, TP_PAGE, PAGES_READ_EXECUTE));
}

/* The campaign's thread is the kernel's own. */
static void fault(const struct inject_target *target)
{
    volatile uint32_t *nowhere = (volatile uint32_t *)(uintptr_t)target->thread;

    *nowhere = 0;
}

/* Whoever calls the driver stays in the kernel for ever. */
static void hang(const struct inject_target *target)
{
    target->running->nics[0].device->lock.held = 1;
}

/* A byte of one that is not the victim: in the window. */
static void write_to_other(const struct inject_target *target)
{
    const struct domain *other = other_than(target);

    *(uint8_t *)(other->base + other->private_start) ^= 1;
}

static const struct {
    const char *name;
    damage *act;
    bool in_window;
} all[] = {
    {"loan", lend, false},          {"owner", give_to_nobody_alive, false},
    {"frame", count_frame, false},  {"charge", charge, false},
    {"lock", hold_lock, false},     {"capability", move_capability, false},
    {"text", change_text, false},   {"fault", fault, false},
    {"hang", hang, false},          {"memory", write_to_other, true},
};

bool inject_sabotage_is_known(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i].name, name) == 0)
            return true;
    return false;
}

void inject_sabotage(struct inject_sabotage *sabotage,
                     const struct inject_target *target, bool in_window)
{
    size_t i;

    if (!sabotage->what || sabotage->is_done || target->plan->fault < sabotage->at)
        return;
    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i].name, sabotage->what) == 0 &&
            all[i].in_window == in_window) {
            sabotage->is_done = true;
            all[i].act(target);
        }
}
