/* SPDX-License-Identifier: MIT */
/*
 * cache.c - sets of four entries, searched from the one that two bits of the
 * hash name: new flows go there first, so while there is room one entry, which
 * is one cache line, is looked at.
 */
#include "cache.h"
#include <stdlib.h>
#include <string.h>

bool cache_init(struct cache *cache, uint64_t entries)
{
    uint64_t sets = 1, bytes;
    uint32_t i;

    while (sets * CACHE_WAYS < entries)
        sets *= 2;
    bytes = sets * CACHE_WAYS * sizeof(struct cache_entry);
    memset(cache, 0, sizeof(*cache));
    cache->entries = aligned_alloc(sizeof(struct cache_entry), bytes);
    if (!cache->entries)
        return false;
    memset(cache->entries, 0, bytes);
    cache->set_mask = sets - 1;
    for (i = 0; i < TABLE_NONE; i++)
        cache->life[i] = 1;
    return true;
}

void cache_forget(struct cache *cache, uint32_t backend)
{
    cache->flows -= cache->held[backend];
    cache->held[backend] = 0;
    if (++cache->life[backend] == 0)
        cache->life[backend] = 1;
}

static struct cache_entry *way(const struct cache *cache, uint64_t hash,
                               uint32_t i)
{
    struct cache_entry *set =
        &cache->entries[(hash & cache->set_mask) * CACHE_WAYS];

    return &set[((hash >> 62) + i) % CACHE_WAYS];
}

/* An entry that holds nothing has life 0, which no backend has. */
static bool is_live(const struct cache *cache, const struct cache_entry *entry)
{
    return entry->life == cache->life[entry->backend];
}

struct cache_entry *cache_search(const struct cache *cache, uint64_t hash,
                                 const struct flow *flow)
{
    uint32_t i;

    for (i = 1; i < CACHE_WAYS; i++) {
        struct cache_entry *entry = way(cache, hash, i);

        if (cache_is_of(cache, entry, hash, flow))
            return entry;
    }
    return NULL;
}

/* A free entry, or the one that was found longest ago. */
static struct cache_entry *victim(const struct cache *cache, uint64_t hash)
{
    struct cache_entry *oldest = way(cache, hash, 0);
    uint32_t i;

    for (i = 0; i < CACHE_WAYS; i++) {
        struct cache_entry *entry = way(cache, hash, i);

        if (!is_live(cache, entry))
            return entry;
        if (cache->now - entry->used > cache->now - oldest->used)
            oldest = entry;
    }
    return oldest;
}

void cache_insert(struct cache *cache, uint64_t hash, const struct flow *flow,
                  uint32_t backend)
{
    struct cache_entry *entry = victim(cache, hash);

    if (is_live(cache, entry)) {
        cache->held[entry->backend]--;
        cache->flows--;
        cache->evictions++;
    }
    *entry = (struct cache_entry){
        .hash = hash,
        .life = cache->life[backend],
        .used = cache->now,
        .backend = (uint8_t)backend,
    };
    __builtin_memcpy(entry->word, flow->word, sizeof(entry->word));
    cache->held[backend]++;
    cache->flows++;
}
