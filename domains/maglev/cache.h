/* SPDX-License-Identifier: MIT */
/*
 * cache.h - which flow goes to which backend: a table of fixed size, so that
 * flows stay where they are when the look-up table changes.
 *
 * A flow's hash names a set of four entries. In a full set the flow that was
 * not seen for longest makes room. Nothing else forgets a flow: no time, and
 * no end of a connection. An entry names one life of a backend, so that those
 * of a backend which was removed are void without being looked for.
 * Source: as in table.h, section 3.3 (connection tracking).
 */
#pragma once
#include "flow.h"
#include "table.h"

#define CACHE_WAYS 4

struct cache_entry {
    uint64_t hash;
    uint64_t word[5]; /* the flow */
    uint32_t life;    /* of the backend; 0 = nothing is here */
    uint32_t used;    /* cache.now when it was last found */
    uint8_t backend;
    uint8_t padding[7];
};
_Static_assert(sizeof(struct cache_entry) == 64, "one cache line");

struct cache {
    struct cache_entry *entries;
    uint64_t set_mask;
    uint32_t now;              /* flows that were asked for, modulo 2^32 */
    uint32_t life[TABLE_NONE]; /* of each backend, from 1 */
    uint64_t held[TABLE_NONE]; /* flows of each */
    uint64_t flows, hits, misses, evictions;
};

/*
 * Room for at least @entries flows, at least CACHE_WAYS.
 * Errors: false: no memory.
 */
bool cache_init(struct cache *cache, uint64_t entries);

/* Forget every flow of @backend. */
void cache_forget(struct cache *cache, uint32_t backend);

/* Needs: cache_find() did not find it, just before. */
void cache_insert(struct cache *cache, uint64_t hash, const struct flow *flow,
                  uint32_t backend);

/* Where the flow is if anywhere, most likely. */
TP_INLINE struct cache_entry *cache_first(const struct cache *cache,
                                          uint64_t hash)
{
    return &cache
                ->entries[(hash & cache->set_mask) * CACHE_WAYS + (hash >> 62)];
}

/*
 * Have the set's four lines fetched, all of which a new flow is compared with:
 * for a batch of them, while others are read.
 */
TP_INLINE void cache_fetch(const struct cache *cache, uint64_t hash)
{
    const struct cache_entry *set =
        &cache->entries[(hash & cache->set_mask) * CACHE_WAYS];
    uint32_t i;

    for (i = 0; i < CACHE_WAYS; i++)
        __builtin_prefetch(&set[i]);
}

/* Whether it is this flow's, and its backend still there. */
TP_INLINE bool cache_is_of(const struct cache *cache,
                           const struct cache_entry *entry, uint64_t hash,
                           const struct flow *flow)
{
    return entry->hash == hash &&
           ((entry->word[0] ^ flow->word[0]) |
            (entry->word[1] ^ flow->word[1]) |
            (entry->word[2] ^ flow->word[2]) |
            (entry->word[3] ^ flow->word[3]) |
            (entry->word[4] ^ flow->word[4])) == 0 &&
           entry->life == cache->life[entry->backend];
}

/* The rest of cache_find(): in the set's other entries. NULL: nowhere. */
struct cache_entry *cache_search(const struct cache *cache, uint64_t hash,
                                 const struct flow *flow);

/* Its backend; TABLE_NONE when it is not there. Counts a hit or a miss. */
TP_INLINE uint32_t cache_find(struct cache *cache, uint64_t hash,
                              const struct flow *flow)
{
    struct cache_entry *entry = cache_first(cache, hash);

    cache->now++;
    if (!cache_is_of(cache, entry, hash, flow))
        entry = cache_search(cache, hash, flow);
    if (!entry) {
        cache->misses++;
        return TABLE_NONE;
    }
    cache->hits++;
    entry->used = cache->now;
    return entry->backend;
}
