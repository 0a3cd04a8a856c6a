/* SPDX-License-Identifier: MIT */
/*
 * test_virtual_clock.c - the virtual clock: what work costs, in which order
 * things happen, and that it is the same each time whatever the machine does.
 * Source: design, section 7 (Two clocks); docs/VIRTUAL_CLOCK.md.
 */
#define _GNU_SOURCE
#include "suite_run.h"
#include "sure.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/domain.h"
#include "virtual_clock.h"
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define TRACE_MAX 4096

static struct domain domain;
static struct {
    char who;
    uint64_t time;
} trace[TRACE_MAX];
static uint32_t traced;

static void note(char who)
{
    ck_assert_uint_lt(traced, TRACE_MAX);
    trace[traced].who = who;
    trace[traced++].time = virtual_clock.now;
}

static void setup(void)
{
    memset(&domain, 0, sizeof(domain));
    traced = 0;
    virtual_clock_start(1);
}

static void teardown(void)
{
    virtual_clock_stop();
}

static void read_costs(const char *text)
{
    uint32_t line;

    ck_assert(cost_table_read(&virtual_clock.costs, text, strlen(text), &line));
}

/* docs/VIRTUAL_CLOCK.md, "What is charged": entries are read, later ones win,
 * comments and blank lines are nothing. */
START_TEST(a_cost_table_is_understood)
{
    static const char text[] = "# all of it\n\n crossing 7 # seven\n"
                               "register_read\t9\r\ncrossing 8\n"
                               "app.frames 0\napp.frames 1000000000";
    struct cost_table table;
    uint32_t line;

    cost_table_init(&table);

    ck_assert(cost_table_read(&table, text, sizeof(text) - 1, &line));
    ck_assert_uint_eq(table.crossing, 8);
    ck_assert_uint_eq(table.service[TP_SERVICE_REGISTER_READ], 9);
    ck_assert_uint_eq(cost_of_counter(&table, "app", "frames"), 1000000000);
    ck_assert_uint_eq(cost_of_counter(&table, "app", "frames.31"), 1000000000);
    ck_assert_uint_eq(cost_of_counter(&table, "app", "frames.x"), 0);
    ck_assert_uint_eq(cost_of_counter(&table, "app", "frame"), 0);
    ck_assert_uint_eq(cost_of_counter(&table, "ap", "frames"), 0);
    ck_assert_uint_eq(cost_of_counter(&table, "app.frames", ""), 0);
}
END_TEST

/* docs/VIRTUAL_CLOCK.md, "What is charged": what is wrong is refused with its line,
 * and nothing is read beyond the text. */
START_TEST(a_wrong_cost_table_is_refused)
{
    static const char *const wrong[] = {
        "crossing",        "crossing x",       "crossing 1 2",
        "crossing -1",     "crossing 1.5",     "crossing 1000000001",
        "teleport 1",      "app. 1",           ".frames 1",
        "crossing 99999999999999999999999999", "\x01 1",
        "a.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb 1",
    };
    char text[256];
    uint32_t i, line;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct cost_table table;

        cost_table_init(&table);
        snprintf(text, sizeof(text), "idle 1\n%s", wrong[i]);
        ck_assert_msg(!cost_table_read(&table, text, strlen(text), &line),
                      "%s", wrong[i]);
        ck_assert_uint_eq(line, 2);
    }
}
END_TEST

/* Rule: a table holds COST_COUNTERS_MAX counters, and refuses one more. */
START_TEST(a_cost_table_has_an_end)
{
    struct cost_table table;
    char text[64];
    uint32_t i, line, had;

    cost_table_init(&table);
    had = table.counter_count;

    for (i = 0; i <= COST_COUNTERS_MAX - had; i++) {
        snprintf(text, sizeof(text), "app.c%u 1", i);
        ck_assert_int_eq(cost_table_read(&table, text, strlen(text), &line),
                         i < COST_COUNTERS_MAX - had);
    }
}
END_TEST

/* Rule: five ticks are two nanoseconds, without loss and without overflow. */
START_TEST(ticks_are_nanoseconds)
{
    uint64_t n;

    for (n = 0; n < 1000; n++)
        ck_assert_uint_eq(virtual_nanoseconds(virtual_ticks(n)), n);
    ck_assert_uint_eq(virtual_ticks(2), 5);
    ck_assert_uint_eq(virtual_nanoseconds(UINT64_MAX / 5), UINT64_MAX / 25 * 2 + 1);
}
END_TEST

struct noted_event {
    struct virtual_event event;
    char who;
};

static void noted(struct virtual_event *event)
{
    note(((struct noted_event *)event)->who);
}

/* Design, section 7: events happen in the order of their times; those of one
 * time in the order in which they were asked for; one that is moved, once. */
START_TEST(events_happen_in_order)
{
    struct noted_event a = {{noted, 0, false}, 'a'}, b = {{noted, 0, false}, 'b'},
                       c = {{noted, 0, false}, 'c'}, d = {{noted, 0, false}, 'd'};
    uint32_t cpu = virtual_clock_take_cpu();

    virtual_clock_enter(cpu);
    virtual_clock_at(&a.event, 900);
    virtual_clock_at(&b.event, 300);
    virtual_clock_at(&c.event, 300);
    virtual_clock_at(&d.event, 100);
    virtual_clock_at(&a.event, 200);
    virtual_clock_forget(&d.event);
    while (virtual_clock.event_count)
        timing->idle(UINT64_MAX);

    ck_assert_uint_eq(traced, 3);
    ck_assert_int_eq(trace[0].who, 'a');
    ck_assert_uint_eq(trace[0].time, 200);
    ck_assert_int_eq(trace[1].who, 'b');
    ck_assert_int_eq(trace[2].who, 'c');
    ck_assert_uint_eq(trace[2].time, 300);
    virtual_clock_leave(cpu);
}
END_TEST

/* Below 4 GiB: an address in a slot that starts at 0. */
static void *low_page(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

    ck_assert_ptr_ne(page, MAP_FAILED);
    return page;
}

/* docs/VIRTUAL_CLOCK.md, "What is charged": a service, crossings, allocations
 * and listed counters; hostile counters that jump or go back cost nothing. */
START_TEST(work_is_charged_by_the_table)
{
    uint64_t *counter = low_page();
    uint32_t cpu;

    *counter = 5;
    text_copy(domain.counters[0].name, DOMAIN_COUNTER_NAME, "frames");
    domain.counters[0].address = (uint32_t)(uintptr_t)counter;
    domain.counter_count = 1;
    read_costs("crossing 10\nallocation 100\napp.frames 1000\n"
               "nanoseconds 3\n");
    ck_assert(virtual_clock_watch(&domain, "app"));
    domain.image.type_count = 1;
    cpu = virtual_clock_take_cpu();
    virtual_clock_enter(cpu);

    domain.inside += 4 * DOMAIN_ONE_ENTRY;
    domain.allocated[0] += 2;
    timing->service(&domain, TP_SERVICE_NANOSECONDS);

    ck_assert_uint_eq(virtual_clock.now, 4 * 10 + 2 * 100 + 5 * 1000 + 3);
    ck_assert_uint_eq(virtual_clock_charged(&domain), 5243);
    *counter += 2;
    timing->service(&domain, TP_SERVICE_NANOSECONDS);
    ck_assert_uint_eq(virtual_clock.now, 5243 + 2000 + 3);
    *counter = 0;
    timing->service(&domain, TP_SERVICE_NANOSECONDS);
    ck_assert_uint_eq(virtual_clock.now, 7246 + 3);
    virtual_clock_leave(cpu);
    munmap(counter, 4096);
}
END_TEST

#define WORKERS 4
#define TURNS 200

struct worker {
    uint32_t cpu, step;
    char who;
    bool idles;
};

static struct noted_event tick = {{NULL, 0, false}, 't'};

static void ticking(struct virtual_event *event)
{
    note('t');
    virtual_clock_at(event, event->time + 977);
}

static void *work(void *context)
{
    struct worker *worker = context;
    uint32_t i;

    virtual_clock_enter(worker->cpu);
    for (i = 0; i < TURNS; i++) {
        note(worker->who);
        virtual_clock.cpus[worker->cpu].time += worker->step;
        timing->service(&domain, TP_SERVICE_CYCLES);
        if (worker->idles)
            timing->idle(UINT64_MAX);
    }
    virtual_clock_leave(worker->cpu);
    return NULL;
}

static void run_workers(void)
{
    struct worker workers[WORKERS] = {
        {0, 100, 'A', false}, {0, 170, 'B', false},
        {0, 30, 'C', true}, {0, 61, 'D', true},
    };
    pthread_t threads[WORKERS];
    uint32_t i;

    tick.event.happen = ticking;
    tick.event.waiting = false;
    virtual_clock_at(&tick.event, 500);
    for (i = 0; i < WORKERS; i++)
        workers[i].cpu = virtual_clock_take_cpu();
    for (i = WORKERS; i-- > 0;)
        sure(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
    for (i = 0; i < WORKERS; i++)
        sure(pthread_join(threads[i], NULL) == 0);
}

/* Design, section 7: a run is identical each time, and nobody ever sees a time
 * before one that was seen: whatever order the machine runs threads in. */
START_TEST(threads_take_turns_in_the_order_of_their_times)
{
    char first[TRACE_MAX];
    uint64_t times[TRACE_MAX];
    uint32_t round, i, count = 0;

    for (round = 0; round < 5; round++) {
        teardown();
        setup();
        run_workers();
        for (i = 1; i < traced; i++)
            ck_assert_uint_ge(trace[i].time, trace[i - 1].time);
        for (i = 0; i < traced && round == 0; i++) {
            first[i] = trace[i].who;
            times[i] = trace[i].time;
        }
        count = round ? count : traced;
        ck_assert_uint_eq(traced, count);
        for (i = 0; i < traced; i++) {
            ck_assert_int_eq(trace[i].who, first[i]);
            ck_assert_uint_eq(trace[i].time, times[i]);
        }
    }
    ck_assert_uint_gt(count, WORKERS * TURNS);
}
END_TEST

/* Rule: who idles is put back when something happens earlier than what it was
 * waiting for. */
START_TEST(an_idler_is_put_back_to_an_earlier_event)
{
    uint32_t idler = virtual_clock_take_cpu(), busy = virtual_clock_take_cpu();
    struct noted_event late = {{noted, 0, false}, 'l'},
                       soon = {{noted, 0, false}, 's'};

    virtual_clock_at(&late.event, 1000);
    virtual_clock.cpus[idler].time = 1000;
    virtual_clock.cpus[idler].idle_since = 10;
    virtual_clock.running = busy;
    virtual_clock_at(&soon.event, 400);

    ck_assert_uint_eq(virtual_clock.cpus[idler].time, 400);
    virtual_clock_at(&soon.event, 5);
    ck_assert_uint_eq(virtual_clock.cpus[idler].time, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("virtual clock");
    TCase *tests = tcase_create("virtual clock");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_cost_table_is_understood);
    tcase_add_test(tests, a_wrong_cost_table_is_refused);
    tcase_add_test(tests, a_cost_table_has_an_end);
    tcase_add_test(tests, ticks_are_nanoseconds);
    tcase_add_test(tests, events_happen_in_order);
    tcase_add_test(tests, work_is_charged_by_the_table);
    tcase_add_test(tests, threads_take_turns_in_the_order_of_their_times);
    tcase_add_test(tests, an_idler_is_put_back_to_an_earlier_event);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
