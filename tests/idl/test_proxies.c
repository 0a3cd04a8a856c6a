/* SPDX-License-Identifier: MIT */
/*
 * test_proxies.c - generated proxies do what tepal_trusted/proxy.h asks, in
 * its order, and take the right way out of every failure.
 * Source: design, section 4; docs/ABI.md, "Calling an import".
 */
#include "proxies_proxy.c"
#include "suite_run.h"
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char log_text[4096];
static size_t log_length;
static int steps, failing_step, second_failing_step;

bool double_step(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_length +=
        (size_t)vsnprintf(log_text + log_length, sizeof(log_text) - log_length,
                          format, args);
    va_end(args);
    log_length += (size_t)snprintf(log_text + log_length,
                                   sizeof(log_text) - log_length, "\n");
    ck_assert_uint_lt(log_length, sizeof(log_text));
    ++steps;
    return steps != failing_step && steps != second_failing_step;
}

void gate_proxy_fruit_all(void)
{
}

void gate_proxy_fruit_values(void)
{
}

void gate_proxy_fruit_lend(void)
{
}

void gate_proxy_fruit_fetch(void)
{
}

/* fruit.all with pointers 1, 2, 3, then @now; made 5, weight 6. */
static struct rpc call_all(int fails_at, uint64_t now)
{
    log_length = 0;
    steps = 0;
    failing_step = fails_at;
    return proxy_fruit_all(1, 2, 3, now, 5, 6, 7, NULL);
}

#define BEGIN "begin cap 7 method 0 frame 208\n"
#define GONE "move_rref 1 at 0 proxies.apple\n"
#define BOTH "move_array 2 at 16 proxies.apple 4\n"
#define LENT "lend_deque 3 at 48 proxies.pear 8\n"
#define MADE "expect 5 at 128, 72 bytes\n"
#define WEIGHT "expect 6 at 200, 2 bytes\n"
#define ARGUMENTS BEGIN GONE BOTH LENT MADE WEIGHT
#define CLEAR_RESULTS "clear 2, 32 bytes\nclear 5, 8 bytes\nclear 6, 2 bytes\n"
#define CLEAR "clear 1, 8 bytes\n" CLEAR_RESULTS
#define CALL "call 1000 1010 1030 2 1080 10c8\n"
#define RETURN_BOTH "return_array 16 to 2 proxies.apple 4\n"
#define RETURN_MADE "return_deque 128 to 5 proxies.pear 8\n"
#define RETURN_WEIGHT "return_scalar 200 to 6, 2 bytes\n"

/* Design, section 4 (The gate): arguments, call, results, in this order. */
START_TEST(a_call_goes_through_its_steps_in_order)
{
    struct rpc rpc = call_all(0, 2);

    ck_assert_uint_eq(rpc.result, RPC_OK);
    ck_assert_str_eq(log_text,
                     ARGUMENTS CLEAR CALL RETURN_BOTH RETURN_MADE RETURN_WEIGHT
                     "end\n");
}
END_TEST

/* Design, section 4 (Refusal): a refused call changes nothing, so nothing is
 * cleared before it. */
START_TEST(each_argument_is_refused_by_its_number)
{
    call_all(1, 0);
    ck_assert_str_eq(log_text, BEGIN "answer\n");
    call_all(2, 0);
    ck_assert_str_eq(log_text, BEGIN GONE "refuse 0\n");
    call_all(3, 0);
    ck_assert_str_eq(log_text, BEGIN GONE BOTH "refuse 1\n");
    call_all(4, 0);
    ck_assert_str_eq(log_text, BEGIN GONE BOTH LENT "refuse 2\n");
    call_all(0, 3);
    ck_assert_str_eq(log_text, BEGIN GONE BOTH LENT "refuse 3\n");
    call_all(5, 0);
    ck_assert_str_eq(log_text, BEGIN GONE BOTH LENT MADE "refuse 4\n");
    call_all(6, 0);
    ck_assert_str_eq(log_text, ARGUMENTS "refuse 5\n");
}
END_TEST

/* Design, section 5: the proxy of a callee that died returns RPC_CRASHED. */
START_TEST(a_crash_ends_the_call_at_once)
{
    struct rpc rpc = call_all(11, 2);

    ck_assert_uint_eq(rpc.result, RPC_CRASHED);
    ck_assert_str_eq(log_text, ARGUMENTS CLEAR CALL "crashed\n");
}
END_TEST

/* Design, section 4 (Refusal): after a bad result the caller's are empty. What
 * only went in is the caller's own again: not touched a second time. */
START_TEST(a_bad_result_empties_every_result)
{
    call_all(12, 2);
    ck_assert_str_eq(log_text, ARGUMENTS CLEAR CALL RETURN_BOTH CLEAR_RESULTS
                     "refuse 1\n");
    call_all(13, 2);
    ck_assert_str_eq(log_text,
                     ARGUMENTS CLEAR CALL RETURN_BOTH RETURN_MADE CLEAR_RESULTS
                     "refuse 4\n");
    call_all(14, 2);
    ck_assert_str_eq(log_text, ARGUMENTS CLEAR CALL RETURN_BOTH RETURN_MADE
                                   RETURN_WEIGHT CLEAR_RESULTS "refuse 5\n");
}
END_TEST

/* fruit.fetch with pointers 1, 2 and handle 3. */
static struct rpc call_fetch(int fails_at)
{
    log_length = 0;
    steps = 0;
    failing_step = fails_at;
    return proxy_fruit_fetch(1, 2, 3, 0, 0, 0, 7, NULL);
}

#define FETCH_BEGIN "begin cap 7 method 3 frame 96\n"
#define FETCH_TO_CALL                                                          \
    FETCH_BEGIN "move_rref 1 at 0 proxies.apple\n"                             \
                "move_deque 2 at 16 proxies.pear 8\n"                          \
                "lend_rref 3 proxies.pear\n"                                   \
                "clear 1, 8 bytes\nclear 2, 8 bytes\n"                         \
                "call 1000 1010 3 0 0 0\n"
#define FETCH_TO_END                                                           \
    "return_rref 0 to 1 proxies.apple\n"                                       \
    "return_deque 16 to 2 proxies.pear 8\nend\n"
#define FETCH_CRASHED FETCH_TO_CALL "crashed\nrepeats 3 after 1 by 7\n"

/* Thesis 2 (Proxies), shadows: the call is made again, with a fresh object for
 * the one that is gone; a container is empty then. */
START_TEST(a_call_that_may_be_is_repeated_after_a_crash)
{
    struct rpc rpc = call_fetch(7);

    ck_assert_uint_eq(rpc.result, RPC_OK);
    ck_assert_str_eq(log_text, FETCH_CRASHED "refill 1 proxies.apple\n"
                               FETCH_TO_CALL FETCH_TO_END);
}
END_TEST

/* Rule: who was dead before has taken nothing, so nothing is replaced. */
START_TEST(a_call_that_was_never_made_is_made_with_what_there_is)
{
    call_fetch(1);
    ck_assert_str_eq(log_text, FETCH_BEGIN "answer\nrepeats 1 after 1 by 7\n"
                               FETCH_TO_CALL FETCH_TO_END);
}
END_TEST

/* Rule: the caller is told of the crash when there is no second call. */
START_TEST(a_call_that_cannot_be_repeated_has_crashed)
{
    struct rpc rpc;

    second_failing_step = 9;
    rpc = call_fetch(7);
    ck_assert_uint_eq(rpc.result, RPC_CRASHED);
    ck_assert_str_eq(log_text, FETCH_CRASHED);
    second_failing_step = 10;
    rpc = call_fetch(7);
    ck_assert_uint_eq(rpc.result, RPC_CRASHED);
    ck_assert_str_eq(log_text, FETCH_CRASHED "refill 1 proxies.apple\n");
    second_failing_step = 0;
}
END_TEST

/* Rule: the callee sees a value of its type, whatever stands above. */
START_TEST(values_are_cut_to_their_width)
{
    proxy_fruit_values(0x1100, 0x1234, 0x12ff, 0x123456789, 0x180000000,
                       UINT64_MAX, 7, NULL);
    ck_assert_str_eq(log_text, "begin cap 7 method 1 frame 0\n"
                               "call 0 34 ffffffffffffffff 23456789 "
                               "ffffffff80000000 ffffffffffffffff\n"
                               "end\n");
    log_length = 0;
    proxy_fruit_values(0x80, 0, 0x7f, 0, 0, 0, 7, NULL);
    ck_assert_ptr_nonnull(strstr(log_text, "call 1 0 7f 0 0 0\n"));
}
END_TEST

/* Rule: an enum is its low half, for the check as for the callee. */
START_TEST(an_enum_is_checked_in_the_width_it_has)
{
    ck_assert_uint_eq(call_all(0, 0x100000002).result, RPC_OK);
    ck_assert_ptr_nonnull(strstr(log_text, CALL));
    ck_assert_uint_eq(call_all(0, UINT64_MAX).result, RPC_REFUSED);
}
END_TEST

/* docs/ABI.md, "Calling an import": a borrowed rref is the handle itself. */
START_TEST(a_lent_reference_travels_by_value)
{
    proxy_fruit_lend(0xabc, 2, 3, 0, 0, 0, 7, NULL);
    ck_assert_str_eq(log_text, "begin cap 7 method 2 frame 48\n"
                               "lend_rref 2748 proxies.pear\n"
                               "lend_array 2 at 0 proxies.apple 4\n"
                               "expect 3 at 32, 8 bytes\n"
                               "clear 3, 8 bytes\n"
                               "call abc 1000 1020 0 0 0\n"
                               "return_rref 32 to 3 proxies.apple\n"
                               "end\n");
}
END_TEST

/* Design, section 4 (Containers): a payload is walked by its descriptor. */
START_TEST(descriptors_say_where_handles_lie)
{
    ck_assert_uint_eq(type_proxies_apple.bytes, 8);
    ck_assert_uint_eq(type_proxies_apple.handle_count, 0);
    ck_assert_uint_eq(type_proxies_pear.bytes, 40);
    ck_assert_uint_eq(type_proxies_pear.handle_count, 3);
    ck_assert_uint_eq(type_proxies_pear.handles[0].offset, 16);
    ck_assert_uint_eq(type_proxies_pear.handles[1].offset, 24);
    ck_assert_uint_eq(type_proxies_pear.handles[2].offset, 32);
    ck_assert_ptr_eq(type_proxies_pear.handles[2].type, &type_proxies_apple);
    ck_assert_uint_eq(interface_fruit.method_count, 4);
    ck_assert_ptr_eq(interface_fruit.gates[2], gate_proxy_fruit_lend);
    ck_assert_str_eq(interface_fruit.methods[2], "lend");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idl proxies");
    TCase *tests = tcase_create("proxies");

    tcase_add_test(tests, a_call_goes_through_its_steps_in_order);
    tcase_add_test(tests, each_argument_is_refused_by_its_number);
    tcase_add_test(tests, a_crash_ends_the_call_at_once);
    tcase_add_test(tests, a_bad_result_empties_every_result);
    tcase_add_test(tests, a_call_that_may_be_is_repeated_after_a_crash);
    tcase_add_test(tests, a_call_that_was_never_made_is_made_with_what_there_is);
    tcase_add_test(tests, a_call_that_cannot_be_repeated_has_crashed);
    tcase_add_test(tests, values_are_cut_to_their_width);
    tcase_add_test(tests, an_enum_is_checked_in_the_width_it_has);
    tcase_add_test(tests, a_lent_reference_travels_by_value);
    tcase_add_test(tests, descriptors_say_where_handles_lie);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_FORK_GETENV);
}
