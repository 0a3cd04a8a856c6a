/* SPDX-License-Identifier: MIT */
/*
 * test_races.c - attacks with two threads inside an open domain. What one of
 * them guesses, the other makes true at the worst moment.
 *
 * A race can only be lost by chance: each is run RACES times, for less than
 * a second in all, with TP_TEST_ROUNDS rounds in each if that is set.
 * Source: design, section 4 (each step is one atomic transition).
 */
#include "intruder_rig.h"

/* Where two threads fall into step, new ones may not. */
#define RACES 5

/*
 * A drop read the record's type after another thread had freed the record,
 * where a link to the next free one stood; the kernel followed it.
 * Rule: what is dropped is first made nobody else's.
 */
START_TEST(drop_of_a_guessed_handle_does_not_crash)
{
    struct intruder open = intruder_new("open", true);
    struct job thief = {.intruder = &open, .attack = ATTACK_DROP_NEXT};
    struct job maker = {.intruder = &open,
                        .attack = ATTACK_ALLOC_AND_DROP,
                        .value = rounds_of_race(500000)};

    jobs_race(&thief, &maker);

    ck_rpc(thief.rpc, RPC_OK, 0);
    ck_rpc(maker.rpc, RPC_OK, 0);
    ck_assert_uint_eq(maker.returned, maker.value);
    ck_assert(is_alive(&open));
    ck_assert_int_eq(open.domain->shared_bytes, 0);
    assert_account_is_right(&open);
}
END_TEST

/*
 * The type was compared before the owner word: an apple that was checked could
 * be a pear when it moved, charged as an apple.
 * Rule: a type counts only between two sightings of the same word.
 */
START_TEST(pear_never_passes_as_apple)
{
    struct intruder open = intruder_new("open", true),
                    receiver = intruder_new("receiver", true);
    struct job thief = {.intruder = &open, .attack = ATTACK_TAKE_NEXT};
    struct job maker = {.intruder = &open,
                        .attack = ATTACK_ALLOC_IN_TURN,
                        .value = rounds_of_race(300000)};

    intruder_wire(&open, &receiver);

    jobs_race(&thief, &maker);

    ck_rpc(thief.rpc, RPC_OK, 0);
    ck_rpc(maker.rpc, RPC_OK, 0);
    ck_assert_uint_eq(maker.returned, maker.value);
    ck_assert_uint_eq(holding_of(&receiver).pears, 0);
    ck_assert_uint_eq(holding_of(&receiver).apples, thief.returned);
    assert_account_is_right(&open);
    assert_account_is_right(&receiver);
}
END_TEST

/* A place in the shared window that both domains know. */
static void post(struct intruder *first, struct intruder *second)
{
    uint64_t handle = rref_new(thread_current(), first->domain,
                               &type_test_apple);

    ck_assert_uint_ne(handle, 0);
    first->mischief->posted = TP_SHARED_START + (uint32_t)handle;
    second->mischief->posted = first->mischief->posted;
}

/*
 * A refused call took back what it had moved without looking: the callee's
 * other thread had dropped it meanwhile, and its type was a free list's link.
 * Rule: what was used in between stays as it is, and is charged where it is.
 */
START_TEST(refusal_leaves_what_the_callee_has_dropped)
{
    struct intruder caller = intruder_new("caller", true),
                    callee = intruder_new("callee", true);
    struct job thief = {.intruder = &callee, .attack = ATTACK_DROP_POSTED};
    struct job refused = {.intruder = &caller,
                          .attack = ATTACK_BE_REFUSED,
                          .value = rounds_of_race(100000)};

    intruder_wire(&caller, &callee);
    post(&caller, &callee);

    jobs_race(&thief, &refused);

    ck_rpc(thief.rpc, RPC_OK, 0);
    ck_rpc(refused.rpc, RPC_OK, 0);
    ck_assert_uint_eq(refused.returned, refused.value);
    ck_assert_uint_eq(caller.mischief->answers[RPC_REFUSED], refused.value);
    assert_account_is_right(&caller);
    assert_account_is_right(&callee);
}
END_TEST

/*
 * Two threads read the same break, and both got the pages above it.
 * Rule: growth of a private heap is under a lock.
 */
START_TEST(threads_that_grow_one_heap_get_distinct_memory)
{
    struct intruder open = intruder_new("open", true);
    uint64_t pages = rounds_of_race(5000);
    uint32_t start = open.domain->private_break;
    struct job jobs[2] = {
        {.intruder = &open, .attack = ATTACK_GROW, .value = pages},
        {.intruder = &open, .attack = ATTACK_GROW, .value = pages},
    };

    if ((uint64_t)open.domain->private_limit - start < 2 * pages * TP_PAGE)
        pages = (open.domain->private_limit - start) / TP_PAGE / 2;
    jobs[0].value = jobs[1].value = pages;

    jobs_race(&jobs[0], &jobs[1]);

    ck_rpc(jobs[0].rpc, RPC_OK, 0);
    ck_rpc(jobs[1].rpc, RPC_OK, 0);
    ck_assert_uint_eq(jobs[0].returned, pages);
    ck_assert_uint_eq(jobs[1].returned, pages);
    ck_assert_uint_eq(open.domain->private_break - start,
                      2 * pages * TP_PAGE);
}
END_TEST

void add_tests_of_races(Suite *suite)
{
    add_attacks(suite, drop_of_a_guessed_handle_does_not_crash, RACES);
    add_attacks(suite, pear_never_passes_as_apple, RACES);
    add_attacks(suite, refusal_leaves_what_the_callee_has_dropped, RACES);
    add_attack(suite, threads_that_grow_one_heap_get_distinct_memory);
}
