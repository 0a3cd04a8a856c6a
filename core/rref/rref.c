/* SPDX-License-Identifier: MIT */
/*
 * rref.c - one remote reference: new, drop, lend, give back.
 *
 * Every step is one change of the owner word, which compares generation,
 * borrow count and owner at once. Where the owner is affine to this thread a
 * load and a store do, elsewhere a compare-and-swap (owner_change()).
 * Source: thesis 3.2; design, section 4.
 */
#include "../heap/cache.h"
#include "tepal_trusted/proxy.h"
#include "tepal_trusted/rref.h"

void rref_account(const struct thread *thread, struct domain *domain,
                  int64_t delta)
{
    if (domain_is_affine(domain, thread))
        domain->shared_bytes += delta;
    else
        __atomic_fetch_add(&domain->shared_bytes, delta, __ATOMIC_RELAXED);
}

int64_t rref_in_flight(const struct thread *thread,
                       const struct domain *domain)
{
    const struct continuation *c;
    int64_t bytes = 0;

    for (c = thread->continuation; c; c = c->outer) {
        if (c->crossing->callee == domain)
            bytes += c->crossing->moved_bytes;
        if (c->crossing->caller == domain)
            bytes -= c->crossing->moved_bytes;
    }
    return bytes;
}

static void count_up(const struct thread *thread, const struct domain *domain,
                     uint64_t *counter)
{
    if (domain_is_affine(domain, thread))
        ++*counter;
    else
        __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/*
 * Charged first: two threads cannot both find the last of the room.
 * @counter: of what has been made; NULL = none.
 */
tp_inline uint64_t make(struct thread *thread, struct domain *domain,
                        const struct type *type, uint64_t *counter)
{
    uint64_t handle = 0;

    rref_account(thread, domain, type->heap_bytes);
    if (__atomic_load_n(&domain->shared_bytes, __ATOMIC_RELAXED) +
            rref_in_flight(thread, domain) <=
        domain->shared_quota)
        handle = cache_alloc(&thread->cache, type, domain->id);
    if (!handle)
        rref_account(thread, domain, -(int64_t)type->heap_bytes);
    else if (counter)
        count_up(thread, domain, counter);
    return handle;
}

uint64_t rref_new(struct thread *thread, struct domain *domain,
                  const struct type *type)
{
    return make(thread, domain, type, NULL);
}

uint64_t rref_new_listed(struct thread *thread, struct domain *domain,
                         uint32_t index)
{
    return make(thread, domain, domain->types[index],
                &domain->allocated[index]);
}

static bool drop_one(struct thread *thread, struct domain *domain,
                     uint64_t handle, const struct type *wanted);

/*
 * The child handles are read before the parent is given up, since afterwards
 * its payload may be another's. A payload can hold any handle: what is not of
 * the declared type is no child. So depth is bounded: types are not recursive.
 */
tp_cold void drop_children(struct thread *thread, struct domain *domain,
                           const struct type *type, const uint8_t *payload)
{
    uint32_t i;
    uint64_t child;

    for (i = 0; i < type->handle_count; i++) {
        __builtin_memcpy(&child, payload + type->handles[i].offset,
                         sizeof(child));
        if (child)
            (void)drop_one(thread, domain, child, type->handles[i].type);
    }
}

/* @wanted: its type must be this one; NULL = any. */
static bool drop_one(struct thread *thread, struct domain *domain,
                     uint64_t handle, const struct type *wanted)
{
    struct registry_record *record = registry_find(handle);
    owner_word_t word = owner_expected(handle, domain->id);
    bool affine = domain_is_affine(domain, thread);
    const struct type *type;

    if (!record)
        return false;
    /* As an orphan it is ours to free, and nobody can take it meanwhile. */
    if (wanted ? !registry_change(record, wanted, word, word | DOMAIN_ORPHAN,
                                  affine)
               : !owner_change(&record->word, word, word | DOMAIN_ORPHAN,
                               affine))
        return false;
    type = record->type;
    if (unlikely(type->handle_count))
        drop_children(thread, domain, type, registry_payload(record));
    cache_free(&thread->cache, record, word);
    rref_account(thread, domain, -(int64_t)type->heap_bytes);
    return true;
}

bool rref_drop(struct thread *thread, struct domain *domain, uint64_t handle)
{
    return drop_one(thread, domain, handle, NULL);
}

bool rref_is_on_loan(const struct thread *thread, const struct domain *holder,
                     const struct registry_record *record)
{
    const struct continuation *c;
    uint32_t i;

    for (c = thread->continuation; c; c = c->outer) {
        if (c->crossing->callee != holder)
            continue;
        for (i = 0; i < c->crossing->loan_count; i++)
            if (c->crossing->loans[i] == record)
                return true;
    }
    return false;
}

static bool lend_children(struct crossing *x,
                          const struct registry_record *record,
                          const struct type *type)
{
    const uint8_t *payload = registry_payload(record);
    uint32_t i;
    uint64_t child;

    for (i = 0; i < type->handle_count; i++) {
        __builtin_memcpy(&child, payload + type->handles[i].offset,
                         sizeof(child));
        if (child && !proxy_lend_rref(x, child, type->handles[i].type))
            return false;
    }
    return true;
}

bool proxy_lend_rref(struct crossing *x, uint64_t handle,
                     const struct type *type)
{
    struct registry_record *record = registry_find(handle);
    owner_word_t word;
    bool own;

    if (!record)
        return false;
    do {
        word = __atomic_load_n(&record->word, __ATOMIC_ACQUIRE);
        own = owner_of(word) == x->caller->id;
        if ((word ^ handle) & OWNER_GENERATION ||
            (word & OWNER_BORROWS) == OWNER_BORROWS ||
            __atomic_load_n(&record->type, __ATOMIC_RELAXED) != type)
            return false;
        if (!own && !rref_is_on_loan(x->thread, x->caller, record))
            return false;
    } while (!owner_change(&record->word, word, word + OWNER_ONE_BORROW,
                           own && domain_is_affine(x->caller, x->thread)));
    x->loans[x->loan_count++] = record;
    x->slow_end = true;
    return type->handle_count == 0 || lend_children(x, record, type);
}

static void give_back(struct crossing *x, struct registry_record *record)
{
    owner_word_t word, next;
    bool own;

    do {
        word = __atomic_load_n(&record->word, __ATOMIC_ACQUIRE);
        tp_assert(owner_borrows(word) > 0);
        own = owner_of(word) == x->caller->id;
        next = word - OWNER_ONE_BORROW;
    } while (!owner_change(&record->word, word, next,
                           own && domain_is_affine(x->caller, x->thread)));
    if (owner_of(next) == DOMAIN_ORPHAN && owner_borrows(next) == 0)
        heap_free(&x->thread->cache, record, next);
}

void proxy_give_back(struct crossing *x)
{
    while (x->loan_count)
        give_back(x, x->loans[--x->loan_count]);
}
