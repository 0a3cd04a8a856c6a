/* SPDX-License-Identifier: MIT */
/*
 * test_capabilities.c - capabilities as arguments and results: passed, narrowed
 * and taken back between domains that run.
 * Source: design, section 4 (Capabilities, Refusal); docs/ABI.md, "Calling an
 * import".
 */
#include "test_capabilities.h"
#include "rig.h"
#include <stdlib.h>

/* @a knows everybody; @b and @d are keepers; @c is who keys are for. */
static struct actor a, b, c, d;
static uint64_t a_to_b, a_to_c, a_to_d;

#define OUT 0x100 /* results, in a's room */

static void setup(void)
{
    a = actor_new("a");
    b = actor_new("b");
    c = actor_new("c");
    d = actor_new("d");
    a_to_b = actor_link(&a, &b, "keeper");
    a_to_c = actor_link(&a, &c, "test");
    a_to_d = actor_link(&a, &d, "keeper");
}

static struct rpc call(struct actor *actor, enum method method, uint64_t cap,
                       uint64_t p, uint64_t q)
{
    return actor_call(actor, method, cap, p, q, 0, 0, 0, 0);
}

/* What method NARROW of c says when @actor calls it by @cap. */
static struct rpc use(struct actor *actor, uint64_t cap)
{
    return call(actor, NARROW, cap, 0, 0);
}

static uint64_t service(struct actor *actor, uint64_t number, uint64_t p,
                        uint64_t q)
{
    actor->order->method = number;
    actor->order->argument[0] = p;
    actor->order->argument[1] = q;
    ck_rpc(actor_step(actor, STEP_SERVICE, 0, NULL), RPC_OK, 0);
    return actor->order->answer;
}

static uint64_t narrow(struct actor *actor, uint64_t cap, uint64_t methods)
{
    return service(actor, TP_SERVICE_CAP_NARROW, cap, methods);
}

static bool revoke(struct actor *actor, uint64_t cap)
{
    return service(actor, TP_SERVICE_CAP_REVOKE, cap, false);
}

static bool take_back(struct actor *actor, uint64_t cap)
{
    return service(actor, TP_SERVICE_CAP_REVOKE, cap, true);
}

static uint32_t held_by(const struct actor *actor)
{
    uint32_t i, count = 0;

    for (i = 0; i < CAPABILITIES_MAX; i++)
        count += actor->domain->caps[i].methods != 0;
    return count;
}

/* Rule: who is passed a capability can call by it (design, section 4). */
START_TEST(what_is_passed_can_be_called)
{
    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 3, a_to_c), RPC_OK, 0);

    ck_assert_uint_ne(b.order->keys[3], 0);
    ck_rpc(use(&b, b.order->keys[3]), RPC_OK, 0);
    ck_rpc(use(&a, a_to_c), RPC_OK, 0);
}
END_TEST

/* Rule: without a capability a call has no name (design, section 4). */
START_TEST(what_was_not_passed_cannot_be_called)
{
    uint64_t i;

    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 3, a_to_c), RPC_OK, 0);
    for (i = 0; i < 200; i++)
        if (i != b.order->keys[3])
            ck_rpc(use(&b, i), RPC_NO_CAP, 0);
    ck_rpc(use(&b, b.order->keys[3] | 1ull << 32), RPC_NO_CAP, 0);
}
END_TEST

/* Rule: passing one needs the caller to hold it; the answer names the
 * parameter and nothing has changed (design, section 4, Refusal). */
START_TEST(what_is_not_held_cannot_be_passed)
{
    static const uint64_t wrong[] = {0, 4, 63, 64, 65, 0xffffffff};
    uint32_t i, held = held_by(&b);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 0, wrong[i]), RPC_REFUSED, 1);

    ck_assert_uint_eq(held_by(&b), held);
    ck_assert_uint_eq(b.order->keys[0], 0);
}
END_TEST

/* Rule: interface ids are compared (design, section 4, Capabilities). */
START_TEST(one_for_another_interface_cannot_be_passed)
{
    uint64_t steps = actor_link(&a, &c, "test_driver");

    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 0, steps), RPC_REFUSED, 1);
    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 0, a_to_b), RPC_REFUSED, 1);
    ck_rpc(use(&a, steps), RPC_NO_CAP, 0);
}
END_TEST

/* Rule: a result is passed as an argument is (design, section 4). */
START_TEST(what_comes_back_can_be_called)
{
    uint64_t got;

    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 5, a_to_c), RPC_OK, 0);
    ck_rpc(call(&a, KEEPER_HAND_OUT, a_to_b, 5, room_at(&a, OUT)), RPC_OK, 0);

    got = (uint32_t)*room(&a, OUT);
    ck_assert_uint_ne(got, 0);
    ck_assert_uint_ne(got, a_to_c);
    ck_rpc(use(&a, got), RPC_OK, 0);
}
END_TEST

/* Rule: a callee's bad result is refused, the caller's is empty (design,
 * section 4, Refusal); null is a result like any other. */
START_TEST(a_forged_result_is_refused)
{
    uint32_t held = held_by(&a);

    b.order->keys[0] = 17;
    *room(&a, OUT) = ~0ull;
    ck_rpc(call(&a, KEEPER_HAND_OUT, a_to_b, 0, room_at(&a, OUT)), RPC_REFUSED,
           1);
    ck_assert_uint_eq((uint32_t)*room(&a, OUT), 0);
    ck_assert_uint_eq(held_by(&a), held);

    b.order->keys[0] = 0;
    ck_rpc(call(&a, KEEPER_HAND_OUT, a_to_b, 0, room_at(&a, OUT)), RPC_OK, 0);
    ck_assert_uint_eq((uint32_t)*room(&a, OUT), 0);
}
END_TEST

/* Rule: a refused call changes nothing, capabilities included (design,
 * section 4, Refusal). */
START_TEST(a_later_refusal_takes_the_capability_back)
{
    uint32_t of_b = held_by(&b), of_a = held_by(&a);

    *room(&a, 0) = 0x1234; /* no fruit */
    ck_rpc(call(&a, KEEPER_KEEP_BOTH, a_to_b, a_to_c, room_at(&a, 0)),
           RPC_REFUSED, 1);
    ck_assert_uint_eq(held_by(&b), of_b);

    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 0, a_to_c), RPC_OK, 0);
    b.order->forged[0] = 0x1234;
    ck_rpc(actor_call(&a, KEEPER_GIVE_BOTH, a_to_b, 0, room_at(&a, OUT),
                      room_at(&a, OUT + 8), 0, 0, 0),
           RPC_REFUSED, 2);
    ck_assert_uint_eq(held_by(&a), of_a);
    ck_assert_uint_eq((uint32_t)*room(&a, OUT), 0);
}
END_TEST

/* Rule: what was passed stays with a callee whose answer is refused, as moved
 * objects do (design, section 4, Refusal). */
START_TEST(a_refused_result_leaves_arguments_with_the_callee)
{
    *room(&a, 0) = actor_apple(&a, 3);
    ck_rpc(call(&a, KEEPER_KEEP_BOTH, a_to_b, a_to_c, room_at(&a, 0)), RPC_OK,
           0);
    b.order->forged[0] = 0x1234;
    ck_rpc(actor_call(&a, KEEPER_GIVE_BOTH, a_to_b, 0, room_at(&a, OUT),
                      room_at(&a, OUT + 8), 0, 0, 0),
           RPC_REFUSED, 2);

    ck_rpc(use(&b, b.order->keys[0]), RPC_OK, 0);
}
END_TEST

/* Rule: passing needs room in the callee's table (design, section 4). */
START_TEST(a_full_table_takes_no_more)
{
    uint32_t kept = 0;
    struct rpc rpc;

    do {
        rpc = call(&a, KEEPER_KEEP, a_to_b, 0, a_to_c);
        kept += rpc.result == RPC_OK;
    } while (rpc.result == RPC_OK);

    ck_rpc(rpc, RPC_REFUSED, 1);
    ck_assert_uint_eq(kept, CAPABILITIES_MAX - 1);
    ck_assert(revoke(&b, 7));
    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 0, a_to_c), RPC_OK, 0);
    ck_assert_uint_eq(b.order->keys[0], 7);
}
END_TEST

/* Rule: a narrowed capability allows what it names and no more, also after it
 * was passed on; narrowing never widens (design, section 4). */
START_TEST(a_narrowed_capability_allows_less)
{
    uint64_t only = narrow(&a, a_to_c, 1ull << NARROW);
    uint64_t none = narrow(&a, only, 1ull << TAKE);

    ck_assert_uint_ne(only, 0);
    ck_assert_uint_eq(none, 0);
    ck_rpc(use(&a, only), RPC_OK, 0);
    *room(&a, 0) = actor_apple(&a, 1);
    ck_rpc(call(&a, TAKE, only, room_at(&a, 0), 0), RPC_NO_CAP, 0);
    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 0, only), RPC_OK, 0);
    *room(&b, 0) = actor_apple(&b, 1);
    ck_rpc(call(&b, TAKE, b.order->keys[0], room_at(&b, 0), 0), RPC_NO_CAP, 0);
    ck_rpc(use(&b, b.order->keys[0]), RPC_OK, 0);
    ck_rpc(call(&a, TAKE, a_to_c, room_at(&a, 0), 0), RPC_OK, 0);
    ck_assert_uint_eq(narrow(&b, b.order->keys[0], 1ull << TAKE), 0);
    ck_assert_uint_ne(narrow(&b, b.order->keys[0], ~0ull), 0);
}
END_TEST

/* Rule: revoking one revokes what was derived from it, wherever it went
 * (design, section 4, Capabilities). */
START_TEST(revoking_reaches_every_domain)
{
    uint64_t child = narrow(&a, a_to_c, ~0ull);

    ck_rpc(call(&a, KEEPER_INTRODUCE, a_to_b, a_to_d, child), RPC_OK, 0);
    ck_rpc(use(&b, b.order->keys[1]), RPC_OK, 0);
    ck_rpc(use(&d, d.order->keys[0]), RPC_OK, 0);

    ck_assert(revoke(&a, child));

    ck_rpc(use(&a, child), RPC_NO_CAP, 0);
    ck_rpc(use(&b, b.order->keys[1]), RPC_NO_CAP, 0);
    ck_rpc(use(&d, d.order->keys[0]), RPC_NO_CAP, 0);
    ck_rpc(use(&a, a_to_c), RPC_OK, 0);
    ck_assert(!revoke(&a, child));
}
END_TEST

/* Rule: who takes back keeps its own; others' stay (design, section 4). */
START_TEST(taking_back_leaves_the_giver_and_others)
{
    uint64_t other = narrow(&a, a_to_c, ~0ull);

    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 0, a_to_c), RPC_OK, 0);
    ck_rpc(call(&a, KEEPER_KEEP, a_to_d, 0, other), RPC_OK, 0);

    ck_assert(take_back(&b, b.order->keys[0]));
    ck_rpc(use(&b, b.order->keys[0]), RPC_OK, 0);
    ck_assert(take_back(&a, other));
    ck_rpc(use(&a, other), RPC_OK, 0);
    ck_rpc(use(&d, d.order->keys[0]), RPC_NO_CAP, 0);
    ck_rpc(use(&b, b.order->keys[0]), RPC_OK, 0);
    ck_assert(take_back(&a, a_to_c));
    ck_rpc(use(&b, b.order->keys[0]), RPC_NO_CAP, 0);
    ck_rpc(use(&a, a_to_c), RPC_OK, 0);
}
END_TEST

/* Rule: what a dead domain had passed on stays, and who gave it to that domain
 * can still take it back (core/include/tepal_trusted/capability.h). */
START_TEST(a_go_between_can_die)
{
    ck_rpc(call(&a, KEEPER_INTRODUCE, a_to_b, a_to_d, a_to_c), RPC_OK, 0);
    actor_end(&b);

    ck_rpc(use(&d, d.order->keys[0]), RPC_OK, 0);
    ck_assert(take_back(&a, a_to_c));
    ck_rpc(use(&d, d.order->keys[0]), RPC_NO_CAP, 0);
}
END_TEST

/* Rule: a capability names one life of its callee: dead, then gone (design,
 * section 5: every capability to a dead domain is revoked). */
START_TEST(a_capability_ends_with_its_callee)
{
    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 0, a_to_c), RPC_OK, 0);
    domain_kill(c.domain, thread_current());
    ck_rpc(use(&b, b.order->keys[0]), RPC_DEAD, 0);

    actor_end(&c);
    ck_rpc(use(&b, b.order->keys[0]), RPC_NO_CAP, 0);
    c = actor_new("in the same slot");
    ck_rpc(use(&b, b.order->keys[0]), RPC_NO_CAP, 0);
    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 0, a_to_c), RPC_REFUSED, 1);
}
END_TEST

/* Rule: an index names nothing else until its holder gives it up, or a giver
 * who takes back could have its receiver use another's in its stead
 * (docs/ABI.md, Capabilities). */
START_TEST(an_index_taken_back_is_not_given_again)
{
    uint32_t first;

    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 0, a_to_c), RPC_OK, 0);
    first = b.order->keys[0];
    ck_assert(take_back(&a, a_to_c));
    ck_rpc(call(&d, KEEPER_KEEP, actor_link(&d, &b, "keeper"), 1,
                actor_link(&d, &a, "test")),
           RPC_OK, 0);
    ck_assert_uint_ne(b.order->keys[1], first);
    ck_rpc(use(&b, first), RPC_NO_CAP, 0);
    ck_rpc(call(&a, KEEPER_HAND_OUT, a_to_b, 0, room_at(&a, OUT)), RPC_REFUSED,
           1);

    ck_assert(!revoke(&b, first)); /* given up: nothing was there any more */
    ck_rpc(use(&b, b.order->keys[1]), RPC_OK, 0);
    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 2, a_to_c), RPC_OK, 0);
    ck_assert_uint_eq(b.order->keys[2], first);
}
END_TEST

/* Rule: nor when what it named is gone (docs/ABI.md, Capabilities). */
START_TEST(an_index_of_the_dead_is_not_given_again)
{
    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 0, a_to_c), RPC_OK, 0);
    actor_end(&c);
    ck_rpc(call(&a, KEEPER_KEEP, a_to_b, 1, actor_link(&a, &d, "test")),
           RPC_OK, 0);

    ck_assert_uint_ne(b.order->keys[1], b.order->keys[0]);
    ck_rpc(use(&b, b.order->keys[0]), RPC_NO_CAP, 0);
}
END_TEST

/* Rule: a domain can give away what it exports itself, and call it (thesis 2:
 * a domain hands out trait objects). */
START_TEST(a_domain_can_give_itself_away)
{
    uint64_t own;

    ck_rpc(call(&a, KEEPER_SELF, a_to_b, room_at(&a, OUT), 0), RPC_OK, 0);
    own = (uint32_t)*room(&a, OUT);
    ck_assert_uint_ne(own, 0);
    ck_rpc(call(&a, KEEPER_KEEP, own, 2, a_to_c), RPC_OK, 0);
    ck_rpc(use(&b, b.order->keys[2]), RPC_OK, 0);
}
END_TEST

/* Rule: callers who ask again and again, and give back what they got, do not
 * fill a callee's table (design, section 4, Capabilities: room). */
START_TEST(asking_for_itself_does_not_fill_a_domain)
{
    uint32_t i;

    for (i = 0; i < 2 * CAPABILITIES_MAX; i++) {
        ck_rpc(call(&a, KEEPER_SELF, a_to_b, room_at(&a, OUT), 0), RPC_OK, 0);
        ck_assert(revoke(&a, (uint32_t)*room(&a, OUT)));
    }
    ck_assert_uint_le(held_by(&b), 1);
}
END_TEST

/* Rule: services take any number (design, section 2: integrity). */
START_TEST(services_refuse_what_is_no_capability)
{
    static const uint64_t wrong[] = {0, 5, 63, 64, 1ull << 31, ~0ull - 5};
    uint32_t i, start = a.domain->image.header.exports_start;
    uint64_t end = start + a.domain->export_count * sizeof(struct dom_export);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ck_assert_uint_eq(narrow(&a, wrong[i], ~0ull), 0);
        ck_assert(!revoke(&a, wrong[i]));
        ck_assert_uint_eq(service(&a, TP_SERVICE_CAP_OWN, wrong[i], 0), 0);
    }
    ck_assert_uint_eq(service(&a, TP_SERVICE_CAP_OWN, start + 8, 0), 0);
    ck_assert_uint_eq(service(&a, TP_SERVICE_CAP_OWN, end, 0), 0);
    ck_assert_uint_ne(service(&a, TP_SERVICE_CAP_OWN, start + 32, 0), 0);
    ck_assert_uint_eq(narrow(&a, a_to_c, 0), 0);
}
END_TEST

/* Rule: moved back and passed back, nothing leaks in any order of refusals and
 * revocations (design, section 4). */
START_TEST(random_passing_ends_where_it_began)
{
    uint32_t round, before = held_by(&b) + held_by(&d);

    srandom(7);
    for (round = 0; round < 20000; round++) {
        uint64_t at = (uint64_t)random() % 8, cap = (uint64_t)random() % 70;

        (void)call(&a, KEEPER_KEEP, random() % 2 ? a_to_b : a_to_d, at, cap);
        (void)call(&a, KEEPER_HAND_OUT, a_to_b, at, room_at(&a, OUT));
        (void)call(&a, KEEPER_INTRODUCE, a_to_b, a_to_d, cap);
        if (cap > 3)
            (void)revoke(&a, cap);
        (void)revoke(&b, (uint64_t)random() % 70);
        if (round % 64 == 0)
            (void)take_back(&a, a_to_c);
    }
    ck_assert(take_back(&a, a_to_c) && take_back(&a, a_to_d));

    ck_assert_uint_eq(held_by(&b) + held_by(&d), before);
    ck_rpc(use(&a, a_to_c), RPC_OK, 0);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("capabilities");
    TCase *tests = tcase_create("between domains");

    tcase_add_checked_fixture(tests, setup, actors_end);
    tcase_add_test(tests, what_is_passed_can_be_called);
    tcase_add_test(tests, what_was_not_passed_cannot_be_called);
    tcase_add_test(tests, what_is_not_held_cannot_be_passed);
    tcase_add_test(tests, one_for_another_interface_cannot_be_passed);
    tcase_add_test(tests, what_comes_back_can_be_called);
    tcase_add_test(tests, a_forged_result_is_refused);
    tcase_add_test(tests, a_later_refusal_takes_the_capability_back);
    tcase_add_test(tests, a_refused_result_leaves_arguments_with_the_callee);
    tcase_add_test(tests, a_full_table_takes_no_more);
    tcase_add_test(tests, a_narrowed_capability_allows_less);
    tcase_add_test(tests, revoking_reaches_every_domain);
    tcase_add_test(tests, taking_back_leaves_the_giver_and_others);
    tcase_add_test(tests, a_go_between_can_die);
    tcase_add_test(tests, a_capability_ends_with_its_callee);
    tcase_add_test(tests, an_index_taken_back_is_not_given_again);
    tcase_add_test(tests, an_index_of_the_dead_is_not_given_again);
    tcase_add_test(tests, a_domain_can_give_itself_away);
    tcase_add_test(tests, asking_for_itself_does_not_fill_a_domain);
    tcase_add_test(tests, services_refuse_what_is_no_capability);
    tcase_add_test(tests, random_passing_ends_where_it_began);
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, derivation_tests());
    return rig_main(suite, argc, argv, 0);
}
