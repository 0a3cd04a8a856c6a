/* SPDX-License-Identifier: MIT */
/*
 * census.h - who owns what in the shared heap at one moment, by type.
 *
 * A walk over the registry; no path that is measured counts anything for it.
 */
#pragma once
#include "tepal_trusted/domain.h"
#include "tepal_trusted/heap.h"
#include "tepal_trusted/type.h"

/* Objects that are alive. Units: bytes of heap that they take, as in quotas. */
struct census_count {
    uint64_t live, bytes;
};

/* A row for each domain, and one for the whole heap, by tp_types[]. */
struct census {
    uint32_t domain_count;
    struct census_count *counts;
    struct heap_stats heap;
};

/*
 * Count what is there now.
 * Needs:  no other thread allocates, frees or calls; the domains not released.
 * Owns:   census_end() frees it.
 * Errors: false when memory is exhausted.
 */
bool census_take(struct census *census, struct domain *const *domains,
                 uint32_t domain_count);
void census_end(struct census *census);

/* What domain number @domain owns of tp_types[@type], or anybody does. */
struct census_count census_of(const struct census *census, uint32_t domain,
                              uint32_t type);
struct census_count census_of_heap(const struct census *census, uint32_t type);
