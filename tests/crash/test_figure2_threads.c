/* SPDX-License-Identifier: MIT */
/*
 * test_figure2_threads.c - cases of Figure 2 that take a second thread, or a
 * second life: killed in the middle of a drop, and dying while being restarted.
 * Source: thesis 2 (Proxies), 3.2.6; design, section 5.
 */
#include "tepal_trusted/estate.h"
#include "tepal_trusted/restart.h"
#include "test_figure2.h"

#define SECOND 1000000000ull
#define LIVES 100

static void may_come_back(struct actor *actor, uint32_t limit)
{
    actor->domain->restart =
        (struct domain_restart){.policy = RESTART_ON_CRASH,
                                .limit = limit,
                                .window_nanoseconds = 1000 * SECOND};
}

static bool revive(struct actor *actor)
{
    bool fine = domain_revive(actor->domain, thread_current());

    let_go(actor, false);
    return fine;
}

/*
 * Case 8. Thesis 3.1: the kernel drops by the type's descriptor, so a kill that
 * comes in the middle waits for the end of the drop: no pear is left without
 * its seed, no seed without its pear, and nothing is freed twice.
 */
START_TEST(killed_while_it_drops)
{
    struct visit visit = {.actor = &b, .step = STEP_CHURN};
    uint64_t turns;
    uint32_t i;

    may_come_back(&b, 0);
    let_go(&b, false);
    for (i = 0; i < LIVES; i++) {
        let_spin(&b, SPIN_IN_TEXT);
        turns = turns_of(&b);
        start(&visit);
        while (turns_of(&b) < turns + 1 + i)
            cpu_relax();
        domain_end(b.domain, "while it drops");
        host_join(visit.thread);

        ck_rpc(visit.rpc, RPC_CRASHED, 0);
        check_gone(&b);
        ck_assert_uint_eq(live_objects(), 0);
        ck_assert(revive(&b));
    }
}
END_TEST

/* What b's next lives die of: @weight of them. */
static uint64_t curse(uint64_t weight, uint8_t colour)
{
    uint64_t apple = actor_apple(&b, weight);

    payload_of(apple)[1] = colour;
    ck_assert(estate_keep(b.domain, "curse", apple));
    return apple;
}

/* a asks b for something harmless, as often as it takes, with a loan. */
static void order_retry(uint64_t lent)
{
    const uint64_t arguments[6] = {WAY_COUNT, lent};

    actor_order(&a, CRASH_LENT, actor_link(&a, &b, "test"), arguments);
}

/*
 * Case 12. docs/MANIFEST.md, restart-limit=: a domain whose tp_main crashes
 * when it is restarted is restarted again: until it comes back, and a has its
 * answer; or the limit is reached, and it is given up until somebody asks.
 */
START_TEST(dies_while_it_is_restarted)
{
    bool comes_back = _i == 0;
    uint64_t lent = actor_apple(&a, 5), apple = curse(5, 0);

    may_come_back(&b, comes_back ? 6 : 5);
    order_retry(lent);
    domain_end(b.domain, "as ordered");
    ck_rpc(actor_step(&a, STEP_CALL, 0, NULL), RPC_OK, 0);

    ck_rpc(actor_answer(&a), comes_back ? RPC_OK : RPC_DEAD, 0);
    ck_assert_uint_eq(domain_is_alive(b.domain), comes_back);
    ck_assert_uint_eq(b.domain->generation, comes_back ? 7 : 6);
    ck_assert_uint_eq(b.domain->crashes, 6);
    ck_assert_uint_eq(payload_of(apple)[0], 0);
    if (!comes_back) {
        ck_assert_uint_eq(owner_of_handle(apple), DOMAIN_KEPT);
        ck_assert(!revive(&b));
        domain_restart(b.domain);
        ck_assert(revive(&b));
    }
    check_drop(&a, lent);
    check_drop(&b, apple);
}
END_TEST

/* Case 12. Design, section 5: another thread kills it in that tp_main. The
 * thread that restarts it is wound back to there, and tries again. */
START_TEST(killed_while_it_is_restarted)
{
    struct visit visit = {.actor = &a, .step = STEP_CALL};
    uint64_t lent = actor_apple(&a, 5), apple = curse(2, CURSE_SPIN);
    uint32_t life;

    may_come_back(&b, 0);
    order_retry(lent);
    domain_end(b.domain, "as ordered");
    let_go(&a, false);
    let_go(&b, false);
    start(&visit);
    for (life = 2; life < 4; life++) {
        while (__atomic_load_n(&b.domain->generation, __ATOMIC_ACQUIRE) != life)
            cpu_relax();
        wait_until_spinning(&b);
        domain_end(b.domain, "while it is restarted");
    }
    host_join(visit.thread);

    ck_rpc(visit.rpc, RPC_OK, 0);
    ck_rpc(actor_answer(&a), RPC_OK, 0);
    ck_assert(domain_is_alive(b.domain));
    ck_assert_uint_eq(b.domain->generation, 4);
    check_drop(&a, lent);
    check_drop(&b, apple);
}
END_TEST

TCase *figure2_threads(void)
{
    TCase *tests = tcase_create("threads and lives");

    tcase_add_checked_fixture(tests, figure2_setup, figure2_teardown);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, killed_while_it_drops);
    tcase_add_loop_test(tests, dies_while_it_is_restarted, 0, 2);
    tcase_add_test(tests, killed_while_it_is_restarted);
    return tests;
}
