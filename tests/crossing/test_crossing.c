/* SPDX-License-Identifier: MIT */
/*
 * test_crossing.c - loans and re-lending, capabilities, liveness, and which
 * threads may enter.
 * Source: thesis 3.2.6; design, section 4.
 */
#include "rig.h"
#include <string.h>

static struct actor a, b, c;
static uint64_t to_b;

static void setup(void)
{
    a = actor_new("a");
    b = actor_new("b");
    c = actor_new("c");
    to_b = actor_link(&a, &b, "test");
}

static void teardown(void)
{
    actors_end();
    ck_assert_uint_eq(live_objects(), 0);
}

#define ID(actor) ((actor).domain->id)
#define OUT 512

/* Design, section 4 (lend): the giver owns the object, or has it in this
 * thread's list of what it holds on loan. Thesis, Figure 2, shows the chain. */
START_TEST(a_borrower_can_lend_on)
{
    uint64_t apple = actor_apple(&a, 5);

    actor_will_call(&b, &c, LOOK, apple, room_at(&b, OUT), 0);
    ck_rpc(actor_call(&a, LOOK, to_b, apple, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_OK, 0);

    ck_rpc(actor_answer(&b), RPC_OK, 0);
    ck_assert_uint_eq(room(&b, OUT)[0], 5);
    ck_assert_uint_eq(c.order->kept[0], apple);
    ck_assert_uint_eq(borrows_of(apple), 0);
}
END_TEST

/* Design, section 4 (move): only the owner moves, and only what is not lent.
 * What is borrowed is neither. */
START_TEST(a_borrower_can_not_move_what_it_borrowed)
{
    uint64_t apple = actor_apple(&a, 5);

    room(&b, 0)[0] = apple;
    actor_will_call(&b, &c, TAKE, room_at(&b, 0), 0, 0);
    ck_rpc(actor_call(&a, LOOK, to_b, apple, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_OK, 0);

    ck_rpc(actor_answer(&b), RPC_REFUSED, 0);
    ck_assert_uint_eq(owner_of_handle(apple), ID(a));
    ck_assert_uint_eq(borrows_of(apple), 0);
}
END_TEST

/* Design, section 4: move and drop need the word {owner, 0}, so no loan. Once
 * lent by the same call, then by a loan that somebody still has. */
START_TEST(an_owner_can_not_move_or_drop_what_it_lends)
{
    uint64_t apple = actor_apple(&a, 5);

    room(&a, 0)[0] = apple;
    ck_rpc(actor_call(&a, LEND_AND_TAKE, to_b, apple, room_at(&a, 0), 0, 0, 0,
                      0),
           RPC_REFUSED, 1);
    ck_assert_uint_eq(borrows_of(apple), 0);

    registry_find(apple)->word += OWNER_ONE_BORROW;
    ck_rpc(actor_call(&a, TAKE, to_b, room_at(&a, 0), 0, 0, 0, 0, 0),
           RPC_REFUSED, 0);
    ck_assert(!rref_drop(thread_current(), a.domain, apple));
    ck_assert_uint_eq(owner_of_handle(apple), ID(a));
    ck_assert_uint_eq(borrows_of(apple), 1);
    registry_find(apple)->word -= OWNER_ONE_BORROW;
}
END_TEST

/* Thesis 3.2.6: the count goes down on return. After the call b holds nothing
 * on loan, though it knows the handle. */
START_TEST(a_loan_ends_with_its_call)
{
    uint64_t apple = actor_apple(&a, 5);
    uint64_t b_to_c = actor_link(&b, &c, "test");

    ck_rpc(actor_call(&a, LOOK, to_b, apple, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_OK, 0);

    ck_rpc(actor_call(&b, LOOK, b_to_c, apple, room_at(&b, OUT), 0, 0, 0, 0),
           RPC_REFUSED, 0);
    ck_assert_uint_eq(borrows_of(apple), 0);
}
END_TEST

/*
 * Design, section 4 (lend): the list of loans is searched for the giver's own.
 * a lent to b; c, which b calls with something else, knows the handle and holds
 * nothing.
 */
START_TEST(a_handle_lent_to_another_can_not_be_lent_by_a_bystander)
{
    uint64_t apple = actor_apple(&a, 5), own = actor_apple(&b, 1);
    struct actor d = actor_new("d");

    actor_will_call(&b, &c, LOOK, own, room_at(&b, OUT), 0);
    actor_will_call(&c, &d, LOOK, apple, room_at(&c, OUT), 0);
    ck_rpc(actor_call(&a, LOOK, to_b, apple, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_OK, 0);

    ck_rpc(actor_answer(&b), RPC_OK, 0);
    ck_rpc(actor_answer(&c), RPC_REFUSED, 0);
}
END_TEST

/* Design, section 4 (Refusal): everything flipped so far is flipped back. */
START_TEST(loans_come_back_after_a_refusal_by_a_later_parameter)
{
    uint64_t apple = actor_apple(&a, 5);

    ck_rpc(actor_call(&a, LOOK, to_b, apple, 0, 0, 0, 0, 0), RPC_REFUSED, 1);
    ck_assert_uint_eq(borrows_of(apple), 0);
    ck_assert_uint_eq(owner_of_handle(apple), ID(a));
}
END_TEST

/* Thesis 3.2.6: the count goes down upon return, successful or unsuccessful,
 * and the owner still has what it lent. Here with a seed inside. */
START_TEST(loans_come_back_after_a_crash)
{
    uint64_t seed = actor_apple(&a, 5), pear = actor_pear(&a, 1, seed);

    b.order->script = SCRIPT_DIE;
    b.order->die = WAY_UD2;
    ck_rpc(actor_call(&a, LOOK_PEAR, to_b, pear, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_CRASHED, 0);

    ck_assert_uint_eq(owner_of_handle(pear), ID(a));
    ck_assert_uint_eq(owner_of_handle(seed), ID(a));
    ck_assert_uint_eq(borrows_of(pear) + borrows_of(seed), 0);
}
END_TEST

/* Design, section 4: a step that would overflow the borrow count is refused. */
START_TEST(the_borrow_count_does_not_overflow)
{
    uint64_t apple = actor_apple(&a, 5);
    struct registry_record *record = registry_find(apple);

    record->word |= OWNER_BORROWS;
    ck_rpc(actor_call(&a, LOOK, to_b, apple, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_REFUSED, 0);
    ck_assert_uint_eq(borrows_of(apple), 0xffff);
    record->word &= ~(uint64_t)OWNER_BORROWS;
}
END_TEST

/* Design, section 4 (Capabilities): an index is checked for range and for the
 * interface's id. */
START_TEST(only_a_capability_of_the_interface_opens_a_method)
{
    uint64_t driver = actor_link(&a, &b, "test_driver");
    static const uint64_t wrong[] = {2, 63, 64, 0xffffffff, 1ull << 32, ~0ull};
    uint32_t i;

    ck_rpc(actor_call(&a, NARROW, to_b, 0, 0, 0, 0, 0, 0), RPC_OK, 0);
    ck_rpc(actor_call(&a, NARROW, driver, 0, 0, 0, 0, 0, 0), RPC_NO_CAP, 0);
    ck_rpc(actor_call(&a, DRIVER_STEP, to_b, STEP_NOTHING, 0, 0, 0, 0, 0),
           RPC_NO_CAP, 0);
    ck_rpc(actor_call(&a, DRIVER_STEP, driver, STEP_ADD, 4, 0, 0, 0, 0), RPC_OK,
           5);
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        ck_rpc(actor_call(&a, NARROW, wrong[i], 0, 0, 0, 0, 0, 0), RPC_NO_CAP,
               0);
    ck_rpc(actor_call(&b, NARROW, 0, 0, 0, 0, 0, 0, 0), RPC_NO_CAP, 0);
}
END_TEST

/* Design, section 4 (Capabilities): receiving one needs room in the table; and
 * what did fit, to the last entry, works. */
START_TEST(a_full_capability_table_takes_no_more)
{
    const struct domain_export *export = domain_find_export(b.domain, "test");
    uint32_t last = 0, index;

    while ((index = capability_grant(a.domain, b.domain, export)) != 0)
        last = index;
    ck_assert_uint_eq(last, CAPABILITIES_MAX - 1);
    ck_rpc(actor_call(&a, NARROW, last, 0, 0, 0, 0, 0, 0), RPC_OK, 0);
}
END_TEST

/* Design, section 4 (The gate): whether the callee is alive is asked before any
 * argument is touched. */
START_TEST(a_dead_callee_takes_nothing)
{
    uint64_t apple = actor_apple(&a, 5);

    room(&a, 0)[0] = apple;
    domain_kill(b.domain, thread_current());
    ck_rpc(actor_call(&a, TAKE, to_b, room_at(&a, 0), 0, 0, 0, 0, 0), RPC_DEAD,
           0);

    ck_assert_uint_eq(room(&a, 0)[0], apple);
    ck_assert_uint_eq(owner_of_handle(apple), ID(a));
    ck_assert_uint_eq(domain_frames(b.domain), 0);
}
END_TEST

/* docs/decisions/0002-capabilities-name-a-life.md: a capability to a domain
 * whose slot is free, or another's, opens nothing and damages nothing. */
START_TEST(a_released_callee_can_not_be_called)
{
    uint64_t apples[40];
    struct actor d;
    struct rpc rpc;
    uint32_t i;

    for (i = 0; i < 40; i++)
        apples[i] = actor_apple(&c, i);
    for (i = 0; i < 40; i++)
        rref_drop(thread_current(), c.domain, apples[i]);
    actor_end(&b);
    rpc = actor_call(&a, NARROW, to_b, 0, 0, 0, 0, 0, 0);
    ck_assert(rpc.result == RPC_DEAD || rpc.result == RPC_NO_CAP);
    for (i = 0; i < 80; i++)
        ck_assert_uint_eq(owner_of_handle(actor_apple(&c, i)), ID(c));
    ck_assert_uint_eq(live_objects(), 80);

    d = actor_new("d");
    ck_assert_ptr_eq(d.domain, b.domain);
    rpc = actor_call(&a, NARROW, to_b, 0, 0, 0, 0, 0, 0);
    ck_assert(rpc.result == RPC_DEAD || rpc.result == RPC_NO_CAP);
}
END_TEST

/* docs/decisions/0002-capabilities-name-a-life.md: ids go round after 65,534
 * lives; a release clears what would fit the new domain. */
START_TEST(a_capability_does_not_survive_the_reuse_of_ids)
{
    domain_id_t old = ID(b);
    uint32_t lives = 0;
    struct domain *between = NULL;
    struct actor d;
    struct rpc rpc;

    actor_end(&b);
    do {
        if (between)
            domain_release(between);
        between = domain_create("between");
        ck_assert_ptr_nonnull(between);
        ck_assert_uint_lt(lives++, 70000);
    } while (between->id + 2 != old); /* a's id lies between */
    domain_release(between);
    d = actor_new("d");
    ck_assert_uint_eq(ID(d), old);

    rpc = actor_call(&a, NARROW, to_b, 0, 0, 0, 0, 0, 0);
    ck_assert(rpc.result == RPC_DEAD || rpc.result == RPC_NO_CAP);
}
END_TEST

/* Check's assertions may not jump across threads: results are looked at by
 * the first thread. */
struct second {
    struct actor *actor;
    struct rpc rpc;
    uint32_t value;
};

static void step_once(void *context)
{
    struct second *second = context;

    second->rpc = crossing_run(second->actor->domain, second->actor->step,
                               STEP_ADD, 1, &second->value);
}

static void call_once(void *context)
{
    struct second *second = context;

    second->rpc = crossing_run(second->actor->domain, second->actor->step,
                               STEP_CALL, 0, &second->value);
}

/*
 * docs/ARCHITECTURE.md, "Threads and locks": an affine domain belongs to the
 * thread that entered it; others are told RPC_BUSY, by whatever way they come.
 */
START_TEST(an_affine_domain_is_busy_for_other_threads)
{
    struct second second = {.actor = &b};
    const uint64_t none[6] = {0};
    struct actor d;

    ck_assert(host_run(step_once, &second));
    ck_rpc(second.rpc, RPC_BUSY, 0);
    ck_assert_uint_eq(domain_frames(b.domain), 0);

    d = actor_new("d");
    actor_order(&d, NARROW, actor_link(&d, &b, "test"), none);
    d.domain->affine = NULL; /* as if the thread that loaded it had ended */
    second.actor = &d;
    ck_assert(host_run(call_once, &second));
    ck_rpc(second.rpc, RPC_OK, 0);
    ck_rpc(actor_answer(&d), RPC_BUSY, 0);
    ck_assert_uint_eq(domain_frames(b.domain), 0);
    ck_rpc(actor_call(&a, NARROW, to_b, 0, 0, 0, 0, 0, 0), RPC_OK, 0);
}
END_TEST

/* docs/ARCHITECTURE.md, "Threads and locks": an open domain lets any thread in,
 * and a move there and back works as in an affine one. */
START_TEST(an_open_domain_lets_every_thread_in)
{
    struct second second = {.actor = &b};
    uint64_t apple;

    b.domain->open = true;
    b.domain->affine = NULL;
    ck_assert(host_run(step_once, &second));
    ck_rpc(second.rpc, RPC_OK, 0);
    ck_assert_uint_eq(second.value, 2);

    apple = actor_apple(&a, 3);
    room(&a, 0)[0] = apple;
    ck_rpc(actor_call(&a, PASS, to_b, room_at(&a, 0), 0, 0, 0, 0, 0), RPC_OK,
           0);
    ck_assert_uint_eq(owner_of_handle(apple), ID(a));
    ck_assert_uint_eq(domain_frames(b.domain), 0);
}
END_TEST

/* docs/ABI.md, "Slot": one data stack for each thread inside; threads that have
 * ended are inside no more. */
START_TEST(a_domain_serves_any_number_of_threads_one_after_another)
{
    struct second second = {.actor = &b};
    uint32_t i;

    b.domain->affine = NULL;
    for (i = 0; i < 600; i++) {
        ck_assert(host_run(step_once, &second));
        ck_assert_msg(second.rpc.result == RPC_OK, "thread %u: %u", i,
                      second.rpc.result);
    }
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("crossing");
    TCase *tests = tcase_create("crossing");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_borrower_can_lend_on);
    tcase_add_test(tests, a_borrower_can_not_move_what_it_borrowed);
    tcase_add_test(tests, an_owner_can_not_move_or_drop_what_it_lends);
    tcase_add_test(tests, a_loan_ends_with_its_call);
    tcase_add_test(tests,
                   a_handle_lent_to_another_can_not_be_lent_by_a_bystander);
    tcase_add_test(tests, loans_come_back_after_a_refusal_by_a_later_parameter);
    tcase_add_test(tests, loans_come_back_after_a_crash);
    tcase_add_test(tests, the_borrow_count_does_not_overflow);
    tcase_add_test(tests, only_a_capability_of_the_interface_opens_a_method);
    tcase_add_test(tests, a_full_capability_table_takes_no_more);
    tcase_add_test(tests, a_dead_callee_takes_nothing);
    tcase_add_test(tests, a_released_callee_can_not_be_called);
    tcase_add_test(tests, a_capability_does_not_survive_the_reuse_of_ids);
    tcase_add_test(tests, an_affine_domain_is_busy_for_other_threads);
    tcase_add_test(tests, an_open_domain_lets_every_thread_in);
    tcase_add_test(tests,
                   a_domain_serves_any_number_of_threads_one_after_another);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
