/* SPDX-License-Identifier: MIT */
/*
 * reap.c - what becomes of a domain's objects when it dies: those it holds
 * alone are freed, those it has lent out become orphans and are freed by the
 * last return. A walk over the registry: death pays, crossings do not.
 * Source: thesis 3.1, 3.2.6; design, section 4 (death).
 */
#include "reap.h"
#include "tepal_trusted/base.h"

struct reaping {
    struct heap_cache *cache;
    domain_id_t owner;
    uint64_t freed;
};

/* Other threads may still lend or return it: try until the word holds still. */
static void reap_record(struct registry_record *record, void *context)
{
    struct reaping *reaping = context;
    owner_word_t word, next;

    for (;;) {
        word = __atomic_load_n(&record->word, __ATOMIC_ACQUIRE);
        if (owner_of(word) != reaping->owner)
            return;
        next = word | DOMAIN_ORPHAN;
        if (owner_change(&record->word, word, next, false))
            break;
    }
    if (owner_borrows(word) == 0) {
        heap_free(reaping->cache, record, next);
        reaping->freed++;
    }
}

uint64_t heap_reap(struct heap_cache *cache, domain_id_t owner)
{
    struct reaping reaping = {cache, owner, 0};

    heap_visit(reap_record, &reaping);
    return reaping.freed;
}
