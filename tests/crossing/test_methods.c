/* SPDX-License-Identifier: MIT */
/*
 * test_methods.c - every method of test.idl does what it declares: values,
 * owners, handles cleared, results delivered.
 */
#include "rig.h"
#include <string.h>

static struct actor a, b, c;
static uint64_t cap;

static void setup(void)
{
    a = actor_new("a");
    b = actor_new("b");
    c = actor_new("c");
    cap = actor_link(&a, &b, "test");
}

static void teardown(void)
{
    actors_end();
    ck_assert_uint_eq(live_objects(), 0);
}

#define ID(actor) ((actor).domain->id)
#define CALL(method, ...) CALL_(method, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define CALL_(method, p, q, r, s, t, u, ...)                                   \
    actor_call(&a, method, cap, p, q, r, s, t, u)

/* docs/ABI.md, "Calling an import": a handle that was accepted is cleared in
 * the caller. The object is the callee's, which drops it. */
START_TEST(take_moves_the_object_and_clears_the_handle)
{
    uint64_t apple = actor_apple(&a, 7);
    struct rpc rpc;

    room(&a, 0)[0] = apple;
    rpc = CALL(TAKE, room_at(&a, 0));

    ck_rpc(rpc, RPC_OK, 0);
    ck_assert_uint_eq(room(&a, 0)[0], 0);
    ck_assert_uint_eq(b.order->seen[0], 7);
    ck_assert(!is_live(apple));
    ck_assert_int_eq(a.domain->shared_bytes, 0);
    ck_assert_int_eq(b.domain->shared_bytes, 0);
}
END_TEST

/* docs/ABI.md, "Calling an import": after RPC_OK the high half of the answer is
 * the interface's own error. */
START_TEST(an_answer_carries_the_interfaces_own_error)
{
    b.order->script = SCRIPT_ANSWER;
    b.order->error = 77;
    room(&a, 0)[0] = actor_apple(&a, 7);

    ck_rpc(CALL(TAKE, room_at(&a, 0)), RPC_OK, 77);
}
END_TEST

/* Thesis 3.2.2: an RRef that is passed changes its owner. It stays the callee's
 * after the call, and counts in the callee's quota. */
START_TEST(a_callee_keeps_what_it_was_given)
{
    uint64_t apple = actor_apple(&a, 7);

    b.order->script = SCRIPT_KEEP | SCRIPT_ANSWER;
    room(&a, 0)[0] = apple;
    ck_rpc(CALL(TAKE, room_at(&a, 0)), RPC_OK, 0);

    ck_assert_uint_eq(b.order->kept[0], apple);
    ck_assert_uint_eq(owner_of_handle(apple), ID(b));
    ck_assert_int_eq(a.domain->shared_bytes, 0);
    ck_assert_int_eq(b.domain->shared_bytes, APPLE_BYTES);
}
END_TEST

/* Thesis 3.2.6 and Listing 2b: move in, move out, in the place of a mutable
 * borrow. What the callee wrote comes back with the object. */
START_TEST(pass_moves_there_and_back)
{
    uint64_t apple = actor_apple(&a, 7);

    room(&a, 0)[0] = apple;
    ck_rpc(CALL(PASS, room_at(&a, 0)), RPC_OK, 0);

    ck_assert_uint_eq(room(&a, 0)[0], apple);
    ck_assert_uint_eq(owner_of_handle(apple), ID(a));
    ck_assert_uint_eq(payload_of(apple)[0], 8);
    ck_assert_int_eq(a.domain->shared_bytes, APPLE_BYTES);
    ck_assert_int_eq(b.domain->shared_bytes, 0);
}
END_TEST

/* docs/ABI.md, "Calling an import": a result by pointer. The callee's object
 * becomes the caller's, over whatever the variable held. */
START_TEST(make_delivers_an_object_of_the_caller)
{
    uint64_t apple;

    room(&a, 0)[0] = 0x1234;
    ck_rpc(CALL(MAKE, 99, room_at(&a, 0)), RPC_OK, 0);

    apple = room(&a, 0)[0];
    ck_assert_uint_eq(owner_of_handle(apple), ID(a));
    ck_assert_uint_eq(payload_of(apple)[0], 99);
    ck_assert_int_eq(a.domain->shared_bytes, APPLE_BYTES);
    ck_assert_int_eq(b.domain->shared_bytes, 0);
}
END_TEST

/* Thesis 3.2.6: a borrow ends with the call, and the owner stays the same. */
START_TEST(look_lends_for_the_call_only)
{
    uint64_t apple = actor_apple(&a, 7);

    ck_rpc(CALL(LOOK, apple, room_at(&a, 0)), RPC_OK, 0);

    ck_assert_uint_eq(room(&a, 0)[0], 7);
    ck_assert_uint_eq(owner_of_handle(apple), ID(a));
    ck_assert_uint_eq(borrows_of(apple), 0);
    ck_assert_int_eq(a.domain->shared_bytes, APPLE_BYTES);
}
END_TEST

/* Design, section 4 (Containers): a handle inside a payload moves with it.
 * Thesis 3.2.5 has it as RRef<RRef<usize>>. */
START_TEST(a_pear_takes_its_seed_along)
{
    uint64_t apple = actor_apple(&a, 5), pear = actor_pear(&a, 3, apple);

    b.order->script = SCRIPT_ANSWER;
    b.order->forged[0] = 0;
    room(&a, 0)[0] = pear;
    ck_rpc(CALL(TAKE_PEAR, room_at(&a, 0)), RPC_OK, 0);

    ck_assert_uint_eq(room(&a, 0)[0], 0);
    ck_assert_uint_eq(owner_of_handle(pear), ID(b));
    ck_assert_uint_eq(owner_of_handle(apple), ID(b));
    ck_assert_int_eq(a.domain->shared_bytes, 0);
    ck_assert_int_eq(b.domain->shared_bytes, APPLE_BYTES + PEAR_BYTES);
}
END_TEST

/* Design, section 4 (Containers): an object comes back with the handle inside
 * its payload, and both are the caller's again. */
START_TEST(a_pear_brings_its_seed_back)
{
    uint64_t apple = actor_apple(&a, 5), pear = actor_pear(&a, 3, apple);

    room(&a, 0)[0] = pear;
    ck_rpc(CALL(TAKE_PEAR, room_at(&a, 0)), RPC_OK, 0);

    ck_assert_uint_eq(room(&a, 0)[0], pear);
    ck_assert_uint_eq(payload_of(pear)[0], 4);
    ck_assert_uint_eq(owner_of_handle(pear), ID(a));
    ck_assert_uint_eq(owner_of_handle(apple), ID(a));
    ck_assert_int_eq(a.domain->shared_bytes, APPLE_BYTES + PEAR_BYTES);
}
END_TEST

/* Design, section 4 (Containers): lending walks the payload too, so the
 * borrower holds the seed on loan and can lend it on. */
START_TEST(a_lent_pear_lends_its_seed)
{
    uint64_t apple = actor_apple(&a, 5), pear = actor_pear(&a, 3, apple);

    actor_will_call(&b, &c, LOOK, apple, room_at(&b, 0), 0);
    ck_rpc(CALL(LOOK_PEAR, pear, room_at(&a, 0)), RPC_OK, 0);

    ck_rpc(actor_answer(&b), RPC_OK, 0);
    ck_assert_uint_eq(room(&b, 0)[0], 5);
    ck_assert_uint_eq(room(&a, 0)[0], 8);
    ck_assert_uint_eq(borrows_of(pear), 0);
    ck_assert_uint_eq(borrows_of(apple), 0);
}
END_TEST

/* Design, section 4 (drop): children are dropped by the type's descriptor, as
 * thesis 3.1 has a drop function for each type. */
START_TEST(a_dropped_pear_drops_its_seed)
{
    uint64_t apple = actor_apple(&a, 5), pear = actor_pear(&a, 3, apple);

    ck_assert(rref_drop(thread_current(), a.domain, pear));

    ck_assert(!is_live(apple));
    ck_assert(!is_live(pear));
    ck_assert_int_eq(a.domain->shared_bytes, 0);
}
END_TEST

/* Design, section 4 (drop): a child is checked like a drop of its own, so a
 * forged seed frees nothing of anybody else's. */
START_TEST(a_dropped_pear_leaves_an_apple_of_others_alone)
{
    uint64_t apple = actor_apple(&c, 5), pear = actor_pear(&a, 3, apple);

    ck_assert(rref_drop(thread_current(), a.domain, pear));

    ck_assert_uint_eq(owner_of_handle(apple), ID(c));
    ck_assert_int_eq(c.domain->shared_bytes, APPLE_BYTES);
}
END_TEST

/* Thesis 3.3: elements of an RRefArray are references of their own, or absent.
 * They keep their places, and change owners with the array. */
START_TEST(a_crate_moves_what_is_in_it)
{
    uint64_t first = actor_apple(&a, 1), second = actor_apple(&a, 2);
    uint64_t *crate = room(&a, 0);

    crate[0] = 0;
    crate[1] = first;
    crate[2] = 0;
    crate[3] = second;
    ck_rpc(CALL(LOOK_CRATE, room_at(&a, 0), room_at(&a, 64)), RPC_OK, 0);
    ck_assert_uint_eq(room(&a, 64)[0], 3);
    ck_assert_uint_eq(crate[3], second);

    ck_rpc(CALL(PASS_CRATE, room_at(&a, 0)), RPC_OK, 0);
    ck_assert_uint_eq(crate[0], second);
    ck_assert_uint_eq(crate[1], 0);
    ck_assert_uint_eq(crate[2], first);
    ck_assert_uint_eq(crate[3], 0);
    ck_assert_uint_eq(owner_of_handle(first), ID(a));

    ck_rpc(CALL(TAKE_CRATE, room_at(&a, 0)), RPC_OK, 0);
    ck_assert_uint_eq(crate[0] | crate[1] | crate[2] | crate[3], 0);
    ck_assert_uint_eq(b.order->seen[0], 2);
    ck_assert_uint_eq(live_objects(), 0);
}
END_TEST

/* docs/ABI.md, "Handles and spines": an array has null where an element is
 * absent. Those that are there become the caller's. */
START_TEST(make_crate_delivers_apples)
{
    uint32_t i;

    ck_rpc(CALL(MAKE_CRATE, 3, room_at(&a, 0)), RPC_OK, 0);

    for (i = 0; i < 3; i++)
        ck_assert_uint_eq(owner_of_handle(room(&a, 0)[i]), ID(a));
    ck_assert_uint_eq(room(&a, 0)[3], 0);
    ck_assert_int_eq(a.domain->shared_bytes, 3 * APPLE_BYTES);
}
END_TEST

/* docs/ABI.md, "Handles and spines": element i is handle[(head + i) % N]; the
 * answer begins at head 0 or not. */
START_TEST(a_belt_goes_round_its_end)
{
    uint64_t *belt = room(&a, 0), pears[8];
    uint32_t i, head;

    for (i = 0; i < 8; i++)
        pears[i] = actor_pear(&a, 10 + i, actor_apple(&a, 100));
    belt[0] = 5 | 8ull << 32;
    for (i = 0; i < 8; i++)
        belt[1 + (5 + i) % 8] = pears[i];
    ck_rpc(CALL(LOOK_BELT, room_at(&a, 0), room_at(&a, 128)), RPC_OK, 0);
    ck_assert_uint_eq(room(&a, 128)[0], 8 * 110 + 28);

    ck_rpc(CALL(PASS_BELT, room_at(&a, 0)), RPC_OK, 0);

    head = (uint32_t)belt[0];
    ck_assert_uint_eq(belt[0] >> 32, 8);
    for (i = 0; i < 8; i++) {
        ck_assert_uint_eq(belt[1 + (head + i) % 8], pears[(i + 1) % 8]);
        ck_assert_uint_eq(owner_of_handle(pears[i]), ID(a));
        ck_assert_uint_eq(owner_of_handle(payload_of(pears[i])[1]), ID(a));
    }
    ck_assert_int_eq(a.domain->shared_bytes, 8 * (APPLE_BYTES + PEAR_BYTES));
}
END_TEST

/* Design, section 4 (Containers): a result's elements change owners together
 * with what lies inside them, as both quotas show. */
START_TEST(make_belt_delivers_pears_with_seeds)
{
    uint64_t *belt = room(&a, 0);

    ck_rpc(CALL(MAKE_BELT, 8, room_at(&a, 0)), RPC_OK, 0);

    ck_assert_uint_eq(belt[0] >> 32, 8);
    ck_assert_uint_eq(live_objects(), 16);
    ck_assert_int_eq(a.domain->shared_bytes, 8 * (APPLE_BYTES + PEAR_BYTES));
    ck_assert_int_eq(b.domain->shared_bytes, 0);
}
END_TEST

/* docs/ABI.md, "Calling an import": each parameter of a call moves or is lent
 * as its own declaration says. */
START_TEST(two_arguments_move_and_one_can_be_lent)
{
    uint64_t lent;

    room(&a, 0)[0] = actor_apple(&a, 1);
    room(&a, 0)[1] = actor_pear(&a, 2, actor_apple(&a, 3));
    ck_rpc(CALL(TAKE_BOTH, room_at(&a, 0), room_at(&a, 8)), RPC_OK, 0);
    ck_assert_uint_eq(b.order->seen[0], 1);
    ck_assert_uint_eq(b.order->seen[1], 5);
    ck_assert_uint_eq(room(&a, 0)[0] | room(&a, 0)[1], 0);
    ck_assert_uint_eq(live_objects(), 0);

    lent = actor_apple(&a, 4);
    room(&a, 0)[0] = actor_apple(&a, 6);
    ck_rpc(CALL(LEND_AND_TAKE, lent, room_at(&a, 0)), RPC_OK, 0);
    ck_assert_uint_eq(b.order->seen[0], 4);
    ck_assert_uint_eq(b.order->seen[1], 6);
    ck_assert_uint_eq(owner_of_handle(lent), ID(a));
    ck_assert_uint_eq(live_objects(), 1);
}
END_TEST

/* docs/ABI.md, "Calling an import": the callee gets the value of its declared
 * type, whatever is in the rest of the register. */
START_TEST(integers_are_cut_to_their_width)
{
    ck_rpc(CALL(NARROW, ~0x00ull, ~0x0full, ~0xffull, 0xffffffffffffff80,
                0xabcd7fff, 0x1234567880000000),
           RPC_OK, 0);

    ck_assert_uint_eq(b.order->seen[0], 0xff);
    ck_assert_uint_eq(b.order->seen[1], 0xfff0);
    ck_assert_uint_eq(b.order->seen[2], 0xffffff00);
    ck_assert_int_eq((int64_t)b.order->seen[3], -128);
    ck_assert_int_eq((int64_t)b.order->seen[4], 0x7fff);
    ck_assert_int_eq((int64_t)b.order->seen[5], INT32_MIN);
}
END_TEST

/* Rule: a result is written in its declared width and not a byte further
 * (docs/ABI.md, "Calling an import"). */
START_TEST(results_have_their_width)
{
    uint8_t *bytes = a.order->room;
    uint64_t where = room_at(&a, 0);

    memset(bytes, 0xaa, 256);
    ck_rpc(CALL(WIDTHS, 0x1122334455667788, where + 1, where + 17, where + 33,
                where + 49, where + 65),
           RPC_OK, 0);

    ck_assert_uint_eq(bytes[1], 0x88);
    ck_assert_uint_eq(bytes[2], 0xaa);
    ck_assert_uint_eq((uint32_t)(bytes[17] | bytes[18] << 8), 0x7788);
    ck_assert_uint_eq(bytes[16], 0xaa);
    ck_assert_uint_eq(bytes[19], 0xaa);
    ck_assert_uint_eq(bytes[33], 0x88);
    ck_assert_uint_eq(bytes[36], 0x55);
    ck_assert_uint_eq(bytes[37], 0xaa);
    ck_assert_uint_eq(bytes[49], 0x88);
    ck_assert_uint_eq(bytes[56], 0x11);
    ck_assert_uint_eq(bytes[57], 0xaa);
    ck_assert_uint_eq(bytes[65], 0x88);
    ck_assert_uint_eq(bytes[69], 0xaa);
}
END_TEST

/* docs/ABI.md, "Calling an import": a bool is 0 or 1 for the callee; a number
 * that is no value of the enum is refused. */
START_TEST(bools_and_enums_arrive_in_range)
{
    uint64_t where = room_at(&a, 0);

    room(&a, 0)[0] = room(&a, 0)[1] = ~0ull;
    ck_rpc(CALL(JUDGE, 0x40, 1, where, where + 8), RPC_OK, 0);
    ck_assert_uint_eq(b.order->seen[0], 1);
    ck_assert_uint_eq(a.order->room[0], 1);
    ck_assert_uint_eq((uint32_t)room(&a, 0)[1], 2);

    ck_rpc(CALL(JUDGE, 0x100, 0, where, where + 8), RPC_OK, 0);
    ck_assert_uint_eq(b.order->seen[0], 0);
    ck_assert_uint_eq(a.order->room[0], 0);

    ck_rpc(CALL(JUDGE, 1, 2, where, where + 8), RPC_OK, 2);
    ck_rpc(CALL(JUDGE, 1, 3, where, where + 8), RPC_REFUSED, 1);
    ck_rpc(CALL(JUDGE, 1, 0xffffffff, where, where + 8), RPC_REFUSED, 1);
}
END_TEST

/* Rule: a caller switches over an enum and branches on a bool that it got, so
 * what a hostile callee left there is one of their values, or refused. */
START_TEST(bools_and_enums_come_back_in_range)
{
    uint64_t where = room_at(&a, 0);

    b.order->script = SCRIPT_ANSWER;
    b.order->forged[0] = 2;
    b.order->forged[1] = 1;
    ck_rpc(CALL(JUDGE, 1, 1, where, where + 8), RPC_OK, 0);
    ck_assert_uint_eq(a.order->room[0], 1);
    ck_assert_uint_eq((uint32_t)room(&a, 0)[1], 1);

    b.order->forged[0] = 1;
    b.order->forged[1] = 3;
    ck_rpc(CALL(JUDGE, 1, 1, where, where + 8), RPC_REFUSED, 3);
    ck_assert_uint_lt((uint32_t)room(&a, 0)[1], 3);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("methods");
    TCase *tests = tcase_create("methods");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, take_moves_the_object_and_clears_the_handle);
    tcase_add_test(tests, an_answer_carries_the_interfaces_own_error);
    tcase_add_test(tests, a_callee_keeps_what_it_was_given);
    tcase_add_test(tests, pass_moves_there_and_back);
    tcase_add_test(tests, make_delivers_an_object_of_the_caller);
    tcase_add_test(tests, look_lends_for_the_call_only);
    tcase_add_test(tests, a_pear_takes_its_seed_along);
    tcase_add_test(tests, a_pear_brings_its_seed_back);
    tcase_add_test(tests, a_lent_pear_lends_its_seed);
    tcase_add_test(tests, a_dropped_pear_drops_its_seed);
    tcase_add_test(tests, a_dropped_pear_leaves_an_apple_of_others_alone);
    tcase_add_test(tests, a_crate_moves_what_is_in_it);
    tcase_add_test(tests, make_crate_delivers_apples);
    tcase_add_test(tests, a_belt_goes_round_its_end);
    tcase_add_test(tests, make_belt_delivers_pears_with_seeds);
    tcase_add_test(tests, two_arguments_move_and_one_can_be_lent);
    tcase_add_test(tests, integers_are_cut_to_their_width);
    tcase_add_test(tests, results_have_their_width);
    tcase_add_test(tests, bools_and_enums_arrive_in_range);
    tcase_add_test(tests, bools_and_enums_come_back_in_range);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
