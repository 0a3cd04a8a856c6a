/* SPDX-License-Identifier: MIT */
/*
 * audit_heap.c - the registry against all that is known of it elsewhere: lists
 * of free objects, lives of owners, loans noted in calls, charges in quotas.
 * Source: design, sections 3 and 4; docs/INJECT.md, "What is checked".
 */
#include "../heap/classes.h"
#include "audit.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/rref.h"

struct walk {
    struct audit *audit;
    uint64_t listed, unowned, retired, borrows;
    bool fine;
};

static bool test_and_set(struct audit *audit, uint64_t bit)
{
    uint64_t *word = &audit->seen[bit / 64], mask = 1ull << bit % 64;
    bool was = *word & mask;

    *word |= mask;
    return was;
}

/* Whether @record is one of class @class, and in one list only. */
static bool audit_free(struct audit *audit,
                       const struct registry_record *record, uint32_t class)
{
    uint64_t number = (uint64_t)(record - registry.records);
    uint32_t bytes = 0;

    if (record < registry.records || number >= registry.granules ||
        heap_containing((uint32_t)number * TP_GRANULE, &bytes) != record ||
        bytes != class_granules(class) * TP_GRANULE)
        return audit_fails(audit, "registry: what is free in class %u is no "
                           "object", class);
    if ((uint32_t)record->word != DOMAIN_NOBODY || record->word == 0)
        return audit_fails(audit, "registry: a free object at 0x%x has owner "
                           "%u and %u borrowers",
                           registry_offset(record), owner_of(record->word),
                           owner_borrows(record->word));
    return !test_and_set(audit, number) ||
           audit_fails(audit, "registry: the object at 0x%x is free twice",
                       registry_offset(record));
}

static bool audit_list(struct walk *walk, const struct registry_record *first,
                       uint32_t class, uint32_t *length)
{
    const struct registry_record *record;

    for (*length = 0, record = first; record; record = record->next_free) {
        if (!audit_free(walk->audit, record, class))
            return false;
        ++*length;
    }
    walk->listed += *length;
    return true;
}

/* A cache counts its lists, and its end is where the count says. */
static bool audit_cache(struct walk *walk, const struct heap_cache *cache,
                        uint32_t class)
{
    const struct registry_record *record = cache->free[class];
    uint32_t i;

    for (i = 0; i < cache->count[class]; i++, record = record->next_free)
        if (!record || !audit_free(walk->audit, record, class))
            return *walk->audit->broken
                       ? false
                       : audit_fails(walk->audit, "registry: a cache has fewer "
                                     "of class %u than it counts", class);
    walk->listed += cache->count[class];
    return !record || audit_fails(walk->audit, "registry: a cache has more of "
                                  "class %u than it counts", class);
}

static bool audit_lists(struct walk *walk)
{
    const struct thread *thread;
    uint32_t class, length;

    for (class = 0; class < HEAP_CLASSES; class ++) {
        if (!audit_list(walk, heap_lists().free[class], class, &length))
            return false;
        for (thread = thread_first(); thread; thread = thread->next)
            if (!audit_cache(walk, &thread->cache, class))
                return false;
    }
    return true;
}

/* Loans of @record that calls are to give back. */
static uint32_t count_loans(const struct registry_record *record)
{
    const struct thread *thread;
    const struct continuation *c;
    uint32_t count = 0, i;

    for (thread = thread_first(); thread; thread = thread->next)
        for (c = thread->continuation; c; c = c->outer)
            for (i = 0; i < c->crossing->loan_count; i++)
                count += c->crossing->loans[i] == record;
    return count;
}

static bool is_kept(uint64_t handle)
{
    uint32_t slot, i;

    for (slot = 1; slot < domain_slots(); slot++)
        for (i = 0; i < DOMAIN_KEPT_MAX; i++)
            if (domain_at(slot)->kept[i].handle == handle)
                return true;
    return false;
}

/* Alive, or dead with its last pass still to come. */
static bool is_owner(domain_id_t id)
{
    const struct domain *domain;
    uint32_t slot;

    for (slot = 1; slot < domain_slots(); slot++) {
        domain = domain_at(slot);
        if (domain->id == id)
            return domain_is_alive(domain) || domain->reap_due == id ||
                   domain->life == DOMAIN_NO_LIFE;
    }
    return false;
}

static bool audit_owner(struct audit *audit,
                        const struct registry_record *record)
{
    owner_word_t word = record->word;
    uint32_t offset = registry_offset(record);

    switch (owner_of(word)) {
    case DOMAIN_ORPHAN:
        return owner_borrows(word) != 0 ||
               audit_fails(audit, "registry: the orphan at 0x%x has no borrower",
                           offset);
    case DOMAIN_KEPT:
        return is_kept(registry_handle(record, word)) ||
               audit_fails(audit, "registry: nobody keeps the object at 0x%x",
                           offset);
    default:
        return is_owner(owner_of(word)) ||
               audit_fails(audit, "registry: the object at 0x%x is of %u, who "
                           "is not alive", offset, owner_of(word));
    }
}

static bool audit_type(struct audit *audit,
                       const struct registry_record *record)
{
    uint32_t i, bytes = 0;

    (void)heap_containing(registry_offset(record), &bytes);
    for (i = 0; i < tp_type_count; i++)
        if (tp_types[i] == record->type && tp_types[i]->heap_bytes == bytes)
            return true;
    return audit_fails(audit, "registry: the object at 0x%x has no type",
                       registry_offset(record));
}

static bool audit_loans(struct audit *audit,
                        const struct registry_record *record)
{
    uint32_t loans = owner_borrows(record->word) ? count_loans(record) : 0;

    return owner_borrows(record->word) == loans ||
           audit_fails(audit, "loans: the object at 0x%x counts %u, and calls "
                       "have %u", registry_offset(record),
                       owner_borrows(record->word), loans);
}

/* A free record has a link where a type would be. */
static void audit_record(struct registry_record *record, void *context)
{
    struct walk *walk = context;

    if (!walk->fine)
        return;
    walk->borrows += owner_borrows(record->word);
    if (owner_of(record->word) == DOMAIN_NOBODY) {
        walk->unowned++;
        walk->retired += owner_generation(record->word) == UINT32_MAX;
        return;
    }
    walk->fine = audit_owner(walk->audit, record) &&
                 audit_type(walk->audit, record) &&
                 audit_loans(walk->audit, record);
}

/* All loans of all calls. */
static uint64_t count_all_loans(void)
{
    const struct thread *thread;
    const struct continuation *c;
    uint64_t count = 0;

    for (thread = thread_first(); thread; thread = thread->next)
        for (c = thread->continuation; c; c = c->outer)
            count += c->crossing->loan_count;
    return count;
}

struct sum {
    domain_id_t owner;
    int64_t bytes;
};

static void add_bytes(struct registry_record *record, void *context)
{
    struct sum *sum = context;

    if (owner_of(record->word) == sum->owner)
        sum->bytes += record->type->heap_bytes;
}

/* Bytes that calls have moved to @domain, and not settled yet. */
static int64_t in_flight(const struct domain *domain)
{
    const struct thread *thread;
    int64_t bytes = 0;

    for (thread = thread_first(); thread; thread = thread->next)
        bytes += rref_in_flight(thread, domain);
    return bytes;
}

static bool audit_charges(struct audit *audit)
{
    const struct domain *domain;
    struct sum sum;
    uint32_t slot;

    for (slot = 1; slot < domain_slots(); slot++) {
        domain = domain_at(slot);
        if (!domain_is_alive(domain))
            continue;
        sum = (struct sum){domain->id, 0};
        heap_visit(add_bytes, &sum);
        if (sum.bytes != domain->shared_bytes + in_flight(domain))
            return audit_fails(audit, "quota: %s is charged %ld bytes, and "
                               "owns %ld", domain->name,
                               domain->shared_bytes + in_flight(domain),
                               sum.bytes);
    }
    return true;
}

bool audit_heap(struct audit *audit)
{
    struct walk walk = {audit, 0, 0, 0, 0, true};

    __builtin_memset(audit->seen, 0,
                     heap_lists().chunks * (HEAP_CHUNK_BYTES / TP_GRANULE / 8));
    if (!audit_lists(&walk))
        return false;
    heap_visit(audit_record, &walk);
    if (!walk.fine)
        return false;
    if (walk.listed > walk.unowned ||
        walk.listed + walk.retired < walk.unowned)
        return audit_fails(audit, "registry: %lu objects are nobody's, and %lu "
                           "are free", walk.unowned, walk.listed);
    if (walk.borrows != count_all_loans())
        return audit_fails(audit, "loans: objects count %lu, and calls have %lu",
                           walk.borrows, count_all_loans());
    return audit_charges(audit);
}
