/* SPDX-License-Identifier: MIT */
/* reap.h - take back the objects of a dead domain. */
#pragma once
#include "tepal_trusted/heap.h"

struct domain_death;

/*
 * Free what @owner holds alone; what it has lent out becomes an orphan. Both
 * are counted in @death, unless that is NULL.
 * Returns how many objects were freed.
 * Cost: a walk over all records.
 */
uint64_t heap_reap(struct heap_cache *cache, domain_id_t owner,
                   struct domain_death *death);
