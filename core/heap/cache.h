/* SPDX-License-Identifier: MIT */
/*
 * cache.h - what a CPU does with free objects of its own: the fast path of
 * allocation, in line where its cost is that of a call (core/rref). It takes no
 * lock and looks at nothing that another CPU writes.
 * Source: design, section 3.
 */
#pragma once
#include "classes.h"
#include "tepal_trusted/base.h"

#define CHUNK_GRANULES (HEAP_CHUNK_BYTES / TP_GRANULE)
#define BATCH_MAX 32
#define GENERATION_LAST 0xffffffffu
#define ZEROED_IN_PLACE 256u /* bytes */

/* Objects of @class from the heap; false when there are none. */
bool cache_refill(struct heap_cache *cache, uint32_t class);
/* All but @keep objects of @class to the heap. */
void cache_return(struct heap_cache *cache, uint32_t class, uint32_t keep);

/* Objects that go to or from the heap at a time. */
static inline uint32_t batch_of(uint32_t class)
{
    uint32_t batch = CHUNK_GRANULES / 64 / class_granules(class);

    return batch > BATCH_MAX ? BATCH_MAX : batch ? batch : 1;
}

/* The link of a free record. A stale handle's type check may read it too. */
tp_inline void link_store(struct registry_record *record,
                          struct registry_record *next)
{
    __atomic_store_n(&record->next_free, next, __ATOMIC_RELAXED);
}

tp_inline void cache_push(struct heap_cache *cache, uint32_t class,
                          struct registry_record *record)
{
    link_store(record, cache->free[class]);
    cache->free[class] = record;
    cache->count[class]++;
}

tp_inline struct registry_record *cache_pop(struct heap_cache *cache,
                                            uint32_t class)
{
    struct registry_record *record = cache->free[class];

    cache->free[class] = record->next_free;
    cache->count[class]--;
    return record;
}

/* As memset() does, without the call that would cost more than small ones. */
tp_inline void zero_payload(uint64_t *payload, uint32_t bytes)
{
    uint64_t *end = payload + TYPE_GRANULES(bytes) * (TP_GRANULE / 8);

    if (unlikely(bytes > ZEROED_IN_PLACE)) {
        __builtin_memset(payload, 0, bytes);
        return;
    }
    for (; payload != end; payload += 8) {
        payload[0] = payload[1] = payload[2] = payload[3] = 0;
        payload[4] = payload[5] = payload[6] = payload[7] = 0;
        /* Or the compiler makes a memset() of it. */
        __asm__ volatile("" : "+r"(payload) : : "memory");
    }
}

tp_inline uint64_t cache_alloc(struct heap_cache *cache,
                               const struct type *type, domain_id_t owner)
{
    uint32_t class = class_for(type->bytes);
    struct registry_record *record;
    owner_word_t word;

    if (unlikely(!cache->free[class]) && !cache_refill(cache, class))
        return 0;
    record = cache_pop(cache, class);
    zero_payload(registry_payload(record), type->bytes);
    __atomic_store_n(&record->type, type, __ATOMIC_RELAXED);
    word = __atomic_load_n(&record->word, __ATOMIC_RELAXED) | owner;
    __atomic_store_n(&record->word, word, __ATOMIC_RELEASE);
    return registry_handle(record, word);
}

tp_inline void cache_free(struct heap_cache *cache,
                          struct registry_record *record, owner_word_t word)
{
    uint32_t generation = owner_generation(word);
    uint32_t class = class_for(record->type->bytes);

    if (unlikely(generation == GENERATION_LAST)) {
        __atomic_store_n(&record->word, word & OWNER_GENERATION,
                         __ATOMIC_RELEASE);
        return;
    }
    __atomic_store_n(&record->word, (uint64_t)(generation + 1) << 32,
                     __ATOMIC_RELEASE);
    cache_push(cache, class, record);
    if (unlikely(cache->count[class] > 2 * batch_of(class)))
        cache_return(cache, class, batch_of(class));
}
