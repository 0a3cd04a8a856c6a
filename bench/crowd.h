/* SPDX-License-Identifier: MIT */
/* crowd.h - very many live objects in the shared heap, of mixed sizes. */
#pragma once
#include "tepal_trusted/heap.h"
#include <stdbool.h>

#define CROWD_LIVE 1000000u

struct crowd {
    uint64_t *handles;
    uint32_t count;
};

/*
 * Make a quarter more than @live objects of 64 to 256 bytes, in turns, and
 * free that quarter in an order of chance: free lists lead all over the heap.
 * About 200 bytes of heap for each of @live.
 * Owns:   what @owner gets; crowd_leave() frees it. Also after an error.
 * Errors: false when memory is exhausted.
 */
bool crowd_gather(struct crowd *crowd, struct heap_cache *cache,
                  domain_id_t owner, uint32_t live);
void crowd_leave(struct crowd *crowd, struct heap_cache *cache);

/* Free one object of the crowd's, and make another of its type for @owner. */
bool crowd_replace(struct crowd *crowd, struct heap_cache *cache,
                   domain_id_t owner, uint32_t index);

/* Free an object, whoever owns it: as the kernel does, without its checks. */
static inline void crowd_drop(struct heap_cache *cache, uint64_t handle)
{
    struct registry_record *record = registry_find(handle);

    heap_free(cache, record, record->word);
}

/* The next of a row of numbers that is the same in each run. */
uint64_t crowd_chance(uint64_t *state);
