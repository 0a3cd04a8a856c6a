/* SPDX-License-Identifier: MIT */
/*
 * test_killed.c - a domain that is ended by another thread, or by its budget,
 * wherever it is: only it goes, at once or when its code would run again.
 *
 * The suite's thread kills; a worker is inside. Only the suite's may assert.
 * Source: thesis 2 (Isolation), Figure 2; design, section 5 (Death).
 */
#include "accounts.h"
#include "tepal_trusted/restart.h"
#include "tepal_trusted/watchdog.h"
#include "visit.h"
#include <string.h>

static struct actor a, b, c, d;
static uint64_t to_b, b_to_c;

static void setup_with(bool open)
{
    host_log_to(-1);
    a = actor_new("a");
    b = actor_new("b");
    c = actor_new("c");
    d = actor_new("d");
    to_b = actor_link(&a, &b, "test");
    b_to_c = actor_link(&b, &c, "test");
    let_go(&a, false);
    let_go(&b, open);
    let_go(&c, open);
    let_go(&d, false);
    accounts_open((const struct actor[]){a, b, c, d}, 4);
}

static void setup(void)
{
    setup_with(false);
}

static void setup_open(void)
{
    setup_with(true);
}

static void teardown(void)
{
    accounts_close();
    actors_end();
    ck_assert_uint_eq(live_objects(), 0);
}

/* The watchdog may be looking. */
static void set_budget(const struct actor *actor, uint32_t ticks)
{
    __atomic_store_n(&actor->domain->budget_ticks, ticks, __ATOMIC_RELAXED);
    watchdog_wake();
}

/* a calls b with a loan and a gift that b dies with. */
static uint64_t lent, gift;
static void order_both(struct actor *from, uint64_t cap)
{
    uint64_t arguments[6] = {0};

    lent = actor_apple(from, 1);
    gift = actor_apple(from, 2);
    *room(from, 0) = gift;
    arguments[0] = lent;
    arguments[1] = room_at(from, 0);
    actor_order(from, LEND_AND_TAKE, cap, arguments);
}

static void order_look(struct actor *from, uint64_t cap)
{
    uint64_t arguments[6] = {0};

    lent = actor_apple(from, 1);
    arguments[0] = lent;
    arguments[1] = room_at(from, 0);
    actor_order(from, LOOK, cap, arguments);
}

static const uint64_t ways[] = {SPIN_IN_TEXT, SPIN_IN_SERVICES};

/* Thesis, Figure 2: the callee dies; a domain killed by another thread, in its
 * text and in services. */
START_TEST(a_callee_is_killed_in_the_middle)
{
    struct visit visit = {.actor = &a, .step = STEP_CALL};

    order_look(&a, to_b);
    let_spin(&b, ways[_i]);
    start(&visit);
    wait_until_spinning(&b);
    domain_end(b.domain, "by another thread");
    host_join(visit.thread);

    ck_rpc(visit.rpc, RPC_OK, 0);
    ck_rpc(actor_answer(&a), RPC_CRASHED, 0);
    ck_assert(domain_is_alive(a.domain));
    ck_assert_uint_eq(borrows_of(lent), 0);
    ck_assert_uint_eq(owner_of_handle(lent), a.domain->id);
    check_gone(&b);
    ck_assert_str_eq(b.domain->death.cause, "by another thread");
}
END_TEST

/* Thesis 3.2.6: what was moved in dies with it, what was lent comes back. */
START_TEST(gifts_die_and_loans_come_back)
{
    struct visit visit = {.actor = &a, .step = STEP_CALL};

    order_both(&a, to_b);
    let_spin(&b, SPIN_IN_TEXT);
    start(&visit);
    wait_until_spinning(&b);
    domain_end(b.domain, "by another thread");
    host_join(visit.thread);

    ck_rpc(actor_answer(&a), RPC_CRASHED, 0);
    check_gone(&b);
    ck_assert(!is_live(gift));
    ck_assert(is_live(lent));
    ck_assert_uint_eq(borrows_of(lent), 0);
}
END_TEST

/* Design, section 5: its own thread, called by nobody, ends too. */
START_TEST(a_domains_own_thread_is_killed)
{
    struct visit visit = {.actor = &b, .step = STEP_SPIN};

    (void)actor_apple(&b, 1);
    let_spin(&b, ways[_i]);
    start(&visit);
    wait_until_spinning(&b);
    domain_end(b.domain, "by another thread");
    host_join(visit.thread);

    ck_rpc(visit.rpc, RPC_CRASHED, 0);
    check_gone(&b);
    ck_assert_uint_eq(live_objects(), 0);
}
END_TEST

/* Thesis, Figure 2: the one in the middle dies while it waits. Whom it called
 * goes on; then the thread comes back into a dead domain, and is wound back. */
START_TEST(who_waits_in_a_call_is_killed)
{
    struct visit visit = {.actor = &a, .step = STEP_CALL};
    uint64_t arguments[6] = {0};

    actor_will_call(&b, &c, MAKE, 7, room_at(&b, 0), 0);
    arguments[1] = room_at(&a, 0);
    actor_order(&a, MAKE, to_b, arguments);
    let_spin(&c, SPIN_IN_TEXT);
    start(&visit);
    wait_until_spinning(&c);
    domain_end(b.domain, "while it waits");
    wait_until_spinning(&c);
    ck_assert(!domain_is_gone(b.domain));
    let_end(&c);
    host_join(visit.thread);

    ck_rpc(visit.rpc, RPC_OK, 0);
    ck_rpc(actor_answer(&a), RPC_CRASHED, 0);
    ck_assert(domain_is_alive(c.domain));
    check_gone(&b);
    ck_assert_uint_eq(domain_frames(c.domain), 0);
}
END_TEST

/* Design, section 5: a caller that died while its callee ran; what it lent is
 * there as long as that. */
START_TEST(a_caller_is_killed_while_its_callee_runs)
{
    struct visit visit = {.actor = &a, .step = STEP_CALL};

    order_both(&a, to_b);
    let_spin(&b, SPIN_IN_TEXT);
    start(&visit);
    wait_until_spinning(&b);
    domain_end(a.domain, "while it waits");
    wait_until_spinning(&b);
    ck_assert_uint_eq(borrows_of(lent), 1);
    let_end(&b);
    host_join(visit.thread);

    ck_rpc(visit.rpc, RPC_CRASHED, 0);
    ck_assert(domain_is_alive(b.domain));
    ck_assert_uint_eq(b.order->seen[0], 1);
    ck_assert_uint_eq(b.order->seen[1], 2);
    check_gone(&a);
    ck_assert(!is_live(lent));
    ck_assert_uint_eq(domain_frames(b.domain), 0);
}
END_TEST

/* Thesis, Figure 2: two die. */
START_TEST(caller_and_callee_are_killed)
{
    struct visit visit = {.actor = &a, .step = STEP_CALL};

    order_both(&a, to_b);
    let_spin(&b, SPIN_IN_TEXT);
    start(&visit);
    wait_until_spinning(&b);
    domain_end(_i ? a.domain : b.domain, "one");
    domain_end(_i ? b.domain : a.domain, "two");
    host_join(visit.thread);

    /* The caller may have come to its end before it was killed. */
    ck_assert(visit.rpc.result == RPC_CRASHED || visit.rpc.result == RPC_OK);
    check_gone(&a);
    check_gone(&b);
    ck_assert_uint_eq(live_objects(), 0);
}
END_TEST

/* Design, section 4: all who are inside an open domain are wound back. */
START_TEST(two_threads_inside_are_wound_back)
{
    struct visit one = {.actor = &a, .step = STEP_CALL};
    struct visit two = {.actor = &d, .step = STEP_CALL};

    order_look(&a, to_b);
    order_look(&d, actor_link(&d, &b, "test"));
    let_spin(&b, SPIN_IN_TEXT);
    start(&one);
    start(&two);
    while (domain_frames(b.domain) != 2)
        cpu_relax();
    wait_until_spinning(&b);
    domain_end(b.domain, "by another thread");
    host_join(one.thread);
    host_join(two.thread);

    ck_rpc(actor_answer(&a), RPC_CRASHED, 0);
    ck_rpc(actor_answer(&d), RPC_CRASHED, 0);
    check_gone(&b);
}
END_TEST

/* docs/MANIFEST.md, budget=: an endless loop in a call. */
START_TEST(a_callee_dies_at_its_budget)
{
    struct visit visit = {.actor = &a, .step = STEP_CALL};
    uint64_t begin = clock_nanoseconds();

    order_look(&a, to_b);
    let_spin(&b, ways[_i]);
    set_budget(&b, 20);
    start(&visit);
    host_join(visit.thread);

    ck_rpc(actor_answer(&a), RPC_CRASHED, 0);
    ck_assert_uint_ge(clock_nanoseconds() - begin, 19000000);
    ck_assert_str_eq(b.domain->death.cause, "time budget used up");
    ck_assert(domain_is_alive(a.domain));
    check_gone(&b);
}
END_TEST

/* docs/MANIFEST.md, budget=: an endless loop in tp_main. */
START_TEST(an_own_thread_dies_at_its_budget)
{
    struct visit visit = {.actor = &b, .step = STEP_SPIN};

    let_spin(&b, ways[_i]);
    set_budget(&b, 20);
    start(&visit);
    host_join(visit.thread);

    ck_rpc(visit.rpc, RPC_CRASHED, 0);
    check_gone(&b);
}
END_TEST

/* docs/MANIFEST.md, budget=: calls that it makes are not counted. */
START_TEST(who_waits_for_a_loop_is_innocent)
{
    struct visit visit = {.actor = &a, .step = STEP_CALL};

    order_look(&a, to_b);
    let_spin(&b, SPIN_IN_TEXT);
    set_budget(&a, 10);
    set_budget(&b, 100);
    start(&visit);
    host_join(visit.thread);

    ck_rpc(visit.rpc, RPC_OK, 0);
    ck_rpc(actor_answer(&a), RPC_CRASHED, 0);
    ck_assert(domain_is_alive(a.domain));
}
END_TEST

/* docs/MANIFEST.md, budget=: that much between two calls, for ever. */
START_TEST(an_own_thread_that_calls_lives_on)
{
    struct visit visit = {.actor = &a, .step = STEP_CALLS};
    uint64_t begin = clock_nanoseconds();

    order_look(&a, to_b);
    let_spin(&a, SPIN_IN_TEXT);
    set_budget(&a, 30);
    set_budget(&b, 30);
    start(&visit);
    while (clock_nanoseconds() - begin < 300000000)
        cpu_relax();
    let_end(&a);
    host_join(visit.thread);

    ck_rpc(visit.rpc, RPC_OK, 0);
    ck_assert(domain_is_alive(a.domain));
    ck_assert(domain_is_alive(b.domain));
}
END_TEST

#define KILLS 2000
/* Rule: a kill that meets a restart ends one life or the other, no third. */
START_TEST(kills_and_restarts_race)
{
    struct visit visit = {.actor = &a, .step = STEP_CALLS};
    uint64_t arguments[6] = {WAY_COUNT};
    uint32_t i;

    b.domain->restart = (struct domain_restart){.policy = RESTART_ON_CRASH};
    arguments[1] = actor_apple(&a, 1);
    actor_order(&a, CRASH_LENT, to_b, arguments);
    let_spin(&a, SPIN_IN_TEXT);
    start(&visit);
    for (i = 0; i < KILLS; i++) {
        uint64_t made = __atomic_load_n(&a.order->made, __ATOMIC_RELAXED);
        uint32_t life =
            __atomic_load_n(&b.domain->generation, __ATOMIC_RELAXED);

        /* Now and then one that is not alive just yet: so again. */
        while (__atomic_load_n(&b.domain->generation, __ATOMIC_RELAXED) ==
               life) {
            domain_end(b.domain, "again");
            cpu_relax();
        }
        while (__atomic_load_n(&a.order->made, __ATOMIC_RELAXED) == made)
            cpu_relax();
    }
    let_end(&a);
    host_join(visit.thread);

    ck_rpc(visit.rpc, RPC_OK, 0);
    ck_assert_uint_eq(a.order->first_failure, 0);
    ck_assert_uint_gt(b.domain->generation, KILLS);
    ck_assert_uint_eq(borrows_of(arguments[1]), 0);
    ck_assert_uint_eq(domain_frames(b.domain), 0);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, a_callee_is_killed_in_the_middle, 0, 2);
    tcase_add_test(tests, gifts_die_and_loans_come_back);
    tcase_add_loop_test(tests, a_domains_own_thread_is_killed, 0, 2);
    tcase_add_test(tests, who_waits_in_a_call_is_killed);
    tcase_add_test(tests, a_caller_is_killed_while_its_callee_runs);
    tcase_add_loop_test(tests, caller_and_callee_are_killed, 0, 2);
    tcase_add_loop_test(tests, a_callee_dies_at_its_budget, 0, 2);
    tcase_add_loop_test(tests, an_own_thread_dies_at_its_budget, 0, 2);
    tcase_add_test(tests, who_waits_for_a_loop_is_innocent);
    tcase_add_test(tests, an_own_thread_that_calls_lives_on);
    tcase_add_test(tests, kills_and_restarts_race);
}

int main(int argc, char **argv)
{
    Suite *suite = suite_create("killed");
    TCase *affine = tcase_create("affine"), *open = tcase_create("open");

    tcase_add_checked_fixture(affine, setup, teardown);
    add_tests(affine);
    suite_add_tcase(suite, affine);
    tcase_add_checked_fixture(open, setup_open, teardown);
    add_tests(open);
    tcase_add_test(open, two_threads_inside_are_wound_back);
    suite_add_tcase(suite, open);
    return rig_main(suite, argc, argv, 0);
}
