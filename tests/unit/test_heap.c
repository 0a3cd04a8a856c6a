/* SPDX-License-Identifier: MIT */
/*
 * test_heap.c - the shared heap alone, without domains: sizes, generations,
 * exhaustion, caches, threads. test_heap_model.c compares it with a model.
 * Source: thesis 3.1; design, section 3; core/include/tepal_trusted/heap.h.
 */
#include "classes.h"
#include "suite_run.h"
#include "sure.h"
#include "tepal_trusted/heap.h"
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HEAP_BYTES (HEAP_NULL_BYTES + 32ull * HEAP_CHUNK_BYTES)

static uint8_t *payloads;
static struct registry_record *records;
static struct heap_cache caches[2];

static void *map(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    ck_assert_ptr_ne(memory, MAP_FAILED);
    return memory;
}

#define RECORD_BYTES (HEAP_BYTES / TP_GRANULE * sizeof(struct registry_record))

static void setup(void)
{
    payloads = map(HEAP_BYTES);
    records = map(RECORD_BYTES);
    memset(caches, 0, sizeof(caches));
    heap_init(payloads, records, HEAP_BYTES);
}

static void teardown(void)
{
    munmap(payloads, HEAP_BYTES);
    munmap(records, RECORD_BYTES);
}

#define OBJECT(number, text, size)                                             \
    {                                                                          \
        .id = (number), .name = (text), .bytes = (size),                       \
        .heap_bytes = TYPE_HEAP_BYTES(size)                                    \
    }

static const struct type types[] = {
    OBJECT(1, "byte", 1),     OBJECT(2, "line", 64), OBJECT(3, "frame", 1514),
    OBJECT(4, "block", 4096), OBJECT(5, "odd", 577), OBJECT(6, "big", 70000),
};
#define TYPES (sizeof(types) / sizeof(types[0]))

/* Rule: size classes, cache-line aligned (design, section 3). */
START_TEST(every_size_has_a_class_that_fits_and_wastes_little)
{
    uint32_t bytes, class, before = 0;

    for (bytes = 1; bytes <= HEAP_CHUNK_BYTES; bytes++) {
        uint32_t granules = (bytes + TP_GRANULE - 1) / TP_GRANULE, got;

        class = class_for(bytes);
        sure(class < HEAP_CLASSES);
        sure(class >= before);
        sure(class <= before + 1);
        before = class;
        got = class_granules(class);
        sure(got >= granules);
        sure(TYPE_HEAP_BYTES(bytes) == got * TP_GRANULE);
        if (granules <= 8)
            sure(got == granules);
        else
            sure((got - granules) * 4 < granules);
    }
    sure(before == HEAP_CLASSES - 1);
    sure(class_granules(before) == HEAP_CHUNK_BYTES / TP_GRANULE);
}
END_TEST

static uint64_t state = 88172645463325252u;

static uint64_t chance(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static bool handle_matches(uint64_t handle, domain_id_t owner)
{
    const struct registry_record *record = registry_find(handle);

    return record && record->word == owner_expected(handle, owner);
}

/*
 * thesis 3.1: alloc can fail; it is an error to the caller (design, section
 * 3).
 */
START_TEST(an_exhausted_heap_gives_null_and_recovers)
{
    static uint64_t handles[HEAP_BYTES / TP_GRANULE];
    uint32_t count = 0, again = 0, i;

    while ((handles[count] = heap_alloc(&caches[0], &types[3], 1)))
        count++;
    ck_assert_uint_eq(count, (HEAP_BYTES - HEAP_NULL_BYTES) / 4096);
    ck_assert_uint_eq(heap_alloc(&caches[0], &types[3], 1), 0);
    ck_assert_uint_eq(heap_alloc(&caches[1], &types[0], 1), 0);
    for (i = 0; i < count; i++)
        heap_free(&caches[0], registry_find(handles[i]),
                  registry_find(handles[i])->word);
    heap_cache_flush(&caches[0]);
    while (heap_alloc(&caches[1], &types[3], 2))
        again++;
    ck_assert_uint_eq(again, count);
}
END_TEST

/* Rule: caches belong to a CPU and go back with it (design, section 3). */
START_TEST(flush_returns_everything)
{
    uint64_t handles[500];
    uint32_t i, class;

    for (i = 0; i < 500; i++)
        handles[i] = heap_alloc(&caches[0], &types[i % TYPES], 1);
    for (i = 0; i < 500; i++)
        heap_free(&caches[0], registry_find(handles[i]),
                  registry_find(handles[i])->word);
    heap_cache_flush(&caches[0]);

    for (class = 0; class < HEAP_CLASSES; class ++) {
        ck_assert_ptr_null(caches[0].free[class]);
        ck_assert_uint_eq(caches[0].count[class], 0);
    }
    ck_assert_uint_eq(heap_statistics().live_objects, 0);
}
END_TEST

/*
 * Objects of every class, and in each of them a sample of bytes.
 * Rule: a DMA target belongs to an object (design, section 7).
 */
START_TEST(the_object_around_a_byte_is_found)
{
    static struct type sized[HEAP_CLASSES];
    uint32_t class, i, n;

    for (class = 0; class < HEAP_CLASSES - 24; class ++) {
        sized[class].id = class + 1;
        sized[class].bytes = class_granules(class) * TP_GRANULE;
        sized[class].heap_bytes = sized[class].bytes;
        for (n = 0; n < 40 && n * sized[class].bytes < HEAP_CHUNK_BYTES / 2;
             n++) {
            uint64_t handle = heap_alloc(&caches[0], &sized[class], 1);
            uint32_t offset = (uint32_t)handle, bytes = 0;

            sure(handle != 0);
            for (i = 0; i < sized[class].bytes;
                 i += 1 + (uint32_t)(chance() % 97)) {
                sure(heap_containing(offset + i, &bytes) ==
                     registry_find(handle));
                sure(bytes == sized[class].bytes);
            }
            sure(heap_containing(offset + sized[class].bytes - 1, &bytes) ==
                 registry_find(handle));
        }
    }
}
END_TEST

/* Rule: a DMA target belongs to an object (design, section 7). docs/ABI.md,
 * "Handles and spines": none has the place that a null reference names. */
START_TEST(nothing_is_found_where_no_object_ever_was)
{
    uint32_t end = HEAP_NULL_BYTES + HEAP_CHUNK_BYTES;
    uint32_t bytes = 77, offset;

    sure(heap_alloc(&caches[0], &types[5], 1) != 0);
    sure(heap_containing(HEAP_BYTES, &bytes) == NULL);
    sure(heap_containing(UINT32_MAX, &bytes) == NULL);
    sure(heap_containing(end, &bytes) == NULL);
    for (offset = end - 1; offset > end - 70000; offset -= 64)
        sure(heap_containing(offset, &bytes) == NULL);
    for (offset = 0; offset < HEAP_NULL_BYTES; offset += 64)
        sure(heap_containing(offset, &bytes) == NULL);
    sure(bytes == 77);
}
END_TEST

/* Rule: a generation that would wrap is retired (design, section 3). */
START_TEST(a_record_whose_generation_would_wrap_is_retired)
{
    uint64_t handle = heap_alloc(&caches[0], &types[1], 7), other;
    struct registry_record *record = registry_find(handle);
    uint32_t i;

    record->word = (uint64_t)0xffffffff << 32 | 7;
    heap_free(&caches[0], record, record->word);

    sure(owner_of(record->word) == DOMAIN_NOBODY);
    sure(record->word != 0);
    for (i = 0; i < 100000; i++) {
        other = heap_alloc(&caches[0], &types[1], 7);
        sure(registry_find(other) != record);
        if (i % 3)
            heap_free(&caches[0], registry_find(other),
                      registry_find(other)->word);
    }
    heap_cache_flush(&caches[0]);
    sure(!handle_matches((uint64_t)0xffffffff << 32 | (uint32_t)handle, 7));
}
END_TEST

/*
 * A handle that no allocation ever gave finds no record, or one that does not
 * match any owner.
 * Rule: a handle is valid only with its generation (design, section 4).
 */
START_TEST(no_invented_handle_matches)
{
    uint32_t i;

    for (i = 0; i < 100; i++)
        heap_alloc(&caches[0], &types[i % TYPES], 5);
    sure(registry_find(HEAP_BYTES) == NULL);
    sure(registry_find(1) == NULL);
    sure(registry_find(63) == NULL);
    sure(registry_find(0xffffffc0) == NULL);
    for (i = 0; i < 1000000; i++) {
        uint64_t handle = chance();

        if ((uint32_t)(handle >> 32) == 1)
            continue;
        sure(!handle_matches(handle, 5));
        sure(!handle_matches((uint32_t)handle, 5));
    }
}
END_TEST

/* Two caches, one behind-the-scenes heap; objects freed by the other thread. */
struct worker {
    struct heap_cache cache;
    uint64_t *in, *out; /* handles that cross over, atomically */
    domain_id_t id;
    uint64_t seed;
    bool failed;
};

#define LANES 64

static void work_once(struct worker *worker, uint64_t random)
{
    uint64_t *lane = &worker->out[random % LANES], handle, none = 0;
    struct registry_record *record;

    handle = heap_alloc(&worker->cache, &types[random >> 8 & 3], worker->id);
    if (!handle) {
        worker->failed = true;
        return;
    }
    *(uint8_t *)registry_payload(registry_find(handle)) = 1;
    if (!__atomic_compare_exchange_n(lane, &none, handle, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
        record = registry_find(handle);
        heap_free(&worker->cache, record, record->word);
    }
    handle = __atomic_exchange_n(&worker->in[random >> 20 & (LANES - 1)], 0,
                                 __ATOMIC_ACQ_REL);
    if (handle) {
        record = registry_find(handle);
        heap_free(&worker->cache, record,
                  __atomic_load_n(&record->word, __ATOMIC_ACQUIRE));
    }
}

static void *work(void *context)
{
    struct worker *worker = context;
    uint32_t i, bytes;

    for (i = 0; i < 200000; i++) {
        worker->seed = worker->seed * 6364136223846793005u + 1;
        work_once(worker, worker->seed >> 20);
        if (i % 64 == 0)
            (void)heap_containing((uint32_t)(worker->seed >> 33) %
                                      (uint32_t)HEAP_BYTES,
                                  &bytes);
    }
    heap_cache_flush(&worker->cache);
    return NULL;
}

/* Rule: caches take what others allocated (design, section 3). */
START_TEST(two_threads_can_free_each_others_objects)
{
    static struct worker workers[2];
    static uint64_t lanes[2][LANES];
    uint64_t left = 0;
    pthread_t second;
    uint32_t i;

    memset(workers, 0, sizeof(workers));
    memset(lanes, 0, sizeof(lanes));
    for (i = 0; i < 2; i++) {
        workers[i].in = lanes[i];
        workers[i].out = lanes[1 - i];
        workers[i].id = (domain_id_t)(i + 1);
        workers[i].seed = i + 1;
    }
    ck_assert_int_eq(pthread_create(&second, NULL, work, &workers[1]), 0);
    work(&workers[0]);
    ck_assert_int_eq(pthread_join(second, NULL), 0);

    ck_assert(!workers[0].failed && !workers[1].failed);
    for (i = 0; i < LANES; i++)
        left += (lanes[0][i] ? 1u : 0u) + (lanes[1][i] ? 1u : 0u);
    ck_assert_uint_eq(heap_statistics().live_objects, left);
    ck_assert_uint_lt(heap_statistics().carved_bytes, 16u << 20);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("heap");
    TCase *tests = tcase_create("heap");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, every_size_has_a_class_that_fits_and_wastes_little);
    tcase_add_test(tests, an_exhausted_heap_gives_null_and_recovers);
    tcase_add_test(tests, flush_returns_everything);
    tcase_add_test(tests, the_object_around_a_byte_is_found);
    tcase_add_test(tests, nothing_is_found_where_no_object_ever_was);
    tcase_add_test(tests, a_record_whose_generation_would_wrap_is_retired);
    tcase_add_test(tests, no_invented_handle_matches);
    tcase_add_test(tests, two_threads_can_free_each_others_objects);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
