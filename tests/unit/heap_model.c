/* SPDX-License-Identifier: MIT */
/* heap_model.c - see heap_model.h. */
#include "heap_model.h"
#include "classes.h"
#include "reap.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CHUNK_GRANULES (HEAP_CHUNK_BYTES / TP_GRANULE)
#define GENERATION_LAST 0xffffffffu
#define TYPES (3 * HEAP_CLASSES)
#define SMALL_CLASSES 20 /* up to 4 KiB */

/* What is known of one granule. */
struct cell {
    uint32_t covered;    /* offset of the object that covers it, plus 1 */
    uint32_t generation; /* of the last object that began here */
    uint32_t retired;
};

static struct {
    uint8_t *payloads;
    struct registry_record *records;
    struct cell *cells;
    uint64_t bytes;
    uint32_t chunks;
    uint32_t class_of_chunk[TP_SHARED_MAX / HEAP_CHUNK_BYTES]; /* plus 1 */
    uint32_t live[HEAP_CLASSES], retired[HEAP_CLASSES];
} world;

static struct type types[TYPES];

static void *map(uint64_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
        abort();
    return memory;
}

/* Three to a class: its largest size, its smallest, one between. */
static void make_types(void)
{
    uint32_t i, class, most, least = 1;

    for (class = 0; class < HEAP_CLASSES; class ++) {
        most = class_granules(class) * TP_GRANULE;
        types[3 * class].bytes = most;
        types[3 * class + 1].bytes = least;
        types[3 * class + 2].bytes = (least + most) / 2;
        least = most + 1;
    }
    for (i = 0; i < TYPES; i++) {
        types[i].id = i + 1;
        types[i].name = "model";
        types[i].heap_bytes = TYPE_HEAP_BYTES(types[i].bytes);
    }
}

void world_begin(uint32_t chunks)
{
    memset(&world, 0, sizeof(world));
    world.chunks = chunks;
    world.bytes = HEAP_NULL_BYTES + (uint64_t)chunks * HEAP_CHUNK_BYTES;
    world.payloads = map(world.bytes);
    world.records =
        map(world.bytes / TP_GRANULE * sizeof(struct registry_record));
    world.cells = map(world.bytes / TP_GRANULE * sizeof(struct cell));
    make_types();
    heap_init(world.payloads, world.records, world.bytes);
}

void world_end(void)
{
    munmap(world.payloads, world.bytes);
    munmap(world.records,
           world.bytes / TP_GRANULE * sizeof(struct registry_record));
    munmap(world.cells, world.bytes / TP_GRANULE * sizeof(struct cell));
}

static uint64_t chance(struct player *p)
{
    p->state ^= p->state << 13;
    p->state ^= p->state >> 7;
    p->state ^= p->state << 17;
    return p->state * 0x2545f4914f6cdd1du >> 8;
}

static uint32_t below(struct player *p, uint32_t bound)
{
    return (uint32_t)(chance(p) % bound);
}

/* Each doubling half as often as the one before: bytes to clear stay few. */
static uint32_t any_class(struct player *p)
{
    if (below(p, 64))
        return below(p, SMALL_CLASSES);
    return SMALL_CLASSES +
           4 * (uint32_t)__builtin_ctzll(chance(p) | 1u << 8) + below(p, 4);
}

/* Few classes, so that each has chunks, and uses them up. */
static uint32_t any_large_class(struct player *p)
{
    return below(p, 2) ? 3 : SMALL_CLASSES - 1 + 4 * below(p, 10);
}

static const struct type *any_type(struct player *p)
{
    uint32_t class = p->large ? any_large_class(p) : any_class(p);

    return &types[3 * class + below(p, 3)];
}

static owner_word_t word_at(uint64_t handle)
{
    return __atomic_load_n(&registry_find(handle)->word, __ATOMIC_ACQUIRE);
}

static uint32_t load(const uint32_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void add(uint32_t *counter, uint32_t amount)
{
    __atomic_fetch_add(counter, amount, __ATOMIC_RELAXED);
}

/* Nobody else has any of its granules, and they are in one chunk's class. */
static void cover(struct player *p, const struct object *object)
{
    uint32_t offset = (uint32_t)object->handle, class, none, i;
    uint32_t granule = offset / TP_GRANULE, chunk = offset / HEAP_CHUNK_BYTES;
    uint32_t granules = object->type->heap_bytes / TP_GRANULE;

    class = class_for(object->type->bytes);
    CLAIM(p, offset >= HEAP_NULL_BYTES);
    CLAIM(p, granule % CHUNK_GRANULES + granules <= CHUNK_GRANULES);
    none = __atomic_exchange_n(&world.class_of_chunk[chunk], class + 1,
                               __ATOMIC_RELAXED);
    CLAIM(p, none == 0 || none == class + 1);
    for (i = 0; i < granules; i++)
        CLAIM(p, !__atomic_exchange_n(&world.cells[granule + i].covered,
                                      offset + 1, __ATOMIC_RELAXED));
    add(&world.live[class], 1);
}

static void uncover(struct player *p, const struct object *object)
{
    uint32_t offset = (uint32_t)object->handle, i;
    uint32_t granule = offset / TP_GRANULE;

    for (i = 0; i < object->type->heap_bytes / TP_GRANULE; i++)
        CLAIM(p, __atomic_exchange_n(&world.cells[granule + i].covered, 0,
                                     __ATOMIC_RELAXED) == offset + 1);
    add(&world.live[class_for(object->type->bytes)], UINT32_MAX);
}

static bool is_filled(const uint8_t *payload, uint32_t bytes, uint8_t mark)
{
    return payload[0] == mark && memcmp(payload, payload + 1, bytes - 1) == 0;
}

/* Chunks of @class that something was handed out from; 0 to count all. */
static uint32_t chunks_in_use(uint32_t class_and_one)
{
    uint32_t i, count = 0;

    for (i = 0; i < HEAP_NULL_CHUNKS + world.chunks; i++)
        count += class_and_one ? world.class_of_chunk[i] == class_and_one
                               : world.class_of_chunk[i] != 0;
    return count;
}

/* Only when there was no room for one, to the last object. */
static void check_exhausted(struct player *p, uint32_t class,
                            const struct heap_cache *cache)
{
    const struct heap_cache *other = &p->caches[cache == &p->caches[0]];
    uint32_t there = CHUNK_GRANULES / class_granules(class) *
                     chunks_in_use(class + 1);

    p->refused++;
    p->refused_class[class] = true;
    CLAIM(p, cache->count[class] == 0);
    if (!p->alone)
        return;
    CLAIM(p, chunks_in_use(0) == world.chunks);
    CLAIM(p, world.live[class] + world.retired[class] + other->count[class] ==
                 there);
}

static void check_new(struct player *p, struct object *object)
{
    struct registry_record *record = registry_find(object->handle);
    struct cell *cell = &world.cells[(uint32_t)object->handle / TP_GRANULE];
    uint32_t generation = (uint32_t)(object->handle >> 32);

    CLAIM(p, object->handle % TP_GRANULE == 0);
    CLAIM(p, word_at(object->handle) ==
                 owner_expected(object->handle, object->owner));
    CLAIM(p, record->type == object->type);
    CLAIM(p, !load(&cell->retired));
    CLAIM(p, generation > load(&cell->generation));
    __atomic_store_n(&cell->generation, generation, __ATOMIC_RELAXED);
    CLAIM(p, is_filled(registry_payload(record), object->type->bytes, 0));
    cover(p, object);
}

/* As if it had been used four thousand million times. */
static void make_old(struct player *p, struct object *object)
{
    struct registry_record *record = registry_find(object->handle);
    uint32_t granule = (uint32_t)object->handle / TP_GRANULE;
    uint32_t generation = GENERATION_LAST - below(p, 3);

    if (object->handle >> 32 >= generation)
        return;
    object->handle = (uint64_t)generation << 32 | (uint32_t)object->handle;
    __atomic_store_n(&record->word,
                     owner_expected(object->handle, object->owner),
                     __ATOMIC_RELEASE);
    __atomic_store_n(&world.cells[granule].generation, generation,
                     __ATOMIC_RELAXED);
}

static void allocate(struct player *p, struct object *object)
{
    struct heap_cache *cache = &p->caches[below(p, p->cache_count)];
    uint32_t class;

    object->type = any_type(p);
    class = class_for(object->type->bytes);
    object->owner = (domain_id_t)(p->first_owner + below(p, 100));
    object->mark = (uint8_t)(1 + below(p, 255));
    object->borrows = 0;
    object->handle = heap_alloc(cache, object->type, object->owner);
    if (!object->handle) {
        check_exhausted(p, class, cache);
        return;
    }
    p->allocated++;
    p->recovered += p->refused_class[class];
    p->refused_class[class] = false;
    check_new(p, object);
    if (below(p, 4096) == 0 && object->type->bytes < 4096)
        make_old(p, object);
    memset(registry_payload(registry_find(object->handle)), object->mark,
           object->type->bytes);
}

/* What has been freed is stale, whoever asks; an old record is retired. */
static void check_freed(struct player *p, const struct object *object)
{
    uint32_t generation = (uint32_t)(object->handle >> 32);
    struct cell *cell = &world.cells[(uint32_t)object->handle / TP_GRANULE];

    if (generation == GENERATION_LAST) {
        CLAIM(p, owner_of(word_at(object->handle)) == DOMAIN_NOBODY);
        CLAIM(p, word_at(object->handle) != 0);
        __atomic_store_n(&cell->retired, 1, __ATOMIC_RELAXED);
        add(&world.retired[class_for(object->type->bytes)], 1);
        p->retired++;
    } else {
        CLAIM(p, owner_generation(word_at(object->handle)) > generation);
    }
    p->stale[p->freed++ % PLAYER_STALE] = object->handle;
}

static void check_old_self(struct player *p, const struct object *object)
{
    const struct registry_record *record = registry_find(object->handle);

    CLAIM(p, record->type == object->type);
    CLAIM(p, is_filled(registry_payload(record), object->type->bytes,
                       object->mark));
}

/* Scribbled over after it was freed, as a domain can that kept a pointer. */
static void release(struct player *p, struct object *object)
{
    struct registry_record *record = registry_find(object->handle);

    check_old_self(p, object);
    CLAIM(p, word_at(object->handle) ==
                 owner_expected(object->handle, object->owner));
    uncover(p, object);
    heap_free(&p->caches[below(p, p->cache_count)], record, record->word);
    if (p->alone && below(p, 2))
        memset(registry_payload(record), 0xee, object->type->heap_bytes);
    check_freed(p, object);
    object->handle = 0;
}

/* A handle whose object is gone names nobody's object, ever. */
static void check_stale(struct player *p)
{
    uint64_t handle = p->stale[below(p, PLAYER_STALE)];
    owner_word_t word;

    if (!handle)
        return;
    word = word_at(handle);
    CLAIM(p, owner_generation(word) > handle >> 32 ||
                 (handle >> 32 == GENERATION_LAST &&
                  owner_of(word) == DOMAIN_NOBODY));
}

/* Any byte of the heap: what covers it in the world contains it. */
static void check_containing(struct player *p)
{
    uint32_t offset = (uint32_t)(chance(p) % (world.bytes + TP_GRANULE));
    uint32_t bytes = 0, covered = 0, start;
    const struct registry_record *record;

    if (below(p, 2) && p->objects[0].handle)
        offset = (uint32_t)p->objects[0].handle +
                 below(p, p->objects[0].type->heap_bytes);
    if (offset < world.bytes && p->alone)
        covered = load(&world.cells[offset / TP_GRANULE].covered);
    record = heap_containing(offset, &bytes);
    CLAIM(p, record || !covered);
    if (!record)
        return;
    start = registry_offset(record);
    CLAIM(p, word_at(start) != 0);
    CLAIM(p, offset < world.bytes && start <= offset &&
                 offset - start < bytes);
    CLAIM(p, !p->alone || covered == (owner_of(record->word) ? start + 1 : 0));
}

static void lend(struct player *p, struct object *object)
{
    owner_word_t word = word_at(object->handle);

    CLAIM(p, owner_change(&registry_find(object->handle)->word, word,
                          word + OWNER_ONE_BORROW, false));
    object->borrows++;
}

/* The last return of what its dead owner had lent frees it. */
static void give_back(struct player *p, struct object *object)
{
    struct registry_record *record = registry_find(object->handle);
    owner_word_t word = word_at(object->handle);

    CLAIM(p, owner_borrows(word) == object->borrows);
    CLAIM(p, owner_change(&record->word, word, word - OWNER_ONE_BORROW, false));
    if (--object->borrows || owner_of(word) != DOMAIN_ORPHAN)
        return;
    check_old_self(p, object);
    uncover(p, object);
    heap_free(&p->caches[0], record, record->word);
    check_freed(p, object);
    object->handle = 0;
}

/* Death of an owner: what it held alone is free, what it lent an orphan. */
static void reap(struct player *p)
{
    domain_id_t owner = (domain_id_t)(p->first_owner + below(p, 100));
    uint64_t freed = 0;
    uint32_t i;

    for (i = 0; i < PLAYER_OBJECTS; i++) {
        struct object *object = &p->objects[i];

        if (!object->handle || object->owner != owner)
            continue;
        if (!object->borrows) {
            uncover(p, object);
            freed++;
        }
        object->owner = DOMAIN_ORPHAN;
    }
    CLAIM(p, heap_reap(&p->caches[0], owner, NULL) == freed);
    for (i = 0; i < PLAYER_OBJECTS; i++) {
        struct object *object = &p->objects[i];

        if (!object->handle || object->owner != DOMAIN_ORPHAN ||
            object->borrows)
            continue;
        check_freed(p, object);
        object->handle = 0;
    }
    p->reaped += freed;
}

/* An object changes places with the other player's, through a lane. */
static void hand_over(struct player *p, struct object *object)
{
    struct object *mine = malloc(sizeof(*mine)), *nothing = NULL, *theirs;
    uint32_t lane = below(p, LANES);

    *mine = *object;
    if (__atomic_compare_exchange_n(&p->out[lane], &nothing, mine, false,
                                    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        object->handle = 0;
    else
        free(mine);
    if (object->handle)
        return;
    theirs = __atomic_exchange_n(&p->in[lane], NULL, __ATOMIC_ACQ_REL);
    if (!theirs)
        return;
    *object = *theirs;
    free(theirs);
    check_old_self(p, object);
    p->received++;
}

static void step_with(struct player *p, struct object *object)
{
    uint32_t what = below(p, 64);

    if (!object->handle)
        allocate(p, object);
    else if (object->borrows && (what & 1 || object->borrows > 3))
        give_back(p, object);
    else if (what < 3)
        lend(p, object);
    else if (p->out && what < 16 && !object->borrows)
        hand_over(p, object);
    else if (!object->borrows)
        release(p, object);
}

void player_begin(struct player *p, uint64_t seed)
{
    memset(p, 0, sizeof(*p));
    p->cache_count = 1;
    p->first_owner = (domain_id_t)(100 * seed);
    p->state = seed * 88172645463325252u;
}

void player_go(struct player *p, uint64_t steps)
{
    uint64_t end = p->steps + steps;

    for (; p->steps < end && !p->wrong; p->steps++) {
        step_with(p, &p->objects[below(p, PLAYER_OBJECTS)]);
        check_stale(p);
        if (p->steps % 4 == 0)
            check_containing(p);
        if (p->alone && below(p, 50000) == 0)
            reap(p);
        if (below(p, 20000) == 0)
            heap_cache_flush(&p->caches[below(p, p->cache_count)]);
    }
}

static void count_object(const struct object *object, struct heap_stats *sum)
{
    if (!object->handle)
        return;
    sum->live_objects++;
    sum->live_bytes += object->type->bytes;
}

void player_compare_all(struct player *players, uint32_t count)
{
    struct heap_stats stats = heap_statistics(), sum = {0};
    uint64_t carved_least = 0, class;
    uint32_t i, j;

    for (i = 0; i < count; i++) {
        for (j = 0; j < PLAYER_OBJECTS; j++)
            count_object(&players[i].objects[j], &sum);
        for (j = 0; players[i].in && j < LANES; j++)
            if (players[i].in[j])
                count_object(players[i].in[j], &sum);
    }
    for (class = 0; class < HEAP_CLASSES; class ++)
        carved_least += (uint64_t)(world.live[class] + world.retired[class]) *
                        class_granules((uint32_t)class) * TP_GRANULE;
    CLAIM(players, stats.live_objects == sum.live_objects);
    CLAIM(players, stats.live_bytes == sum.live_bytes);
    CLAIM(players, stats.carved_bytes >= carved_least);
    CLAIM(players, stats.carved_bytes <=
                       (uint64_t)chunks_in_use(0) * HEAP_CHUNK_BYTES);
}

static void let_go(struct player *p, struct object *object)
{
    while (object->handle && object->borrows)
        give_back(p, object);
    if (object->handle)
        release(p, object);
}

void player_end(struct player *p)
{
    uint32_t i;

    for (i = 0; i < PLAYER_OBJECTS; i++)
        let_go(p, &p->objects[i]);
    for (i = 0; p->in && i < LANES; i++) {
        if (p->in[i])
            let_go(p, p->in[i]);
        free(p->in[i]);
        p->in[i] = NULL;
    }
    for (i = 0; i < p->cache_count; i++)
        heap_cache_flush(&p->caches[i]);
}

/* It looks at every byte of a payload, one by one. */
#ifdef __SANITIZE_THREAD__
#define SLOWER 10
#else
#define SLOWER 1
#endif

uint64_t operations(uint64_t usual)
{
    const char *wanted = getenv("TP_TEST_OPERATIONS");
    uint64_t count = wanted ? strtoull(wanted, NULL, 0) : 0;

    return count ? count : usual / SLOWER;
}
