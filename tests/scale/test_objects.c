/* SPDX-License-Identifier: MIT */
/*
 * test_objects.c - a million live objects: what the registry takes for one,
 * and that to allocate and to free is the same work as in an empty heap.
 *
 * Work is counted in steps, which are the same in each run and on each machine
 * (bench/heap.c has the times). A cache's count tells what happened: it goes
 * down by one when an object comes from the cache, and up by one when it goes
 * there; in any other step the lists behind the lock were at work.
 * Source: thesis 3.1; design, section 3.
 */
#define _GNU_SOURCE
#include "classes.h"
#include "crowd.h"
#include "suite_run.h"
#include "sure.h"
#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MIB 0x100000ull
#define HEAP_BYTES (256 * MIB)
#define RECORD_BYTES (HEAP_BYTES / TP_GRANULE * sizeof(struct registry_record))
#define OWNER 7

static uint8_t *payloads, *records;
static struct heap_cache builder; /* of those who fill the heap */

static void *map(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    ck_assert_ptr_ne(memory, MAP_FAILED);
    return memory;
}

/* As arch_host/pages.c does it. */
static void setup(void)
{
    payloads = map(HEAP_BYTES);
    records = map(RECORD_BYTES);
    memset(&builder, 0, sizeof(builder));
    heap_init(payloads, (struct registry_record *)(void *)records, HEAP_BYTES);
}

static void teardown(void)
{
    munmap(payloads, HEAP_BYTES);
    munmap(records, RECORD_BYTES);
}

/* What of the records is in memory. Units: bytes. */
static uint64_t resident_records(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), i, pages = RECORD_BYTES / page;
    unsigned char *present = malloc(pages);
    uint64_t bytes = 0;

    ck_assert_ptr_nonnull(present);
    ck_assert_int_eq(mincore(records, RECORD_BYTES, present), 0);
    for (i = 0; i < pages; i++)
        bytes += present[i] & 1 ? page : 0;
    free(present);
    return bytes;
}

static const struct {
    uint32_t bytes, count;
} sizes[] = {
    {64, 1000000}, {256, 200000}, {2048, 50000}, {65536, 2000}, {2097152, 100},
};
#define SIZES ((int)(sizeof(sizes) / sizeof(sizes[0])))

/*
 * Design, section 3: at most 32 bytes. That is the record; what is resident
 * for an object is as much as long as records lie side by side, and a quarter
 * of what it takes in the heap at worst (docs/decisions/0001).
 */
START_TEST(the_registry_takes_at_most_32_bytes_for_a_small_object)
{
    struct type type = {.id = 1, .name = "one", .bytes = sizes[_i].bytes};
    uint32_t count = sizes[_i].count, i;
    double each;

    type.heap_bytes = TYPE_HEAP_BYTES(sizes[_i].bytes);
    ck_assert_uint_le(sizeof(struct registry_record), 32);
    ck_assert_uint_eq(resident_records(), 0);
    for (i = 0; i < count; i++)
        sure(heap_alloc(&builder, &type, OWNER));

    ck_assert_uint_eq(heap_statistics().live_objects, count);
    each = (double)resident_records() / count;
    printf("# %u objects of %u bytes: %.1f bytes of registry each, resident\n",
           count, sizes[_i].bytes, each);
    ck_assert_double_ge(each, sizeof(struct registry_record));
    if (sizes[_i].bytes <= 2 * TP_GRANULE)
        ck_assert_double_le(each, 32.0 + 1);
    else
        ck_assert_double_le(each, type.heap_bytes / 4.0 * 1.1);
}
END_TEST

/* How often the lists behind the caches were needed, and for how many. */
struct work {
    uint64_t refills, returns, moved;
};

static const struct type line = {
    .id = 2, .name = "line", .bytes = 64, .heap_bytes = 64};
#define LINE_CLASS 0

static uint64_t take(struct heap_cache *cache, struct work *work)
{
    uint32_t before = cache->count[LINE_CLASS];
    uint64_t handle = heap_alloc(cache, &line, OWNER);

    sure(handle != 0);
    if (cache->count[LINE_CLASS] + 1 != before) {
        work->refills++;
        work->moved += cache->count[LINE_CLASS] + 1 - before;
    }
    return handle;
}

static void give(struct heap_cache *cache, uint64_t handle, struct work *work)
{
    struct registry_record *record = registry_find(handle);
    uint32_t before = cache->count[LINE_CLASS];

    heap_free(cache, record, record->word);
    if (cache->count[LINE_CLASS] != before + 1) {
        work->returns++;
        work->moved += before + 1 - cache->count[LINE_CLASS];
    }
}

#define HELD 300
#define STEPS 300000u
#define TIDE 1000u /* steps in which they come, or go */

/* HELD objects come in an order of chance, and go again, over and over. */
static struct work work_of_a_row(void)
{
    struct heap_cache cache = {{NULL}, {0}};
    uint64_t held[HELD] = {0}, state = 1;
    struct work work = {0, 0, 0};
    uint32_t step, i;
    bool come;

    for (step = 0; step < STEPS; step++) {
        come = step / TIDE % 2 == 0;
        i = (uint32_t)(crowd_chance(&state) % HELD);
        if (come == (held[i] != 0))
            continue;
        if (!come)
            give(&cache, held[i], &work);
        held[i] = come ? take(&cache, &work) : 0;
    }
    for (i = 0; i < HELD; i++)
        if (held[i])
            give(&cache, held[i], &work);
    heap_cache_flush(&cache);
    return work;
}

static void ck_work(struct work got, struct work wanted)
{
    ck_assert_uint_eq(got.refills, wanted.refills);
    ck_assert_uint_eq(got.returns, wanted.returns);
    ck_assert_uint_eq(got.moved, wanted.moved);
}

/* Design, section 3: caches of free objects, no global lock on the fast path;
 * so what is live elsewhere does not matter. */
START_TEST(the_work_does_not_grow_with_a_million_live_objects)
{
    struct work empty = work_of_a_row(), crowded;
    struct crowd crowd;
    uint32_t i;
    uint64_t state = 3, carved;

    ck_assert_uint_gt(empty.refills, 100);
    ck_assert(crowd_gather(&crowd, &builder, OWNER, CROWD_LIVE));
    heap_cache_flush(&builder);
    ck_assert_uint_eq(heap_statistics().live_objects, CROWD_LIVE);
    crowded = work_of_a_row();
    ck_work(crowded, empty);

    carved = heap_statistics().carved_bytes;
    for (i = 0; i < CROWD_LIVE; i++)
        sure(crowd_replace(&crowd, &builder, OWNER,
                           (uint32_t)(crowd_chance(&state) % CROWD_LIVE)));
    heap_cache_flush(&builder);
    ck_assert_uint_eq(heap_statistics().live_objects, CROWD_LIVE);
    ck_assert_uint_eq(heap_statistics().carved_bytes, carved);
    ck_work(work_of_a_row(), empty);
    printf("# %u steps: %lu refills, %lu returns, %lu records moved, with 0 "
           "and with %u live objects\n",
           STEPS, empty.refills, empty.returns, empty.moved, CROWD_LIVE);
    crowd_leave(&crowd, &builder);
    ck_assert_uint_eq(heap_statistics().live_objects, 0);
}
END_TEST

/*
 * The heap's lock, held for as long as a test wants: a thread that carves an
 * object touches a record that cannot be reached, and stays in the handler.
 */
static struct {
    int stuck, released, done, passed;
} flags;

static void set(int *flag)
{
    __atomic_store_n(flag, 1, __ATOMIC_SEQ_CST);
}

static bool is_set(int *flag)
{
    return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}

static bool wait_for(int *flag, uint32_t milliseconds)
{
    const struct timespec moment = {0, 1000000};

    while (!is_set(flag) && milliseconds--)
        nanosleep(&moment, NULL);
    return is_set(flag);
}

static void stay(int signal)
{
    const struct timespec moment = {0, 1000000};

    (void)signal;
    set(&flags.stuck);
    while (!is_set(&flags.released))
        nanosleep(&moment, NULL);
}

static const struct type block = {
    .id = 3, .name = "block", .bytes = 4096, .heap_bytes = 4096};

static void *hold_the_lock(void *context)
{
    struct heap_cache cache = {{NULL}, {0}};

    (void)context;
    (void)heap_alloc(&cache, &block, OWNER);
    return NULL;
}

static struct heap_cache warm;

static void *use_the_cache(void *context)
{
    struct work work = {0, 0, 0};
    uint32_t i;

    (void)context;
    for (i = 0; i < STEPS; i++) {
        uint64_t first = take(&warm, &work), second = take(&warm, &work);

        give(&warm, first, &work);
        give(&warm, second, &work);
    }
    if (work.moved == 0)
        set(&flags.done);
    return NULL;
}

static void *need_the_lock(void *context)
{
    struct heap_cache cache = {{NULL}, {0}};

    (void)context;
    (void)heap_alloc(&cache, &line, OWNER);
    set(&flags.passed);
    return NULL;
}

static pthread_t start(void *(*body)(void *context))
{
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, body, NULL), 0);
    return thread;
}

/* Design, section 3: no global lock on the fast path. */
START_TEST(a_warm_cache_takes_no_lock)
{
    struct sigaction action = {.sa_handler = stay}, before;
    uint8_t *second_chunk = records + (HEAP_NULL_BYTES + HEAP_CHUNK_BYTES) /
                                          TP_GRANULE *
                                          sizeof(struct registry_record);
    struct work work = {0, 0, 0};
    pthread_t holder, user, needer;
    bool stuck, done, passed;

    memset(&flags, 0, sizeof(flags));
    memset(&warm, 0, sizeof(warm));
    give(&warm, take(&warm, &work), &work);
    ck_assert_int_eq(mprotect(second_chunk, TP_PAGE, PROT_NONE), 0);
    sigaction(SIGSEGV, &action, &before);
    holder = start(hold_the_lock);
    stuck = wait_for(&flags.stuck, 20000);
    user = start(use_the_cache);
    done = wait_for(&flags.done, 20000);
    needer = start(need_the_lock);
    passed = wait_for(&flags.passed, 100);

    ck_assert_int_eq(
        mprotect(second_chunk, TP_PAGE, PROT_READ | PROT_WRITE), 0);
    set(&flags.released);
    pthread_join(holder, NULL);
    pthread_join(user, NULL);
    pthread_join(needer, NULL);
    sigaction(SIGSEGV, &before, NULL);
    ck_assert(stuck);
    ck_assert(done);
    ck_assert(!passed); /* or the lock was not held */
    ck_assert(is_set(&flags.passed));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scale");
    TCase *tests = tcase_create("objects");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests,
                        the_registry_takes_at_most_32_bytes_for_a_small_object,
                        0, SIZES);
    tcase_add_test(tests, the_work_does_not_grow_with_a_million_live_objects);
    tcase_add_test(tests, a_warm_cache_takes_no_lock);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
