/* SPDX-License-Identifier: MIT */
/*
 * test_trace.c - what the hooks record of calls between test domains: each
 * call, refusal, crash and move, as it happened; whole calls left out, and
 * counted, when memory is short; and no traced gate where nothing is traced.
 * Source: docs/man/tepal.1, "TRACES"; tepal_trusted/trace.h.
 */
#include "rig.h"
#include "tepal_trusted/trace.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_MAX 100000
#define PLENTY (16 * sizeof(struct trace_chunk))

static struct trace_event events[EVENTS_MAX];
static uint32_t event_count;
static struct actor caller, callee;
static uint64_t cap;

/* Domains that are traced; nothing recorded of their loading. */
static void begin_with(size_t bytes)
{
    struct trace_chunk *chunk;

    ck_assert(trace_begin(bytes, false));
    caller = actor_new("caller");
    callee = actor_new("callee");
    cap = actor_link(&caller, &callee, "test");
    while ((chunk = trace_take()) != NULL)
        trace_give(chunk);
    event_count = 0;
}

static void begin(void)
{
    begin_with(PLENTY);
}

static void end(void)
{
    trace_stop();
    actors_end();
    trace_end();
    ck_assert_uint_eq(live_objects(), 0);
}

/* What was recorded since the last time, behind what is in @events. */
static void take_events(void)
{
    struct trace_chunk *chunk;

    while ((chunk = trace_take()) != NULL) {
        ck_assert_uint_le(chunk->count, TRACE_CHUNK_EVENTS);
        ck_assert_uint_le(event_count + chunk->count, EVENTS_MAX);
        memcpy(&events[event_count], chunk->events,
               chunk->count * sizeof(events[0]));
        event_count += chunk->count;
        trace_give(chunk);
    }
}

static uint32_t count_of(enum trace_kind kind)
{
    uint32_t i, count = 0;

    for (i = 0; i < event_count; i++)
        count += events[i].kind == kind;
    return count;
}

/* Every end has its beginning, every beginning its end, and time passes. */
static void check_nesting(void)
{
    uint32_t i, depth = 0;

    for (i = 0; i < event_count; i++) {
        ck_assert(i == 0 || events[i - 1].time <= events[i].time);
        if (events[i].kind == TRACE_LEAVE)
            ck_assert_uint_gt(depth--, 0);
        else if (events[i].kind == TRACE_ENTER)
            depth++;
        else
            ck_assert_uint_gt(depth, 0);
    }
    ck_assert_uint_eq(depth, 0);
}

static void check_call(uint32_t i, const char *method,
                       const struct domain *from, const struct domain *to)
{
    ck_assert_uint_lt(i, event_count);
    ck_assert_uint_eq(events[i].kind, TRACE_ENTER);
    ck_assert_str_eq(events[i].method, method);
    ck_assert_uint_eq(events[i].caller, from ? from->slot : 0);
    ck_assert_uint_eq(events[i].callee, to->slot);
}

static void check_objects(uint32_t i, enum trace_kind kind,
                          const struct type *type, uint32_t count)
{
    ck_assert_uint_lt(i, event_count);
    ck_assert_uint_eq(events[i].kind, kind);
    ck_assert_ptr_eq(events[i].type, type);
    ck_assert_uint_eq(events[i].count, count);
    ck_assert_uint_eq(events[i].caller, caller.domain->slot);
    ck_assert_uint_eq(events[i].callee, callee.domain->slot);
}

static void check_answer(uint32_t i, uint32_t result, uint32_t detail)
{
    ck_assert_uint_lt(i, event_count);
    ck_assert_uint_eq(events[i].kind, TRACE_LEAVE);
    ck_rpc(events[i].answer, result, detail);
}

/* The order's call, as one of caller's; its events are taken. */
static struct rpc call(enum method method, uint64_t a, uint64_t b)
{
    struct rpc rpc = actor_call(&caller, method, cap, a, b, 0, 0, 0, 0);

    event_count = 0;
    take_events();
    check_nesting();
    check_call(0, "tp_main", NULL, caller.domain);
    return rpc;
}

/* @handle where the caller finds it. */
static uint64_t put(uint64_t handle)
{
    *room(&caller, 0) = handle;
    return room_at(&caller, 0);
}

static bool is_gate_of(uintptr_t entry, uint32_t i, bool traced)
{
    void (*const *gates)(void) =
        traced ? tp_traced_gates[i] : tp_interfaces[i]->gates;
    uint32_t m;

    for (m = 0; m < tp_interfaces[i]->method_count; m++)
        if (entry == (uintptr_t)gates[m])
            return true;
    return false;
}

/* How many of @domain's imports lead to traced gates, or to the others. */
static uint32_t count_gates(const struct domain *domain, bool traced)
{
    const uintptr_t *table = (const uintptr_t *)(domain->base + TP_FTAB_START);
    uint32_t i, n, count = 0;

    for (n = 1; n <= domain->image.import_count; n++)
        for (i = 0; i < tp_interface_count; i++)
            count += is_gate_of(table[n], i, traced);
    return count;
}

static uint32_t count_methods(const struct domain *domain)
{
    uint32_t i, count = 0;

    for (i = 0; i < domain->image.import_count; i++)
        count +=
            image_method(&domain->image, i).interface_id != TP_KERNEL_ID;
    return count;
}

/* docs/ARCHITECTURE.md, "Traces": not one instruction without a trace. */
START_TEST(only_domains_loaded_under_a_trace_have_traced_gates)
{
    struct actor plain = actor_new("plain");
    uint32_t methods = count_methods(plain.domain);

    begin();

    ck_assert_uint_gt(methods, 20);
    ck_assert_uint_eq(count_gates(plain.domain, false), methods);
    ck_assert_uint_eq(count_gates(plain.domain, true), 0);
    ck_assert_uint_eq(count_gates(caller.domain, false), 0);
    ck_assert_uint_eq(count_gates(caller.domain, true), methods);
    end();
}
END_TEST

/* docs/ARCHITECTURE.md, "Traces": beginning, end, and what moved. */
START_TEST(a_call_has_a_beginning_its_moves_and_an_end)
{
    uint64_t apple;

    begin();
    apple = actor_apple(&caller, 7);

    ck_rpc(call(PASS, put(apple), 0), RPC_OK, 0);

    ck_assert_uint_eq(event_count, 6);
    check_call(1, "test.pass", caller.domain, callee.domain);
    check_objects(2, TRACE_ARGUMENTS, &type_test_apple, 1);
    check_objects(3, TRACE_RESULTS, &type_test_apple, 1);
    check_answer(4, RPC_OK, 0);
    check_answer(5, RPC_OK, 0);
    end();
}
END_TEST

/* docs/ARCHITECTURE.md, "Traces": what a payload holds counts by itself. */
START_TEST(what_a_pear_holds_moves_with_it)
{
    begin();
    put(actor_pear(&caller, 7, actor_apple(&caller, 1)));

    ck_rpc(call(TAKE_PEAR, room_at(&caller, 0), 0), RPC_OK, 0);

    check_call(1, "test.take_pear", caller.domain, callee.domain);
    check_objects(2, TRACE_ARGUMENTS, &type_test_pear, 1);
    check_objects(3, TRACE_ARGUMENTS, &type_test_apple, 1);
    end();
}
END_TEST

/* docs/ARCHITECTURE.md, "Traces": lent is not moved. */
START_TEST(what_is_lent_is_counted_as_lent)
{
    begin();

    ck_rpc(call(LOOK, actor_apple(&caller, 3), room_at(&caller, 8)), RPC_OK,
           0);

    check_call(1, "test.look", caller.domain, callee.domain);
    check_objects(2, TRACE_LENT, NULL, 1);
    check_answer(3, RPC_OK, 0);
    ck_assert_uint_eq(count_of(TRACE_ARGUMENTS) + count_of(TRACE_RESULTS), 0);
    end();
}
END_TEST

/* Design, section 4: a refused call moves nothing. */
START_TEST(a_refused_call_has_no_moves)
{
    begin();
    put(actor_apple(&caller, 3));
    *room(&caller, 8) = 12345;

    ck_rpc(call(TAKE_BOTH, room_at(&caller, 0), room_at(&caller, 8)),
           RPC_REFUSED, 1);

    ck_assert_uint_eq(event_count, 4);
    check_answer(2, RPC_REFUSED, 1);
    end();
}
END_TEST

/* Design, section 4: refused results stay, accepted arguments have moved. */
START_TEST(a_refused_result_has_not_moved)
{
    begin();
    callee.order->script = SCRIPT_ANSWER;
    callee.order->forged[0] = actor_apple(&caller, 3);
    put(actor_apple(&caller, 4));

    ck_rpc(call(PASS, room_at(&caller, 0), 0), RPC_REFUSED, 0);

    check_objects(2, TRACE_ARGUMENTS, &type_test_apple, 1);
    check_answer(3, RPC_REFUSED, 0);
    ck_assert_uint_eq(count_of(TRACE_RESULTS), 0);
    end();
}
END_TEST

/* docs/ARCHITECTURE.md, "Traces": a crash has its domain and cause. */
START_TEST(a_crash_is_an_event_of_its_own)
{
    const struct trace_life *life;
    uint32_t i;

    begin();
    callee.order->script = SCRIPT_DIE;
    callee.order->die = WAY_DIVIDE;
    put(actor_apple(&caller, 4));

    ck_rpc(call(TAKE, room_at(&caller, 0), 0), RPC_CRASHED, 0);

    check_objects(2, TRACE_ARGUMENTS, &type_test_apple, 1);
    check_answer(3, RPC_CRASHED, 0);
    check_answer(4, RPC_OK, 0);
    life = trace_life(0);
    ck_assert_ptr_nonnull(life);
    ck_assert(life->whole && !life->restarted);
    ck_assert_uint_eq(life->slot, callee.domain->slot);
    ck_assert_str_eq(life->cause, "divide error");
    ck_assert_uint_eq(life->address, callee.domain->death.address);
    ck_assert_uint_eq(life->thread, thread_current()->trace.number);
    for (i = 1; i < 3; i++)
        ck_assert(events[i].time <= life->time);
    ck_assert(life->time <= events[3].time);
    ck_assert_ptr_null(trace_life(1));
    end();
}
END_TEST

/* docs/ARCHITECTURE.md, "Traces": calls that did not begin, and the report. */
START_TEST(a_call_that_does_not_begin_has_no_end)
{
    uint64_t before;

    begin();
    cap = 63;
    ck_rpc(call(TAKE, 0, 0), RPC_NO_CAP, 0);
    ck_assert_uint_eq(event_count, 3);
    ck_assert_uint_eq(events[1].kind, TRACE_FAILED);
    ck_assert_uint_eq(events[1].count, RPC_NO_CAP);
    ck_assert_str_eq(events[1].method, "test.take");
    ck_assert_uint_eq(events[1].caller, caller.domain->slot);

    cap = 1;
    ck_assert_uint_eq(caller.domain->caps[cap].callee->slot,
                      callee.domain->slot);
    domain_kill(callee.domain, thread_current());
    before = domain_crossings(callee.domain);
    ck_rpc(call(TAKE, 0, 0), RPC_DEAD, 0);
    ck_assert_uint_eq(event_count, 3);
    ck_assert_uint_eq(events[1].count, RPC_DEAD);
    ck_assert_uint_eq(domain_crossings(callee.domain), before);
    end();
}
END_TEST

/* Rule: no events but what happens. */
START_TEST(nothing_is_recorded_after_the_end)
{
    begin();
    trace_stop();

    ck_rpc(actor_call(&caller, TAKE, cap, put(actor_apple(&caller, 1)), 0, 0,
                      0, 0, 0),
           RPC_OK, 0);
    take_events();

    ck_assert_uint_eq(event_count, 0);
    ck_assert_uint_eq(trace_left_out(), 0);
    end();
}
END_TEST

/* The callee calls itself until there is no stack; what that came to. */
static void go_deep(void)
{
    actor_will_call(&callee, &callee, LOOK, actor_apple(&callee, 5),
                    room_at(&callee, 64), 0);
    ck_rpc(actor_call(&caller, LOOK, cap, actor_apple(&caller, 6),
                      room_at(&caller, 64), 0, 0, 0, 0),
           RPC_OK, 0);
}

/* docs/ARCHITECTURE.md, "Traces": beginnings and ends pair, and nothing is lost
 * unseen. */
START_TEST(deep_calls_nest_whatever_there_is_room_for)
{
    uint64_t crossings, left_out, whole = 0;
    size_t chunks;

    for (chunks = 8; chunks > 0; chunks--) {
        begin_with(chunks * sizeof(struct trace_chunk));
        crossings = domain_crossings(callee.domain);
        left_out = trace_left_out(); /* of the loading */

        go_deep();
        take_events();

        crossings = domain_crossings(callee.domain) - crossings;
        ck_assert_uint_gt(crossings, 600);
        left_out = trace_left_out() - left_out;
        check_nesting();
        if (chunks == 8) {
            ck_assert_uint_eq(left_out, 0);
            /*
             * Also the caller's start. The deepest one found no stack: behind
             * its proxy, or, as frames come, before that, at the import gate.
             */
            ck_assert_uint_le(count_of(TRACE_FAILED), 1);
            ck_assert_uint_eq(count_of(TRACE_ENTER) + count_of(TRACE_FAILED),
                              crossings + 1);
            whole = event_count;
        }
        ck_assert_uint_eq(left_out > 0, chunks == 1);
        ck_assert_uint_eq(event_count + left_out, whole);
        end();
    }
    ck_assert_uint_gt(whole, TRACE_CHUNK_EVENTS);
}
END_TEST

/* docs/ARCHITECTURE.md, "Traces": a call without room is left out whole, and
 * counted. */
START_TEST(calls_without_room_are_left_out_and_counted)
{
    uint32_t i;

    begin_with(2 * sizeof(struct trace_chunk));
    for (i = 0; i < 5; i++)
        (void)actor_call(&caller, TAKE, cap, put(actor_apple(&caller, i)), 0,
                         0, 0, 0, 0);
    take_events();

    check_nesting();
    ck_assert_uint_eq(count_of(TRACE_ENTER), 4);
    ck_assert_uint_eq(event_count, 10);
    ck_assert_uint_eq(trace_left_out(), 15);

    ck_rpc(call(TAKE, put(actor_apple(&caller, 9)), 0), RPC_OK, 0);
    ck_assert_uint_eq(event_count, 5);
    ck_assert_uint_eq(trace_left_out(), 15);
    end();
}
END_TEST

static bool reading;

static void *read_slowly(void *context)
{
    (void)context;
    while (__atomic_load_n(&reading, __ATOMIC_ACQUIRE)) {
        cpu_relax();
        take_events();
    }
    take_events();
    return NULL;
}

/* docs/ARCHITECTURE.md, "Traces": who waits for room leaves nothing out. */
START_TEST(a_thread_that_waits_loses_nothing)
{
    pthread_t thread;
    uint32_t i;

    begin_with(sizeof(struct trace_chunk) * 2);
    trace_stop();
    trace_end();
    ck_assert(trace_begin(sizeof(struct trace_chunk), true));
    reading = true;
    ck_assert_int_eq(pthread_create(&thread, NULL, read_slowly, NULL), 0);

    for (i = 0; i < 1000; i++)
        (void)actor_call(&caller, TAKE, cap, put(actor_apple(&caller, i)), 0,
                         0, 0, 0, 0);
    __atomic_store_n(&reading, false, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);

    check_nesting();
    ck_assert_uint_eq(event_count, 5000);
    ck_assert_uint_eq(trace_left_out(), 0);
    end();
}
END_TEST

/* docs/ARCHITECTURE.md, "Traces": memory is bounded, for deaths too. */
START_TEST(deaths_beyond_the_bound_are_counted)
{
    uint32_t i;

    begin();
    for (i = 0; i < TRACE_LIVES_MAX + 3; i++)
        trace_restarted(callee.domain);

    ck_assert(trace_life(TRACE_LIVES_MAX - 1)->restarted);
    ck_assert_uint_eq(trace_life(0)->slot, callee.domain->slot);
    ck_assert_ptr_null(trace_life(TRACE_LIVES_MAX));
    ck_assert_uint_eq(trace_left_out(), 3);
    end();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("trace");
    TCase *tests = tcase_create("trace");

    tcase_add_test(tests,
                   only_domains_loaded_under_a_trace_have_traced_gates);
    tcase_add_test(tests, a_call_has_a_beginning_its_moves_and_an_end);
    tcase_add_test(tests, what_a_pear_holds_moves_with_it);
    tcase_add_test(tests, what_is_lent_is_counted_as_lent);
    tcase_add_test(tests, a_refused_call_has_no_moves);
    tcase_add_test(tests, a_refused_result_has_not_moved);
    tcase_add_test(tests, a_crash_is_an_event_of_its_own);
    tcase_add_test(tests, a_call_that_does_not_begin_has_no_end);
    tcase_add_test(tests, nothing_is_recorded_after_the_end);
    tcase_add_test(tests, deep_calls_nest_whatever_there_is_room_for);
    tcase_add_test(tests, calls_without_room_are_left_out_and_counted);
    tcase_add_test(tests, a_thread_that_waits_loses_nothing);
    tcase_add_test(tests, deaths_beyond_the_bound_are_counted);
    suite_add_tcase(all, tests);
    return all;
}

int main(int argc, char **argv)
{
    return rig_main(suite(), argc, argv, 0);
}
