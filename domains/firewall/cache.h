/* SPDX-License-Identifier: MIT */
/*
 * cache.h - keys that were classified before, and their rules.
 *
 * Rules never change, so an entry is right for ever; a new one takes the place
 * of whatever was there. The hash is secret, so nobody can aim at a place.
 * Source: Dietzfelbinger, "Universal hashing and k-wise independent random
 * variables via integer arithmetic without primes", STACS 1996: a sum of
 * products, of which the top bits count.
 */
#pragma once
#include "key.h"

enum {
    CACHE_IPV4_BITS = 13,
    CACHE_IPV6_BITS = 11,
    CACHE_RULE_SHIFT = 44,
    CACHE_NONE = UINT32_MAX,
};

/* tail: ports, protocol, CACHE_VALID and, in entries, the rule. */
#define CACHE_VALID (1ull << 42)
#define CACHE_TAIL_MASK ((1ull << CACHE_RULE_SHIFT) - 1)

struct cache_ipv4 {
    uint64_t addresses, tail;
};

struct cache_ipv6 {
    uint64_t address[4], tail;
};

struct cache {
    struct cache_ipv4 ipv4[1 << CACHE_IPV4_BITS];
    struct cache_ipv6 ipv6[1 << CACHE_IPV6_BITS];
    uint64_t multiplier[5]; /* random */
    uint64_t hits;
};

/* Where a key belongs. */
struct cache_place {
    uint64_t word[4], tail;
    uint32_t index;
};

static inline uint64_t cache_pair(const uint32_t *field)
{
    return (uint64_t)field[0] << 32 | field[1];
}

static inline uint64_t cache_tail(const uint32_t *ports)
{
    return (uint64_t)ports[0] << 25 | (uint64_t)ports[1] << 8 | ports[2] |
           CACHE_VALID;
}

static inline struct cache_place cache_place(const struct cache *cache,
                                             const struct key *key)
{
    struct cache_place place;
    uint64_t hash;
    uint32_t i;

    if (!key->is_ipv6) {
        place.word[0] = cache_pair(key->field);
        place.tail = cache_tail(&key->field[IPV4_PORTS]);
        hash = place.word[0] * cache->multiplier[0] +
               (place.word[0] >> 32 ^ place.tail) * cache->multiplier[1];
        place.index = (uint32_t)(hash >> (64 - CACHE_IPV4_BITS));
        return place;
    }
    place.tail = cache_tail(&key->field[IPV6_PORTS]);
    hash = place.tail * cache->multiplier[4];
    for (i = 0; i < 4; i++) {
        place.word[i] = cache_pair(&key->field[2 * i]);
        hash += (place.word[i] ^ hash >> 32) * cache->multiplier[i];
    }
    place.index = (uint32_t)(hash >> (64 - CACHE_IPV6_BITS));
    return place;
}

/* The rule of @key; CACHE_NONE when it is not known. */
static inline uint32_t cache_find(const struct cache *cache, bool is_ipv6,
                                  const struct cache_place *place)
{
    uint64_t differ, tail;

    if (is_ipv6) {
        const struct cache_ipv6 *entry = &cache->ipv6[place->index];

        tail = entry->tail;
        differ = (entry->address[0] ^ place->word[0]) |
                 (entry->address[1] ^ place->word[1]) |
                 (entry->address[2] ^ place->word[2]) |
                 (entry->address[3] ^ place->word[3]);
    } else {
        tail = cache->ipv4[place->index].tail;
        differ = cache->ipv4[place->index].addresses ^ place->word[0];
    }
    differ |= (tail & CACHE_TAIL_MASK) ^ place->tail;
    return differ ? CACHE_NONE : (uint32_t)(tail >> CACHE_RULE_SHIFT);
}

/* Needs: @rule below 2^20. */
static inline void cache_put(struct cache *cache, bool is_ipv6,
                             const struct cache_place *place, uint32_t rule)
{
    uint64_t tail = place->tail | (uint64_t)rule << CACHE_RULE_SHIFT;
    uint32_t i;

    if (!is_ipv6) {
        cache->ipv4[place->index].addresses = place->word[0];
        cache->ipv4[place->index].tail = tail;
        return;
    }
    for (i = 0; i < 4; i++)
        cache->ipv6[place->index].address[i] = place->word[i];
    cache->ipv6[place->index].tail = tail;
}
