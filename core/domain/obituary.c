/* SPDX-License-Identifier: MIT */
/*
 * obituary.c - deaths are written down, and filed for a report.
 *
 * Invariant: everything in an obituary is the kernel's own word, but for
 * addresses, which a domain chose by where it called from. Frames of crossings
 * and gates stand on the trusted stack, which no domain can write.
 * Locking: each death has a lock for its counts, the ring has one. Both are
 * held for a few stores, never by a signal handler.
 * Source: design, section 5.
 */
#include "tepal_trusted/obituary.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/crossing.h"
#include "tepal_trusted/proxy.h"

static struct {
    struct lock lock;
    struct obituary entries[OBITUARIES_MAX];
    uint32_t first, count;
    uint64_t lost;
} ring;

void death_await_blame(const struct domain_death *death)
{
    while (__atomic_load_n(&death->blamed, __ATOMIC_ACQUIRE) ==
           DEATH_BEING_BLAMED)
        cpu_relax();
}

struct lock *obituary_lock(void)
{
    return &ring.lock;
}

/* The slot offset of @address, if that is in @domain's text; or 0. */
static uint32_t text_offset(const struct domain *domain, uintptr_t address)
{
    uintptr_t offset = address - domain->base;

    return offset >= TP_TEXT_START && offset < domain->text_end
               ? (uint32_t)offset
               : 0;
}

static bool name_method(struct death_frame *frame,
                        const struct domain_export *export, uintptr_t entry)
{
    const struct proxy_interface *interface =
        interface_find(export->interface_id);
    uint32_t m;

    for (m = 0; interface && m < export->count; m++) {
        if (export->entries[m] != entry)
            continue;
        frame->interface = interface->name;
        frame->method = interface->methods[m];
        return true;
    }
    return false;
}

/* A function may stand in several exports: the first is as good as any. */
static void note_method(struct death_frame *frame, const struct crossing *x)
{
    const struct domain *callee = x->callee;
    uint32_t e;

    if (x->caller->id == DOMAIN_NOBODY)
        return;
    for (e = 0; e < callee->export_count; e++)
        if (name_method(frame, &callee->exports[e], x->entry))
            return;
}

static void add_frame(struct domain_death *death, const struct crossing *x,
                      uint32_t address)
{
    struct death_frame *frame;

    if (death->chain_length++ >= DEATH_CHAIN_MAX)
        return;
    frame = &death->chain[death->chain_length - 1];
    text_copy(frame->name, sizeof(frame->name), x->callee->name);
    frame->domain = x->callee;
    frame->version = x->callee->version;
    frame->address = address;
    note_method(frame, x);
}

/* Where the caller of @x called; what stands in for one has no frame. */
static uint32_t call_site(const struct crossing *x)
{
    if (x->caller->id == DOMAIN_NOBODY || !x->caller_frame)
        return 0;
    return text_offset(x->caller, x->caller_frame->return_address - 1);
}

/* @x has been popped; what is around it stands in its thread. */
static void note_chain(struct domain_death *death, const struct crossing *x)
{
    const struct continuation *outer;

    add_frame(death, x, death->address);
    for (outer = x->thread->continuation; outer; outer = outer->outer) {
        add_frame(death, outer->crossing, call_site(x));
        x = outer->crossing;
    }
}

static void note_loans(struct domain_death *death, const struct crossing *x)
{
    struct death_lender *lender = death->lenders;
    struct death_lender *end = lender + DEATH_LENDERS_MAX;

    while (lender < end && lender->loans && lender->id != x->caller->id)
        lender++;
    if (lender == end) {
        death->loans_elsewhere += x->loan_count;
        return;
    }
    text_copy(lender->name, sizeof(lender->name), x->caller->name);
    lender->id = x->caller->id;
    lender->loans += x->loan_count;
}

/* Whether @x shows what the domain died of; so does any when none is blamed. */
static bool is_witness(const struct domain_death *death,
                       const struct crossing *x)
{
    return !death->chained && (!death->thread || death->thread == x->thread);
}

void death_settle(struct crossing *x)
{
    struct domain_death *death = &x->callee->death;
    uint32_t left_at = text_offset(x->callee, x->thread->left_at - 1);

    x->thread->left_at = 0;
    death_await_blame(death);
    lock_acquire(&death->lock);
    if (is_witness(death, x)) {
        death->chained = true;
        if (!death->address)
            death->address = left_at;
        note_chain(death, x);
    }
    if (x->loan_count)
        note_loans(death, x);
    lock_release(&death->lock);
}

static void add_object(struct death_objects *sum, const struct type *type)
{
    sum->objects++;
    sum->bytes += type->heap_bytes;
}

void death_count_object(struct domain_death *death, const struct type *type,
                        bool freed)
{
    uint32_t i;

    lock_acquire(&death->lock);
    add_object(freed ? &death->freed : &death->orphaned, type);
    for (i = 0; freed && i < DEATH_TYPES_MAX; i++) {
        if (death->types[i].type && death->types[i].type != type)
            continue;
        death->types[i].type = type;
        add_object(&death->types[i].freed, type);
        break;
    }
    lock_release(&death->lock);
}

static void put_in_ring(const struct domain *domain)
{
    struct obituary *entry;

    if (ring.count == OBITUARIES_MAX) {
        ring.lost++;
        return;
    }
    entry = &ring.entries[(ring.first + ring.count++) % OBITUARIES_MAX];
    text_copy(entry->name, sizeof(entry->name), domain->name);
    entry->domain = domain;
    entry->id = domain->id;
    entry->generation = domain->generation;
    entry->version = domain->version;
    entry->base = domain->base;
    entry->death = domain->death;
    if (entry->death.chain_length)
        return;
    entry->death.chain[0].domain = domain;
    entry->death.chain[0].version = domain->version;
    entry->death.chain[0].address = entry->death.address;
}

void death_file(struct domain *domain)
{
    struct domain_death *death = &domain->death;

    death_await_blame(death);
    if (!death->cause[0] ||
        __atomic_exchange_n(&death->filed, true, __ATOMIC_SEQ_CST))
        return;
    lock_acquire(&ring.lock);
    put_in_ring(domain);
    lock_release(&ring.lock);
}

bool obituary_take(struct obituary *obituary)
{
    bool taken;

    lock_acquire(&ring.lock);
    taken = ring.count != 0;
    if (taken) {
        *obituary = ring.entries[ring.first];
        ring.first = (ring.first + 1) % OBITUARIES_MAX;
        ring.count--;
    }
    lock_release(&ring.lock);
    return taken;
}

uint64_t obituaries_lost(void)
{
    uint64_t lost;

    lock_acquire(&ring.lock);
    lost = ring.lost;
    lock_release(&ring.lock);
    return lost;
}
