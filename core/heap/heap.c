/* SPDX-License-Identifier: MIT */
/*
 * heap.c - allocation and freeing of shared objects.
 *
 * Each CPU has a cache of free records for each class and touches nothing else
 * on the fast path (cache.h). Behind the caches stand one list for each class
 * and the chunks, under one lock, reached once a batch.
 *
 * A free record has owner 0 and the generation of its next object. A record
 * whose generation would wrap is retired: it is in no list any more.
 * Source: thesis 3.1; design, section 3.
 */
#include "cache.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/lock.h"

#define CHUNKS_MAX (TP_SHARED_MAX / HEAP_CHUNK_BYTES)

struct registry registry;

/* All objects of a chunk are of one class; the first @carved exist. */
struct chunk {
    uint32_t class_granules; /* 0 = chunk not in use */
    uint32_t inverse; /* 2^32 / class_granules + 1, to divide by it */
    uint32_t carved;
};

static struct {
    struct lock lock;
    struct chunk chunks[CHUNKS_MAX];
    uint32_t chunk_count, chunks_used;
    struct registry_record *free[HEAP_CLASSES];
    struct chunk *current[HEAP_CLASSES];
} heap;

void heap_init(uint8_t *payloads, struct registry_record *records,
               uint64_t bytes)
{
    tp_assert(bytes > HEAP_NULL_BYTES && bytes <= TP_SHARED_MAX &&
              bytes % HEAP_CHUNK_BYTES == 0);
    __builtin_memset(&heap, 0, sizeof(heap));
    heap.chunk_count = (uint32_t)(bytes / HEAP_CHUNK_BYTES);
    heap.chunks_used = HEAP_NULL_CHUNKS;
    registry.payloads = payloads;
    registry.records = records;
    registry.granules = (uint32_t)(bytes / TP_GRANULE);
}

static struct chunk *chunk_with_room(uint32_t class)
{
    struct chunk *chunk = heap.current[class];
    uint32_t granules = class_granules(class);

    if (chunk && (chunk->carved + 1) * granules <= CHUNK_GRANULES)
        return chunk;
    if (heap.chunks_used == heap.chunk_count)
        return NULL;
    chunk = &heap.chunks[heap.chunks_used++];
    chunk->class_granules = granules;
    chunk->inverse = (uint32_t)((1ull << 32) / granules + (granules > 1));
    heap.current[class] = chunk;
    return chunk;
}

static struct registry_record *carve(uint32_t class)
{
    struct chunk *chunk = chunk_with_room(class);
    struct registry_record *record;

    if (!chunk)
        return NULL;
    record = &registry.records[(uint32_t)(chunk - heap.chunks) *
                                   CHUNK_GRANULES +
                               chunk->carved * chunk->class_granules];
    __atomic_store_n(&record->word, 1ull << 32, __ATOMIC_RELAXED);
    __atomic_store_n(&chunk->carved, chunk->carved + 1, __ATOMIC_RELEASE);
    return record;
}

bool cache_refill(struct heap_cache *cache, uint32_t class)
{
    uint32_t wanted = batch_of(class);
    struct registry_record *record;

    lock_acquire(&heap.lock);
    while (cache->count[class] < wanted) {
        record = heap.free[class];
        if (record)
            heap.free[class] = record->next_free;
        else
            record = carve(class);
        if (!record)
            break;
        cache_push(cache, class, record);
    }
    lock_release(&heap.lock);
    return cache->count[class] != 0;
}

void cache_return(struct heap_cache *cache, uint32_t class, uint32_t keep)
{
    struct registry_record *record;

    lock_acquire(&heap.lock);
    while (cache->count[class] > keep) {
        record = cache_pop(cache, class);
        link_store(record, heap.free[class]);
        heap.free[class] = record;
    }
    lock_release(&heap.lock);
}

void heap_cache_flush(struct heap_cache *cache)
{
    uint32_t class;

    for (class = 0; class < HEAP_CLASSES; class ++)
        if (cache->count[class])
            cache_return(cache, class, 0);
}

uint64_t heap_alloc(struct heap_cache *cache, const struct type *type,
                    domain_id_t owner)
{
    return cache_alloc(cache, type, owner);
}

void heap_free(struct heap_cache *cache, struct registry_record *record,
               owner_word_t word)
{
    cache_free(cache, record, word);
}

struct registry_record *heap_containing(uint32_t offset, uint32_t *bytes)
{
    uint32_t number = offset / HEAP_CHUNK_BYTES;
    uint32_t granule = offset % HEAP_CHUNK_BYTES / TP_GRANULE;
    const struct chunk *chunk;
    uint32_t index, carved;

    if (number >= heap.chunk_count)
        return NULL;
    chunk = &heap.chunks[number];
    /* Its class was fixed before the first object was carved. */
    carved = __atomic_load_n(&chunk->carved, __ATOMIC_ACQUIRE);
    if (carved == 0)
        return NULL;
    index = chunk->class_granules == 1
                ? granule
                : (uint32_t)((uint64_t)granule * chunk->inverse >> 32);
    if (index >= carved)
        return NULL;
    *bytes = chunk->class_granules * TP_GRANULE;
    return &registry
                .records[number * CHUNK_GRANULES + index * chunk->class_granules];
}

struct heap_lists heap_lists(void)
{
    return (struct heap_lists){heap.free, &heap.lock, heap.chunks_used};
}

void heap_visit(void (*visit)(struct registry_record *record, void *context),
                void *context)
{
    uint32_t number, index;

    for (number = 0; number < heap.chunk_count; number++) {
        const struct chunk *chunk = &heap.chunks[number];
        uint32_t carved = __atomic_load_n(&chunk->carved, __ATOMIC_ACQUIRE);

        for (index = 0; index < carved; index++)
            visit(&registry.records[number * CHUNK_GRANULES +
                                    index * chunk->class_granules],
                  context);
    }
}

static void count_live(struct registry_record *record, void *context)
{
    struct heap_stats *stats = context;

    if (owner_of(__atomic_load_n(&record->word, __ATOMIC_ACQUIRE)) ==
        DOMAIN_NOBODY)
        return;
    stats->live_objects++;
    stats->live_bytes += record->type->bytes;
}

static uint32_t carved_in(uint32_t number)
{
    return __atomic_load_n(&heap.chunks[number].carved, __ATOMIC_ACQUIRE);
}

struct heap_stats heap_statistics(void)
{
    struct heap_stats stats = {0};
    uint32_t number, carved;

    heap_visit(count_live, &stats);
    for (number = 0; number < heap.chunk_count; number++) {
        carved = carved_in(number);
        stats.chunks += carved != 0;
        if (carved)
            stats.carved_bytes += (uint64_t)carved *
                                  heap.chunks[number].class_granules *
                                  TP_GRANULE;
    }
    return stats;
}

struct heap_class_stats heap_class_statistics(uint32_t class)
{
    uint32_t granules = class_granules(class), number, carved;
    struct heap_class_stats stats = {granules * TP_GRANULE, 0, 0};

    for (number = 0; number < heap.chunk_count; number++) {
        carved = carved_in(number);
        if (carved && heap.chunks[number].class_granules == granules) {
            stats.chunks++;
            stats.carved += carved;
        }
    }
    return stats;
}
