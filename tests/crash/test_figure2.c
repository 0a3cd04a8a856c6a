/* SPDX-License-Identifier: MIT */
/*
 * test_figure2.c - three domains, an object that goes from one to the next, and
 * who of them dies when. After each test nothing is left of the dead, and the
 * others call each other as before: accounts.h.
 *
 *  1 the owner, whose object is lent   the_owner_dies_while_it_lends
 *  2 the borrower                      the_borrower_dies
 *                                      each_way_to_die_gives_loans_back [1]
 *  3 the middle one, the last runs     the_middle_one_dies
 *                                      who_waits_in_a_call_is_killed [2]
 *  4 two of three                      two_of_three_die
 *                                      caller_and_callee_are_killed [2]
 *  5 after a nested call came back     a_nested_call_had_returned
 *  6 with a gift that it stashed       a_gift_was_stashed
 *  7 between pop and push              between_pop_and_push
 *  8 in the middle of dropping         half_of_it_was_dropped
 *                                      killed_while_it_drops [3]
 *  9 the caller, its callee runs       the_caller_dies_while_its_callee_runs
 *                          a_caller_is_killed_while_its_callee_runs [2]
 * 10 who is returned to                a_result_comes_to_a_dead_caller
 *                                      who_waits_in_a_call_is_killed [2]
 * 11 with DMA in flight                dma_is_in_flight [4]
 *                                      dma_goes_on_and_on [4]
 *                                      a_dead_drivers_device_reads_nothing [5]
 * 12 while it is restarted             dies_while_it_is_restarted [3]
 *                                      killed_while_it_is_restarted [3]
 *                                      kills_and_restarts_race [2]
 * 13 by another thread                 a_callee_is_killed_in_the_middle [2]
 *                                      a_domains_own_thread_is_killed [2]
 * 14 while it waits for an interrupt   killed_while_it_waits [4]
 * 15 of recursion without end          recursion_without_end
 *             endless_mutual_recursion_runs_out_of_stack_and_no_more [6]
 * 16 over quota, and does not look     an_allocation_fails_unseen
 *
 * [1] test_crash.c, [2] test_killed.c, [3] test_figure2_threads.c,
 * [4] test_figure2_device.c, [5] tests/attacks/test_dma.c,
 * [6] tests/crossing/test_gate.c; the others stand here.
 *
 * Source: thesis 2, 3.1, 3.2.6 and Figure 2; design, sections 4 and 5.
 */
#include "test_figure2.h"
#include <string.h>

struct actor a, b, c;
static uint64_t to_b;

void figure2_setup(void)
{
    struct load_error error;

    host_log_to(-1);
    actors_end(); /* of a test that failed */
    a = actor_new("a");
    b = actor_new("b");
    c = actor_new("c");
    ck_assert(domain_wire(a.domain, "neighbour", b.domain, "test", &error));
    to_b = actor_link(&a, &b, "test");
    accounts_open((const struct actor[]){a, b, c}, 3);
}

void figure2_teardown(void)
{
    ck_assert_uint_eq(live_objects(), 0);
    accounts_close();
    actors_end();
    ck_assert_uint_eq(live_objects(), 0);
}

void check_drop(struct actor *actor, uint64_t handle)
{
    ck_assert_uint_eq(owner_of_handle(handle), ID(*actor));
    ck_assert_uint_eq(borrows_of(handle), 0);
    ck_assert(rref_drop(thread_current(), actor->domain, handle));
}

static bool is_alive(const struct actor *actor)
{
    return domain_is_alive(actor->domain);
}

/* The call that it was ordered to make has returned to its code. */
static bool came_back(const struct actor *actor)
{
    return actor->order->answer != 0xbadbadbadbad;
}

/* Methods of @actor end it, when they have made the call they are to make. */
static void will_die(struct actor *actor)
{
    actor->order->script |= SCRIPT_DIE;
    actor->order->die = WAY_UD2;
}

/* Methods of @actor have @victim die, in a call of its own. */
static void will_kill(struct actor *actor, struct actor *victim)
{
    const uint64_t arguments[6] = {STEP_DIE, WAY_NULL_WRITE};

    actor_order(actor, DRIVER_STEP, actor_link(actor, victim, "test_driver"),
                arguments);
    actor->order->script |= SCRIPT_CALL;
}

/* a lends @handle to b, by @method; what b answers a. */
static struct rpc lend(enum method method, uint64_t handle)
{
    return actor_call(&a, method, to_b, handle, room_at(&a, OUT), 0, 0, 0, 0);
}

/* a does the same, and may not come back. */
static struct rpc lend_and_die(enum method method, uint64_t handle)
{
    const uint64_t arguments[6] = {handle, room_at(&a, OUT)};

    actor_order(&a, method, to_b, arguments);
    return actor_step(&a, STEP_CALL, 0, NULL);
}

/* Case 1. Thesis 3.2.6, Figure 2: the owner dies while it lends. What it lent
 * is deallocated when the last borrower returns it, and not before. */
START_TEST(the_owner_dies_while_it_lends)
{
    uint64_t seed = actor_apple(&a, 5), pear = actor_pear(&a, 1, seed);
    uint64_t own = actor_apple(&c, 1), made;

    /* b borrows the pear and has c make an apple; before it does, c sees a
     * die. What was freed by then would be the apple's place. */
    actor_will_call(&b, &c, MAKE, 7, room_at(&b, OUT), 0);
    actor_will_call(&c, &a, CRASH_LENT, WAY_UD2, own, 0);
    ck_rpc(lend_and_die(LOOK_PEAR, pear), RPC_CRASHED, 0);

    ck_rpc(actor_answer(&c), RPC_CRASHED, 0);
    ck_rpc(actor_answer(&b), RPC_OK, 0);
    made = room(&b, OUT)[0];
    ck_assert_uint_ne((uint32_t)made, (uint32_t)pear);
    ck_assert_uint_ne((uint32_t)made, (uint32_t)seed);
    ck_assert(!is_alive(&a));
    ck_assert(!came_back(&a));
    ck_assert(!is_live(pear));
    ck_assert(!is_live(seed));
    check_drop(&c, own);
    check_drop(&b, made);
}
END_TEST

/* Case 2. Thesis 3.2.6: a borrower that panics returns the reference to its
 * owner, and it remains valid for further use. */
START_TEST(the_borrower_dies)
{
    uint64_t seed = actor_apple(&a, 5), pear = actor_pear(&a, 1, seed);
    uint64_t to_c = actor_link(&a, &c, "test");

    will_die(&b);
    ck_rpc(lend(LOOK_PEAR, pear), RPC_CRASHED, 0);

    ck_assert(!is_alive(&b));
    ck_assert_uint_eq(borrows_of(pear) + borrows_of(seed), 0);
    ck_assert_int_eq(a.domain->shared_bytes, PEAR_BYTES + APPLE_BYTES);
    ck_rpc(actor_call(&a, LOOK_PEAR, to_c, pear, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_OK, 0);
    ck_assert_uint_eq(room(&a, OUT)[0], 6);
    room(&a, 0)[0] = pear;
    ck_rpc(actor_call(&a, TAKE_PEAR, to_c, room_at(&a, 0), 0, 0, 0, 0, 0),
           RPC_OK, 0);
    ck_assert_uint_eq(payload_of(pear)[0], 2);
    check_drop(&a, pear);
    ck_assert(!is_live(seed));
}
END_TEST

/* Case 3. Thesis 3.2.6, Figure 2: the last one dies. The one in the middle
 * hears of it and goes on, the first notices nothing. */
START_TEST(the_one_in_the_middle_survives_the_last)
{
    uint64_t apple = actor_apple(&a, 5);

    actor_will_call(&b, &c, CRASH_LENT, WAY_NULL_WRITE, apple, 0);
    ck_rpc(lend(LOOK, apple), RPC_OK, 0);

    ck_rpc(actor_answer(&b), RPC_CRASHED, 0);
    ck_assert_uint_eq(room(&a, OUT)[0], 5);
    ck_assert(is_alive(&b));
    ck_assert(!is_alive(&c));
    check_drop(&a, apple);
}
END_TEST

/* Case 3. Thesis 3.2.6, Figure 2: the intermediate proxies handle the
 * unwinding. b dies while c runs: c still has what b lent it and what b gave
 * it, and a hears of a crash. */
START_TEST(the_middle_one_dies)
{
    uint64_t lent = actor_apple(&a, 5), gift = actor_apple(&b, 6);

    room(&b, 0)[0] = gift;
    actor_will_call(&b, &c, LEND_AND_TAKE, lent, room_at(&b, 0), 0);
    will_kill(&c, &b);
    ck_rpc(lend(LOOK, lent), RPC_CRASHED, 0);

    ck_rpc(actor_answer(&c), RPC_CRASHED, 0);
    ck_assert(!is_alive(&b));
    ck_assert(!came_back(&b));
    ck_assert(is_alive(&c));
    ck_assert_uint_eq(c.order->seen[0], 5);
    ck_assert_uint_eq(c.order->seen[1], 6);
    ck_assert(!is_live(gift));
    check_drop(&a, lent);
}
END_TEST

enum { A = 1, B = 2, C = 4 };
static const uint32_t pairs[] = {B | C, A | C, A | B};

/* Case 4. Thesis 3.2.6, Figure 2: a calls b calls c, and any two of them die:
 * the later one on the way back from the death of the other. */
START_TEST(two_of_three_die)
{
    uint64_t seed = actor_apple(&a, 5), pear = actor_pear(&a, 1, seed);
    uint32_t die = pairs[_i];
    struct rpc rpc;

    actor_will_call(&b, &c, LOOK_PEAR, pear, room_at(&b, OUT), 0);
    if (die & A)
        will_kill(&c, &a);
    if (die & B)
        will_die(&b);
    if (die & C)
        will_die(&c);
    rpc = lend_and_die(LOOK_PEAR, pear);

    ck_rpc(rpc, die & A ? RPC_CRASHED : RPC_OK, 0);
    ck_rpc(actor_answer(&b), die & C ? RPC_CRASHED : RPC_OK, 0);
    if (die & A)
        ck_rpc(actor_answer(&c), RPC_CRASHED, 0);
    else
        ck_rpc(actor_answer(&a), RPC_CRASHED, 0);
    ck_assert_uint_eq(is_alive(&a), !(die & A));
    ck_assert_uint_eq(is_alive(&b), !(die & B));
    ck_assert_uint_eq(is_alive(&c), !(die & C));
    if (die & A)
        ck_assert(!came_back(&a) && !is_live(pear) && !is_live(seed));
    else
        check_drop(&a, pear);
}
END_TEST

/* Case 5. Design, section 5: a crash after a nested call has returned. */
START_TEST(a_nested_call_had_returned)
{
    uint64_t apple = actor_apple(&a, 5);

    actor_will_call(&b, &c, LOOK, apple, room_at(&b, OUT), 0);
    will_die(&b);
    ck_rpc(lend(LOOK, apple), RPC_CRASHED, 0);

    ck_rpc(actor_answer(&b), RPC_OK, 0);
    ck_assert_uint_eq(room(&b, OUT)[0], 5);
    ck_assert(!is_alive(&b));
    ck_assert(is_alive(&c));
    check_drop(&a, apple);
}
END_TEST

/* Case 6. Design, section 5: a callee that stashed a moved RRef before it
 * crashed; thesis 3.1: the registry says what to free, and says it once. */
START_TEST(a_gift_was_stashed)
{
    uint64_t stashed = actor_apple(&a, 5), first, second;
    uint64_t to_c = actor_link(&a, &c, "test");

    b.order->script = SCRIPT_KEEP | SCRIPT_ANSWER;
    room(&a, 0)[0] = stashed;
    ck_rpc(actor_call(&a, TAKE, to_b, room_at(&a, 0), 0, 0, 0, 0, 0), RPC_OK,
           0);
    ck_assert_uint_eq(b.order->kept[0], stashed);
    b.order->script = 0;
    will_die(&b);
    room(&a, 0)[0] = actor_apple(&a, 6);
    ck_rpc(actor_call(&a, TAKE, to_b, room_at(&a, 0), 0, 0, 0, 0, 0),
           RPC_CRASHED, 0);

    ck_assert_uint_eq(live_objects(), 0);
    ck_assert_uint_eq(b.domain->reclaimed, 2);
    /* Its place is another's, twice never. */
    first = actor_apple(&a, 1);
    second = actor_apple(&a, 2);
    ck_assert_uint_ne((uint32_t)first, (uint32_t)second);
    ck_assert(!rref_drop(thread_current(), a.domain, stashed));
    ck_rpc(actor_call(&a, LOOK, to_c, stashed, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_REFUSED, 0);
    room(&a, 0)[0] = stashed;
    ck_rpc(actor_call(&a, TAKE, to_c, room_at(&a, 0), 0, 0, 0, 0, 0),
           RPC_REFUSED, 0);
    check_drop(&a, first);
    check_drop(&a, second);
}
END_TEST

#define BELT 3

/* a has a belt of pears with seeds at the start of its room. */
static void fill_belt(uint64_t *pears)
{
    uint32_t i;

    room(&a, 0)[0] = (uint64_t)BELT << 32;
    for (i = 0; i < BELT; i++) {
        pears[i] = actor_pear(&a, i, actor_apple(&a, i));
        room(&a, 0)[1 + i] = pears[i];
    }
}

/* Case 7. Design, section 5: a crash between pop and push. The element that is
 * in no deque is its owner's as the others are; or, the second time, c's, whom
 * it was given to meanwhile. */
START_TEST(between_pop_and_push)
{
    uint64_t pears[BELT], seeds[BELT];
    uint32_t i;

    fill_belt(pears);
    for (i = 0; i < BELT; i++)
        seeds[i] = payload_of(pears[i])[1];
    if (_i) {
        actor_will_call(&b, &c, TAKE_PEAR, room_at(&b, 0), 0, 0);
        c.order->script = SCRIPT_KEEP | SCRIPT_ANSWER;
    }
    will_die(&b);
    b.order->script |= SCRIPT_BETWEEN;
    ck_rpc(actor_call(&a, PASS_BELT, to_b, room_at(&a, 0), 0, 0, 0, 0, 0),
           RPC_CRASHED, 0);

    ck_assert_uint_eq(room(&a, 0)[0] >> 32, 0);
    ck_assert_int_eq(a.domain->shared_bytes, 0);
    ck_assert_uint_eq(b.domain->reclaimed, 2 * (BELT - (uint32_t)_i));
    for (i = (uint32_t)_i; i < BELT; i++)
        ck_assert(!is_live(pears[i]) && !is_live(seeds[i]));
    if (_i) {
        ck_assert_uint_eq(c.order->kept[0], pears[0]);
        ck_assert_uint_eq(owner_of_handle(seeds[0]), ID(c));
        check_drop(&c, pears[0]);
    }
}
END_TEST

/* b calls kernel service @service. */
static void serve_b(uint64_t service, uint64_t argument)
{
    const uint64_t arguments[6] = {argument};

    actor_order(&b, (enum method)service, 0, arguments);
    ck_rpc(actor_step(&b, STEP_SERVICE, 0, NULL), RPC_OK, 0);
    ck_assert_uint_eq(b.order->answer, 1);
}

/*
 * Case 8. Thesis 3.1: a drop function runs in the kernel here, by the type's
 * descriptor, so no domain can crash inside; but it can have dropped a part and
 * crash. The pear's seed is gone, and the place of it is a's by then. The
 * second time the pear was dropped too, with that seed in it.
 */
START_TEST(half_of_it_was_dropped)
{
    uint64_t seed = actor_apple(&b, 5), pear = actor_pear(&b, 1, seed), other;

    serve_b(TP_SERVICE_HEAP_DROP, seed);
    other = actor_apple(&a, 7);
    ck_assert_uint_eq((uint32_t)other, (uint32_t)seed);
    ck_assert_uint_eq(payload_of(pear)[1], seed);
    if (_i)
        serve_b(TP_SERVICE_HEAP_DROP, pear);
    will_die(&b);
    ck_rpc(lend(LOOK, other), RPC_CRASHED, 0);

    ck_assert(!is_live(pear));
    ck_assert_uint_eq(b.domain->reclaimed, !_i);
    ck_assert_uint_eq(payload_of(other)[0], 7);
    check_drop(&a, other);
}
END_TEST

/* Case 8. Design, section 3: a freed object's generation changes, once. A
 * domain that dropped an argument and then died leaves nothing to reclaim. */
START_TEST(an_object_dropped_before_the_crash_is_not_freed_again)
{
    uint64_t apple = actor_apple(&a, 5);

    room(&a, 0)[0] = apple;
    ck_rpc(actor_call(&a, CRASH, to_b, WAY_UD2 | 0x100, room_at(&a, 0),
                      room_at(&a, OUT), 0, 0, 0),
           RPC_CRASHED, 0);
    ck_assert_uint_eq((word_of(apple) >> 32) - (apple >> 32), 1);
    ck_assert_uint_eq(b.domain->reclaimed, 0);
}
END_TEST

/*
 * Case 9. Design, section 5: a caller that died while its callee ran. a calls b
 * calls a again, and there a dies: b hears of it and returns, to a caller that
 * is dead, whose frames are wound back too.
 */
START_TEST(the_caller_dies_while_its_callee_runs)
{
    uint64_t lent = actor_apple(&a, 5), moved = actor_apple(&b, 6);

    room(&b, 0)[0] = moved;
    actor_will_call(&b, &a, CRASH, WAY_WILD_READ, room_at(&b, 0),
                    room_at(&b, OUT));
    ck_rpc(lend_and_die(LOOK, lent), RPC_CRASHED, 0);

    ck_rpc(actor_answer(&b), RPC_CRASHED, 0);
    ck_assert(!is_alive(&a));
    ck_assert(is_alive(&b));
    ck_assert(!came_back(&a));
    ck_assert(!is_live(lent));
    ck_assert(!is_live(moved));
}
END_TEST

/* Case 10. Design, section 4 (The gate): caller still alive? The same as above,
 * and b hands a result to the dead caller: nobody owns it. */
START_TEST(a_result_comes_to_a_dead_caller)
{
    const uint64_t arguments[6] = {3, room_at(&a, OUT), 0, 0, 0, 0};
    uint64_t lent = actor_apple(&b, 1);

    actor_will_call(&b, &a, CRASH_LENT, WAY_INT3, lent, 0);
    actor_order(&a, MAKE, to_b, arguments);
    ck_rpc(actor_step(&a, STEP_CALL, 0, NULL), RPC_CRASHED, 0);

    ck_assert(is_alive(&b));
    ck_assert(!came_back(&a));
    ck_assert_uint_eq(b.order->calls, 1);
    ck_assert_uint_eq(live_objects(), 1);
    ck_assert_int_eq(b.domain->shared_bytes, APPLE_BYTES);
    check_drop(&b, lent);
}
END_TEST

/*
 * Case 15. docs/ABI.md, "Calling an import": where there is no stack left the
 * innermost call is refused. a dies of that, with each of its frames, and so
 * does each call of b's on the way back; c has its loan, lent on at every one.
 */
START_TEST(recursion_without_end)
{
    uint64_t lent = actor_apple(&c, 5), to_a = actor_link(&c, &a, "test");

    actor_will_call(&a, &b, LOOK, lent, room_at(&a, OUT), 0);
    actor_will_call(&b, &a, LOOK, lent, room_at(&b, OUT), 0);
    will_die(&a);
    ck_rpc(actor_call(&c, LOOK, to_a, lent, room_at(&c, OUT), 0, 0, 0, 0),
           RPC_CRASHED, 0);

    ck_assert_uint_eq((uint32_t)(a.order->first_failure |
                                 b.order->first_failure),
                      RPC_NO_STACK);
    ck_assert_uint_gt(a.order->calls, 10);
    ck_assert_uint_eq(a.order->made, 1); /* came back, to its last frame */
    ck_assert(!is_alive(&a));
    ck_assert(is_alive(&b));
    ck_assert_uint_eq(a.order->overwritten + b.order->overwritten, 0);
    check_drop(&c, lent);
}
END_TEST

/* Case 16. Design, section 3: over quota is an error to the caller. One that
 * does not look at it writes to where no object is, and dies of it. */
START_TEST(an_allocation_fails_unseen)
{
    uint64_t own = actor_apple(&a, 5);

    b.domain->shared_quota = 0;
    ck_rpc(actor_call(&a, MAKE, to_b, 7, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_CRASHED, 0);

    ck_assert(!is_alive(&b));
    ck_assert_str_eq(b.domain->death.cause, "bad memory access");
    ck_assert_uint_eq(b.domain->death.fault_address - b.domain->base,
                      TP_SHARED_START);
    ck_assert_uint_eq(room(&a, OUT)[0], 0);
    ck_assert_int_eq(a.domain->shared_bytes, APPLE_BYTES);
    check_drop(&a, own);
}
END_TEST

static TCase *figure2_cases(void)
{
    TCase *tests = tcase_create("figure 2");

    tcase_add_checked_fixture(tests, figure2_setup, figure2_teardown);
    tcase_add_test(tests, the_owner_dies_while_it_lends);
    tcase_add_test(tests, the_borrower_dies);
    tcase_add_test(tests, the_one_in_the_middle_survives_the_last);
    tcase_add_test(tests, the_middle_one_dies);
    tcase_add_loop_test(tests, two_of_three_die, 0, 3);
    tcase_add_test(tests, a_nested_call_had_returned);
    tcase_add_test(tests, a_gift_was_stashed);
    tcase_add_loop_test(tests, between_pop_and_push, 0, 2);
    tcase_add_loop_test(tests, half_of_it_was_dropped, 0, 2);
    tcase_add_test(tests,
                   an_object_dropped_before_the_crash_is_not_freed_again);
    tcase_add_test(tests, the_caller_dies_while_its_callee_runs);
    tcase_add_test(tests, a_result_comes_to_a_dead_caller);
    tcase_add_test(tests, recursion_without_end);
    tcase_add_test(tests, an_allocation_fails_unseen);
    return tests;
}

int main(int argc, char **argv)
{
    Suite *suite = suite_create("figure2");

    suite_add_tcase(suite, figure2_cases());
    suite_add_tcase(suite, figure2_threads());
    suite_add_tcase(suite, figure2_device());
    return rig_main(suite, argc, argv, 0);
}
