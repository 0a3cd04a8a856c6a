/* SPDX-License-Identifier: MIT */
/* census.c - who owns what in the shared heap at one moment, by type. */
#include "census.h"
#include <stdlib.h>

struct walk {
    struct census *census;
    struct domain *const *domains;
};

static struct census_count *count_at(const struct census *census,
                                     uint32_t row, uint32_t type)
{
    return &census->counts[row * tp_type_count + type];
}

static uint32_t number_of(const struct type *type)
{
    uint32_t i;

    for (i = 0; i < tp_type_count; i++)
        if (tp_types[i] == type)
            break;
    return i;
}

static void add(struct census *census, uint32_t row, uint32_t type)
{
    struct census_count *count = count_at(census, row, type);

    count->live++;
    count->bytes += tp_types[type]->heap_bytes;
}

/* An orphan is in the heap, but no domain's. */
static void count_record(struct registry_record *record, void *context)
{
    const struct walk *walk = context;
    domain_id_t owner =
        owner_of(__atomic_load_n(&record->word, __ATOMIC_ACQUIRE));
    uint32_t type, i;

    if (owner == DOMAIN_NOBODY)
        return;
    type = number_of(record->type);
    if (type == tp_type_count)
        return;
    for (i = 0; i < walk->census->domain_count; i++)
        if (walk->domains[i]->id == owner)
            add(walk->census, i, type);
    add(walk->census, walk->census->domain_count, type);
}

bool census_take(struct census *census, struct domain *const *domains,
                 uint32_t domain_count)
{
    struct walk walk = {census, domains};

    census->domain_count = domain_count;
    census->heap = heap_statistics();
    census->counts = calloc((domain_count + 1ull) * tp_type_count,
                            sizeof(*census->counts));
    if (!census->counts)
        return false;
    heap_visit(count_record, &walk);
    return true;
}

void census_end(struct census *census)
{
    free(census->counts);
    census->counts = NULL;
}

struct census_count census_of(const struct census *census, uint32_t domain,
                              uint32_t type)
{
    return *count_at(census, domain, type);
}

struct census_count census_of_heap(const struct census *census, uint32_t type)
{
    return *count_at(census, census->domain_count, type);
}
