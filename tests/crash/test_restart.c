/* SPDX-License-Identifier: MIT */
/*
 * test_restart.c - a dead domain comes to life again where its policy lets it:
 * as another incarnation, with nothing of the one before but its counts, and
 * only for holders of capabilities that reconnect.
 * Source: thesis 2 (Proxies); design, section 5; docs/ABI.md, "Capabilities".
 */
#include "rig.h"
#include "arch/pages.h"
#include "tepal_trusted/estate.h"
#include "tepal_trusted/restart.h"
#include <string.h>

#define SECOND 1000000000u

static struct actor a, b;
static uint64_t to_b;

static void setup(void)
{
    host_log_to(-1);
    a = actor_new("a");
    b = actor_new("b");
    to_b = actor_link(&a, &b, "test");
    b.domain->restart = (struct domain_restart){
        .policy = RESTART_ON_CRASH, .limit = 100, .window_nanoseconds = SECOND};
}

static void teardown(void)
{
    actors_end();
    ck_assert_uint_eq(live_objects(), 0);
}

static uint32_t reconnect(void)
{
    return capability_reconnect(a.domain, to_b, thread_current());
}

static struct rpc call_b(void)
{
    return actor_call(&a, NARROW, to_b, 1, 2, 3, 4, 5, 6);
}

/* The watchdog may be at it. */
static void wait_until_gone(const struct actor *actor)
{
    while (!domain_is_gone(actor->domain))
        cpu_relax();
}

/* What is counted must be so after each test of a death. */
static void check_quiet(void)
{
    ck_assert_uint_eq(domain_frames(a.domain), 0);
    ck_assert_uint_eq(domain_frames(b.domain), 0);
    ck_assert_ptr_null(thread_current()->continuation);
    ck_assert_uint_eq(thread_current()->dying, 0);
}

/* Rule: a capability names a life; another one is reached by reconnecting. */
START_TEST(a_restarted_domain_is_for_who_reconnects)
{
    domain_id_t first = b.domain->id;

    domain_end(b.domain, "as ordered");
    ck_rpc(call_b(), RPC_DEAD, 0);
    ck_assert_uint_eq(reconnect(), 2);
    ck_rpc(call_b(), RPC_OK, 0);

    ck_assert_uint_ne(b.domain->id, first);
    ck_assert_uint_eq(b.domain->generation, 2);
    ck_assert_uint_eq(b.domain->crashes, 1);
    check_quiet();
}
END_TEST

/* Rule: who did not reconnect stays with the life that has ended. */
START_TEST(a_second_holder_is_not_brought_along)
{
    uint64_t other = actor_link(&a, &b, "test");

    domain_end(b.domain, "as ordered");
    ck_assert_uint_eq(reconnect(), 2);

    ck_rpc(actor_call(&a, NARROW, other, 1, 2, 3, 4, 5, 6), RPC_DEAD, 0);
    ck_assert_uint_eq(capability_generation(a.domain, other), 0);
    ck_assert_uint_eq(capability_generation(a.domain, to_b), 2);
}
END_TEST

/* docs/MANIFEST.md, restart=never. */
START_TEST(without_a_policy_dead_is_dead)
{
    b.domain->restart.policy = RESTART_NEVER;
    domain_end(b.domain, "as ordered");

    ck_assert_uint_eq(reconnect(), 0);
    ck_rpc(call_b(), RPC_DEAD, 0);
    ck_assert_uint_eq(b.domain->generation, 1);
}
END_TEST

/* docs/MANIFEST.md, restart-limit=. */
START_TEST(too_many_restarts_are_refused)
{
    uint32_t i;

    b.domain->restart.limit = 3;
    b.domain->restart.window_nanoseconds = 1000ull * SECOND;
    for (i = 0; i < 3; i++) {
        domain_end(b.domain, "as ordered");
        ck_assert_uint_eq(reconnect(), 2 + i);
    }
    domain_end(b.domain, "once too often");
    ck_assert_uint_eq(reconnect(), 0);
    ck_assert_uint_eq(b.domain->generation, 4);
}
END_TEST

/* docs/MANIFEST.md, restart-delay=: twice as long for each in the window. */
START_TEST(restarts_wait_longer_and_longer)
{
    uint64_t start = clock_nanoseconds(), first;

    b.domain->restart.window_nanoseconds = 1000ull * SECOND;
    b.domain->restart.delay_nanoseconds = 2000000;
    domain_end(b.domain, "as ordered");
    ck_assert_uint_eq(reconnect(), 2);
    first = clock_nanoseconds();
    domain_end(b.domain, "as ordered");
    ck_assert_uint_eq(reconnect(), 3);

    ck_assert_uint_ge(first - start, 2000000);
    ck_assert_uint_ge(clock_nanoseconds() - first, 4000000);
}
END_TEST

/* Thesis 2 (Domains): its private heap goes with it; data is the file's. */
START_TEST(memory_is_as_the_file_has_it)
{
    uint32_t grown = b.domain->private_break;

    b.order->script = SCRIPT_KEEP;
    b.order->calls = 77;
    b.domain->private_break = grown + TP_PAGE;
    ck_assert(pages_map(b.domain->base + grown, TP_PAGE, PAGES_READ_WRITE));
    domain_end(b.domain, "as ordered");
    ck_assert_uint_eq(reconnect(), 2);

    ck_assert_uint_eq(b.order->script, 0);
    ck_assert_uint_eq(b.order->calls, 0);
    ck_assert_uint_eq(b.domain->private_break, grown);
    ck_assert(!slot_touch64(b.domain->base, grown));
}
END_TEST

/* Thesis 3.1: what it owned goes with it; design, section 4: its id too. */
START_TEST(the_new_life_owns_nothing_of_the_old_one)
{
    uint64_t apple = actor_apple(&b, 5);

    domain_end(b.domain, "as ordered");
    ck_assert_uint_eq(reconnect(), 2);

    ck_assert(!is_live(apple));
    ck_assert_int_eq(b.domain->shared_bytes, 0);
    ck_assert(!rref_drop(thread_current(), b.domain, apple));
}
END_TEST

/* Thesis 2 (Proxies), shadows: the caller of a retryable method sees nothing
 * of the death before its call. */
START_TEST(a_shadow_reconnects_by_itself)
{
    uint64_t apple = actor_apple(&a, 5);

    domain_end(b.domain, "as ordered");
    ck_rpc(actor_call(&a, CRASH_LENT, to_b, WAY_COUNT, apple, 0, 0, 0, 0),
           RPC_OK, 0);

    ck_assert_uint_eq(b.domain->generation, 2);
    ck_assert_uint_eq(borrows_of(apple), 0);
    check_quiet();
}
END_TEST

/* Rule: a call that kills its callee each time is not made for ever. */
START_TEST(a_deadly_call_is_given_up)
{
    uint64_t apple = actor_apple(&a, 5);

    ck_rpc(actor_call(&a, CRASH_LENT, to_b, WAY_UD2, apple, 0, 0, 0, 0),
           RPC_CRASHED, 0);

    ck_assert_uint_eq(b.domain->crashes, SHADOW_CALLS_MAX);
    ck_assert_uint_eq(borrows_of(apple), 0);
    ck_assert_uint_eq(owner_of_handle(apple), a.domain->id);
    check_quiet();
}
END_TEST

/* Rule: a domain that calls itself cannot be restarted under its own feet. */
START_TEST(nobody_restarts_what_it_is_inside)
{
    uint64_t to_itself = actor_link(&b, &b, "test");
    uint64_t apple = actor_apple(&b, 5);

    actor_will_call(&b, &b, CRASH_LENT, WAY_UD2, apple, 0);
    b.order->cap = to_itself;
    ck_rpc(actor_call(&a, MAKE, to_b, 1, room_at(&a, 0), 0, 0, 0, 0),
           RPC_CRASHED, 0);
    ck_assert_uint_eq(b.domain->generation, 1);
    check_quiet();
    ck_assert_uint_eq(reconnect(), 2);
    ck_rpc(call_b(), RPC_OK, 0);
}
END_TEST

/* Rule: counters are those of all lives (docs/report.schema.json). */
START_TEST(counts_outlive_the_life)
{
    uint32_t at = b.where + (uint32_t)offsetof(struct order, calls);

    ck_assert(domain_counter_add(b.domain, "calls", at));
    b.order->calls = 40;
    domain_end(b.domain, "as ordered");
    ck_assert_uint_eq(reconnect(), 2);
    ck_assert_uint_eq(domain_counter_value(b.domain, 0), 40);
    ck_assert(domain_counter_add(b.domain, "calls", at));
    ck_assert(!domain_counter_add(b.domain, "calls", at));
    b.order->calls = 2;

    ck_assert_uint_eq(domain_counter_value(b.domain, 0), 42);
    ck_assert_uint_eq(domain_counters(b.domain), 1);
}
END_TEST

/* Rule: what it held of others is not the next life's; what it was wired to
 * is. */
START_TEST(capabilities_go_with_the_life)
{
    uint64_t to_a = actor_link(&b, &a, "test");

    domain_end(b.domain, "as ordered");
    ck_assert_uint_eq(reconnect(), 2);

    ck_assert_ptr_null(capability_callee(b.domain, to_a));
}
END_TEST

/* docs/ABI.md, "Services": a named object is the next life's, and its own. */
START_TEST(what_is_kept_is_inherited)
{
    uint64_t apple = actor_apple(&b, 5), found;

    ck_assert(estate_keep(b.domain, "state", apple));
    domain_end(b.domain, "as ordered");
    ck_assert_uint_eq(reconnect(), 2);

    found = estate_find(b.domain, "state", &type_test_apple);
    ck_assert_uint_eq(found, apple);
    ck_assert_uint_eq(owner_of_handle(apple), b.domain->id);
    ck_assert_uint_eq(*payload_of(apple), 5);
    ck_assert_int_eq(b.domain->shared_bytes, APPLE_BYTES);
    ck_assert_uint_eq(estate_find(b.domain, "state", &type_test_pear), 0);
    ck_assert_uint_eq(estate_find(b.domain, "other", &type_test_apple), 0);
    domain_end(b.domain, "once more");
    ck_assert_uint_eq(reconnect(), 3);
    ck_assert_uint_eq(estate_find(b.domain, "state", &type_test_apple), apple);
    ck_assert(rref_drop(thread_current(), b.domain, apple));
    ck_assert_uint_eq(estate_find(b.domain, "state", &type_test_apple), 0);
    domain_end(b.domain, "and again");
    ck_assert_uint_eq(reconnect(), 4);
    ck_assert_uint_eq(estate_find(b.domain, "state", &type_test_apple), 0);
}
END_TEST

/* Rule: between two lives it is nobody's, and when there is none it goes. */
START_TEST(what_nobody_inherits_is_freed)
{
    uint64_t apple = actor_apple(&b, 5), handle;

    ck_assert(estate_keep(b.domain, "state", apple));
    domain_kill(b.domain, thread_current());
    ck_assert_uint_eq(owner_of_handle(apple), DOMAIN_KEPT);
    for (handle = 0; handle < 3; handle++)
        ck_assert(!rref_drop(thread_current(), a.domain, apple));
    actor_end(&b);
    ck_assert(!is_live(apple));
    b = actor_new("b"); /* teardown looks for leaks */
}
END_TEST

/* Rule: what another domain keeps by now is not one's own estate. */
START_TEST(what_was_moved_on_is_not_inherited)
{
    uint64_t apple = actor_apple(&b, 5);

    a.domain->restart.policy = RESTART_ON_CRASH;
    ck_assert(estate_keep(b.domain, "state", apple));
    ck_assert(owner_change(&registry_find(apple)->word,
                           owner_expected(apple, b.domain->id),
                           owner_expected(apple, a.domain->id), false));
    ck_assert(estate_keep(a.domain, "state", apple));
    domain_end(a.domain, "first");
    wait_until_gone(&a);
    ck_assert_uint_eq(owner_of_handle(apple), DOMAIN_KEPT);
    domain_end(b.domain, "second");
    wait_until_gone(&b);

    ck_assert(domain_revive(b.domain, thread_current()));
    ck_assert_uint_eq(estate_find(b.domain, "state", &type_test_apple), 0);
    ck_assert(domain_revive(a.domain, thread_current()));
    ck_assert_uint_eq(estate_find(a.domain, "state", &type_test_apple), apple);
}
END_TEST

/* Rule: who dies says nothing more about what is left. */
START_TEST(the_dead_keep_nothing)
{
    uint64_t apple = actor_apple(&b, 5);

    domain_end(b.domain, "as ordered");
    ck_assert(!estate_keep(b.domain, "state", apple));
    ck_assert_uint_eq(reconnect(), 2);
    ck_assert(!is_live(apple));
}
END_TEST

/* Rule: only what is one's own, unlent and without children can be named. */
START_TEST(not_everything_can_be_kept)
{
    uint64_t apple = actor_apple(&a, 5), pear = actor_pear(&b, 1, 0);
    char name[] = "name0";
    uint32_t i;

    ck_assert(!estate_keep(b.domain, "state", apple));
    ck_assert(!estate_keep(b.domain, "state", pear));
    ck_assert(!estate_keep(b.domain, "state", 0));
    ck_assert(!estate_keep(b.domain, "state", UINT64_MAX));
    ck_assert(!estate_keep(b.domain, "", actor_apple(&b, 1)));
    for (i = 0; i < DOMAIN_KEPT_MAX; i++, name[4]++)
        ck_assert(estate_keep(b.domain, name, actor_apple(&b, i)));
    ck_assert(!estate_keep(b.domain, name, actor_apple(&b, 1)));
    name[4] = '0';
    ck_assert(estate_keep(b.domain, name, actor_apple(&b, 1)));
    ck_assert(estate_keep(b.domain, name, 0));
    ck_assert(estate_keep(b.domain, "another", actor_apple(&b, 1)));
}
END_TEST

/* Design, section 4: an id is given out when no record names it; thousands of
 * lives use nothing up. */
START_TEST(any_number_of_lives)
{
    uint32_t i;

    b.domain->restart.limit = 0;
    for (i = 0; i < 70000; i++) {
        if (i % 1000 == 0)
            (void)actor_apple(&b, i);
        domain_end(b.domain, "as ordered");
        ck_assert_uint_eq(reconnect(), 2 + i);
    }
    ck_rpc(call_b(), RPC_OK, 0);
    check_quiet();
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("restart");
    TCase *tests = tcase_create("restart");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_restarted_domain_is_for_who_reconnects);
    tcase_add_test(tests, a_second_holder_is_not_brought_along);
    tcase_add_test(tests, without_a_policy_dead_is_dead);
    tcase_add_test(tests, too_many_restarts_are_refused);
    tcase_add_test(tests, restarts_wait_longer_and_longer);
    tcase_add_test(tests, memory_is_as_the_file_has_it);
    tcase_add_test(tests, the_new_life_owns_nothing_of_the_old_one);
    tcase_add_test(tests, a_shadow_reconnects_by_itself);
    tcase_add_test(tests, a_deadly_call_is_given_up);
    tcase_add_test(tests, nobody_restarts_what_it_is_inside);
    tcase_add_test(tests, counts_outlive_the_life);
    tcase_add_test(tests, capabilities_go_with_the_life);
    tcase_add_test(tests, what_is_kept_is_inherited);
    tcase_add_test(tests, what_nobody_inherits_is_freed);
    tcase_add_test(tests, what_was_moved_on_is_not_inherited);
    tcase_add_test(tests, the_dead_keep_nothing);
    tcase_add_test(tests, not_everything_can_be_kept);
    tcase_add_test(tests, any_number_of_lives);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
