/* SPDX-License-Identifier: MIT */
/*
 * test_heap_model.c - the shared heap against its model, in random steps.
 * TP_TEST_OPERATIONS sets how many; 10^7 each if it is not set, a tenth of that
 * under ThreadSanitizer.
 * Source: thesis 3.1; design, section 3.
 */
#include "heap_model.h"
#include "suite_run.h"
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define OPERATIONS 10000000u
#define CHUNKS 256
#define COMPARISONS 40

static struct player players[2];

static void assert_right(const struct player *p)
{
    ck_assert_msg(p->wrong == NULL, "step %lu: not so: %s",
                  (unsigned long)p->steps, p->wrong);
}

static void assert_empty(void)
{
    ck_assert_uint_eq(heap_statistics().live_objects, 0);
    ck_assert_uint_eq(heap_statistics().live_bytes, 0);
}

/*
 * Thesis 3.1; design, section 3: objects are disjoint and zeroed, generations
 * only rise, stale handles are refused, a record at its last generation is
 * retired, death frees or orphans. Objects from 1 byte to 2 MiB.
 */
START_TEST(one_thread_agrees_with_the_model)
{
    struct player *p = &players[0];
    uint64_t steps = operations(OPERATIONS) / COMPARISONS;
    uint32_t i;

    world_begin(CHUNKS);
    player_begin(p, 1);
    p->alone = true;
    p->cache_count = 2;

    for (i = 0; i < COMPARISONS && !p->wrong; i++) {
        player_go(p, steps);
        player_compare_all(p, 1);
    }

    assert_right(p);
    ck_assert_uint_eq(p->refused, 0);
    ck_assert_uint_gt(p->retired, p->steps / 100000);
    ck_assert_uint_gt(p->reaped, 0);
    player_end(p);
    assert_right(p);
    assert_empty();
    world_end();
}
END_TEST

/*
 * Design, section 3: an exhausted heap is an error to the caller, and only
 * that: null comes when no object of the class is left, not before, and what
 * is freed can be had again.
 */
START_TEST(exhaustion_comes_exactly_when_nothing_is_left)
{
    struct player *p = &players[0];
    uint32_t i;

    world_begin(40);
    player_begin(p, 2);
    p->alone = p->large = true;
    p->cache_count = 2;

    for (i = 0; i < COMPARISONS && !p->wrong; i++) {
        player_go(p, operations(OPERATIONS) / 400 / COMPARISONS);
        player_compare_all(p, 1);
    }

    assert_right(p);
    ck_assert_uint_gt(p->refused, p->steps / 1000);
    ck_assert_uint_gt(p->recovered, p->steps / 1000);
    player_end(p);
    assert_right(p);
    assert_empty();
    world_end();
}
END_TEST

static void *play(void *context)
{
    player_go(context, operations(OPERATIONS) / 2);
    return NULL;
}

/*
 * Design, section 3 (caches): two threads, each with a cache of its own, free
 * what the other one has allocated.
 */
START_TEST(two_threads_agree_with_the_model)
{
    static struct object *lanes[2][LANES];
    pthread_t second;
    uint32_t i;

    world_begin(CHUNKS);
    for (i = 0; i < 2; i++) {
        player_begin(&players[i], i + 1);
        players[i].in = lanes[i];
        players[i].out = lanes[1 - i];
    }

    ck_assert_int_eq(pthread_create(&second, NULL, play, &players[1]), 0);
    play(&players[0]);
    ck_assert_int_eq(pthread_join(second, NULL), 0);

    player_compare_all(players, 2);
    for (i = 0; i < 2; i++) {
        player_end(&players[i]);
        assert_right(&players[i]);
        ck_assert_uint_gt(players[i].received, 0);
        ck_assert_uint_eq(players[i].refused, 0);
    }
    assert_empty();
    world_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("heap model");
    TCase *tests = tcase_create("heap model");

    tcase_add_test(tests, one_thread_agrees_with_the_model);
    tcase_add_test(tests, exhaustion_comes_exactly_when_nothing_is_left);
    tcase_add_test(tests, two_threads_agree_with_the_model);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
