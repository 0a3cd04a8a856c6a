/* SPDX-License-Identifier: MIT */
/*
 * reap.c - what becomes of a domain's objects when it dies: those it holds
 * alone are freed, those it has lent out become orphans and are freed by the
 * last return. A walk over the registry: death pays, crossings do not.
 * Source: thesis 3.1, 3.2.6; design, section 4 (death).
 */
#include "reap.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/obituary.h"

struct reaping {
    struct heap_cache *cache;
    domain_id_t owner;
    struct domain_death *death;
    uint64_t freed;
};

/* Other threads may still lend or return it: try until the word holds still. */
static void reap_record(struct registry_record *record, void *context)
{
    struct reaping *reaping = context;
    const struct type *type;
    owner_word_t word, next;
    bool alone;

    for (;;) {
        word = __atomic_load_n(&record->word, __ATOMIC_ACQUIRE);
        if (owner_of(word) != reaping->owner)
            return;
        /* Types change only while nobody owns: true if the word holds still. */
        type = __atomic_load_n(&record->type, __ATOMIC_RELAXED);
        next = word | DOMAIN_ORPHAN;
        if (owner_change(&record->word, word, next, false))
            break;
    }
    alone = owner_borrows(word) == 0;
    if (alone) {
        heap_free(reaping->cache, record, next);
        reaping->freed++;
    }
    if (reaping->death)
        death_count_object(reaping->death, type, alone);
}

uint64_t heap_reap(struct heap_cache *cache, domain_id_t owner,
                   struct domain_death *death)
{
    struct reaping reaping = {cache, owner, death, 0};

    heap_visit(reap_record, &reaping);
    return reaping.freed;
}
