/* SPDX-License-Identifier: MIT */
/*
 * test_crash.c - every way for a domain to die ends that domain and nothing
 * else: its caller goes on, the report names the place, loans are back, and
 * every object is accounted for. Who dies when is the matter of test_figure2.c.
 * Source: thesis 2, 3.2.6 and Figure 2; design, section 5.
 */
#include "rig.h"
#include <stdio.h>
#include <string.h>

static struct actor a, b, c;
static uint64_t to_b, to_c;

static void setup(void)
{
    host_log_to(-1);
    a = actor_new("a");
    b = actor_new("b");
    c = actor_new("c");
    to_b = actor_link(&a, &b, "test");
    to_c = actor_link(&a, &c, "test");
}

static void teardown(void)
{
    actors_end();
    ck_assert_uint_eq(live_objects(), 0);
}

#define ID(actor) ((actor).domain->id)
#define OUT 512

/* Sanitizers keep freed memory for a while, and simulate stacks. */
#ifdef __SANITIZE_ADDRESS__
#define LEAK_PAGES 65536
#else
#define LEAK_PAGES 256
#endif
#ifdef __SANITIZE_THREAD__
#define LIVES 500
#else
#define LIVES 10000
#endif

static bool is_alive(const struct actor *actor)
{
    return actor->domain->life & DOMAIN_ALIVE;
}

/* Other domains do not notice. */
static void check_others_go_on(void)
{
    ck_rpc(actor_call(&a, NARROW, to_c, 0, 0, 0, 0, 0, 0), RPC_OK, 0);
    ck_assert(is_alive(&a));
    ck_assert(is_alive(&c));
    ck_assert_uint_eq(domain_frames(a.domain), 0);
    ck_assert_uint_eq(domain_frames(b.domain), 0);
    ck_assert_ptr_null(thread_current()->continuation);
}

/* What the report of each way must say. */
static const struct {
    const char *cause, *symbol;
    uint64_t address;           /* slot offset of the access; 1 = any */
} ways[WAY_COUNT] = {
    [WAY_NULL_WRITE] = {"bad memory access", "die_by_write", 0},
    [WAY_NULL_READ] = {"bad memory access", "die_by_read", 0},
    [WAY_WILD_READ] = {"bad memory access", "die_by_read", 0x3ffffff0},
    [WAY_WILD_WRITE] = {"bad memory access", "die_by_write", 0xffffffff},
    [WAY_TEXT_WRITE] = {"bad memory access", "die_by_write", TP_TEXT_START},
    [WAY_TABLE_WRITE] = {"bad memory access", "die_by_write",
                         TP_FTAB_START + 8},
    [WAY_RODATA_WRITE] = {"bad memory access", "die_by_write", 1},
    [WAY_NULL_REFERENCE] = {"bad memory access", "die_by_write",
                            TP_SHARED_START},
    /* By a jump, at the end of a function: who returned there last is known. */
    [WAY_UNUSED_ENTRY] = {"call through an unused table entry", "die", 1},
    [WAY_LAST_ENTRY] = {"call through an unused table entry", "die", 1},
    [WAY_UD2] = {"illegal instruction", "die_by_ud2", 1},
    [WAY_INT3] = {"breakpoint", "die_by_int3", 1},
    [WAY_DIVIDE] = {"divide error", "die_by_divide", 1},
    [WAY_DATA_STACK] = {"bad memory access", "die_by_big_frames", 1},
    [WAY_TRUSTED_STACK] = {"", "die_by_recursion", 1},
    [WAY_PANIC] = {"panic: as ordered", "die_by_panic", 1},
    [WAY_LOG_POINTER] = {"service: text at a bad address", "die_by_service", 1},
    [WAY_PANIC_POINTER] = {"service: text at a bad address",
                           "die_by_service", 1},
    [WAY_ARGUMENTS_POINTER] = {"service: buffer at a bad address",
                               "die_by_service", 1},
    [WAY_ARGUMENTS_TEXT] = {"service: buffer at a bad address",
                            "die_by_service", 1},
    [WAY_SERVICE_TOO_DEEP] = {"trusted stack used up",
                              "die_by_deep_service", 1},
};

static void check_report(uint32_t way)
{
    const struct domain_death *death = &b.domain->death;
    uint32_t distance = 0;
    const char *symbol =
        image_symbol(&b.domain->image, death->address, &distance);

    ck_assert_msg(strstr(death->cause, ways[way].cause) && death->cause[0],
                  "way %u: '%s'", way, death->cause);
    ck_assert_msg(symbol && strcmp(symbol, ways[way].symbol) == 0,
                  "way %u: at 0x%x (%s)", way, death->address,
                  symbol ? symbol : "no symbol");
    if (ways[way].address != 1)
        ck_assert_uint_eq(death->fault_address - b.domain->base,
                          ways[way].address);
}

static void give_arguments(void)
{
    strcpy(b.domain->arguments, "some arguments");
}

/* Thesis 2 (Proxies): execution winds back to the proxy, and the fault is
 * isolated. Design, section 5: moved objects die with the callee. */
START_TEST(each_way_to_die_ends_only_the_domain_that_takes_it)
{
    uint64_t apple = actor_apple(&a, 5), kept = actor_apple(&b, 6);

    give_arguments();
    room(&a, 0)[0] = apple;
    ck_rpc(actor_call(&a, CRASH, to_b, (uint64_t)_i, room_at(&a, 0),
                      room_at(&a, OUT), 0, 0, 0),
           RPC_CRASHED, 0);

    ck_assert(!is_alive(&b));
    ck_assert_uint_ne(b.order->seen[5], 0xdead);
    check_report((uint32_t)_i);
    /* Moved objects die with the callee. */
    ck_assert_uint_eq(room(&a, 0)[0], 0);
    ck_assert_uint_eq(room(&a, OUT)[0], 0);
    ck_assert(!is_live(apple));
    ck_assert(!is_live(kept));
    ck_assert_uint_eq(live_objects(), 0);
    ck_assert_int_eq(a.domain->shared_bytes, 0);
    check_others_go_on();
    ck_rpc(actor_call(&a, NARROW, to_b, 0, 0, 0, 0, 0, 0), RPC_DEAD, 0);
}
END_TEST

/* Thesis 3.2.6: when the borrower panics, the reference goes back to its owner
 * and remains valid. */
START_TEST(each_way_to_die_gives_loans_back)
{
    uint64_t apple = actor_apple(&a, 5);

    give_arguments();
    ck_rpc(actor_call(&a, CRASH_LENT, to_b, (uint64_t)_i, apple, 0, 0, 0, 0),
           RPC_CRASHED, 0);

    ck_assert(!is_alive(&b));
    ck_assert_uint_eq(owner_of_handle(apple), ID(a));
    ck_assert_uint_eq(borrows_of(apple), 0);
    ck_assert_int_eq(a.domain->shared_bytes, APPLE_BYTES);
    check_others_go_on();
    ck_assert(rref_drop(thread_current(), a.domain, apple));
}
END_TEST

/* Design, section 5: the domain executing at that moment dies, here at the
 * start of a thread of its own, called by nobody. */
START_TEST(each_way_to_die_can_end_a_domains_own_thread)
{
    uint32_t value;

    give_arguments();
    ck_rpc(crossing_run(b.domain, b.step, STEP_DIE, (uint64_t)_i, &value),
           RPC_CRASHED, 0);
    ck_assert(!is_alive(&b));
    check_report((uint32_t)_i);
    check_others_go_on();
}
END_TEST

/* Design, section 4 (death of d, early pass): each {d, n} becomes {orphan, n},
 * which nobody can move, drop or lend afresh. */
START_TEST(an_orphan_is_of_no_use_to_anybody)
{
    uint64_t apple = actor_apple(&a, 5);
    uint64_t b_to_c = actor_link(&b, &c, "test");
    struct registry_record *record = registry_find(apple);

    record->word += OWNER_ONE_BORROW;
    domain_kill(a.domain, thread_current());
    ck_assert_uint_eq(owner_of(record->word), DOMAIN_ORPHAN);

    room(&b, 0)[0] = apple;
    ck_rpc(actor_call(&b, TAKE, b_to_c, room_at(&b, 0), 0, 0, 0, 0, 0),
           RPC_REFUSED, 0);
    ck_rpc(actor_call(&b, LOOK, b_to_c, apple, room_at(&b, OUT), 0, 0, 0, 0),
           RPC_REFUSED, 0);
    ck_assert(!rref_drop(thread_current(), b.domain, apple));
    ck_assert_uint_eq(owner_of(record->word), DOMAIN_ORPHAN);
    ck_assert_uint_eq(owner_borrows(record->word), 1);
    heap_free(&thread_current()->cache, record,
              record->word - OWNER_ONE_BORROW);
}
END_TEST

/* Design, section 3: over quota is an error to the caller, never a crash. */
START_TEST(a_domain_over_quota_gets_nothing_and_lives)
{
    uint64_t handle;
    uint32_t count = 0;

    b.domain->shared_quota = 10 * APPLE_BYTES;
    while ((handle = rref_new(thread_current(), b.domain, &type_test_apple)))
        count++;
    ck_assert_uint_eq(count, 10);
    ck_assert(is_alive(&b));
}
END_TEST

static uint64_t resident_pages(void)
{
    unsigned long size = 0, resident = 0;
    FILE *statm = fopen("/proc/self/statm", "r");

    ck_assert_ptr_nonnull(statm);
    ck_assert_int_eq(fscanf(statm, "%lu %lu", &size, &resident), 2);
    fclose(statm);
    return resident;
}

static void live_and_die(uint32_t number)
{
    struct actor d = actor_new("mayfly");
    uint64_t cap = actor_link(&c, &d, "test"), kept;

    /* ways that take long are left out */
    while (number % WAY_COUNT == WAY_TRUSTED_STACK ||
           number % WAY_COUNT == WAY_SERVICE_TOO_DEEP)
        number++;
    kept = actor_apple(&d, 1);
    room(&c, 0)[0] = actor_apple(&c, 2);
    ck_rpc(actor_call(&c, CRASH, cap, number % WAY_COUNT, room_at(&c, 0),
                      room_at(&c, OUT), 0, 0, 0),
           RPC_CRASHED, 0);
    ck_assert(!is_live(kept));
    actor_end(&d);
    (void)capability_revoke(c.domain, cap, false);
}

/* Thesis 2 (Shared Heap): the kernel can safely unload a domain and free what
 * it owned. Design, section 5: and its slot, over and over. */
START_TEST(thousands_of_lives_leave_nothing_behind)
{
    uint64_t before, after;
    uint32_t i;

    for (i = 0; i < 200; i++)
        live_and_die(i);
    before = resident_pages();
    for (i = 0; i < LIVES; i++)
        live_and_die(i);
    after = resident_pages();

    ck_assert_uint_le(after, before + LEAK_PAGES);
    ck_assert_uint_eq(live_objects(), 0);
}
END_TEST

/* docs/SECURITY.md, "Hostile input": arguments of a service get an error value
 * or the domain dies. Here they are numbers, not pointers. */
START_TEST(no_argument_of_a_service_harms_the_kernel)
{
    static const uint64_t values[] = {0,           1,           64,
                                      0xfff,       0x1000,      0x7fffffff,
                                      0x80000000,  0xffffffff,  1ull << 32,
                                      0x100000001, 1ull << 63,  ~0ull,
                                      0x3ffff000,  0x123456789, 0x40000000};
    uint32_t service, i, j;

    for (service = 2; service < TP_SERVICE_COUNT + 2; service++) {
        /* Die, as tested above and in test_services.c. */
        if (service == TP_SERVICE_ARGUMENTS || service == TP_SERVICE_COUNTER)
            continue;
        for (i = 0; i < 15; i++) {
            for (j = 0; j < 15; j++) {
                const uint64_t arguments[6] = {values[i], values[j], ~0ull};

                actor_order(&b, (enum method)service, 0, arguments);
                ck_rpc(actor_step(&b, STEP_SERVICE, 0, NULL), RPC_OK, 0);
            }
        }
    }
    ck_assert_uint_le(b.domain->private_break, b.domain->private_limit);
    check_others_go_on();
}
END_TEST

/* docs/MANIFEST.md, "domain NAME OPTION...": args= is handed over by
 * tp_arguments(), cut to the room there is; the answer is its whole length. */
START_TEST(arguments_are_copied_as_far_as_there_is_room)
{
    const uint64_t whole[6] = {room_at(&b, 0), 100};
    const uint64_t part[6] = {room_at(&b, 256), 4};
    const uint64_t none[6] = {0, 0};

    give_arguments();
    actor_order(&b, (enum method)TP_SERVICE_ARGUMENTS, 0, whole);
    ck_rpc(actor_step(&b, STEP_SERVICE, 0, NULL), RPC_OK, 0);
    ck_assert_uint_eq(b.order->answer, 14);
    ck_assert_int_eq(memcmp(room(&b, 0), "some arguments\0", 15), 0);
    actor_order(&b, (enum method)TP_SERVICE_ARGUMENTS, 0, part);
    ck_rpc(actor_step(&b, STEP_SERVICE, 0, NULL), RPC_OK, 0);
    ck_assert_uint_eq(b.order->answer, 14);
    ck_assert_int_eq(memcmp(room(&b, 256), "some\0", 5), 0);
    actor_order(&b, (enum method)TP_SERVICE_ARGUMENTS, 0, none);
    ck_rpc(actor_step(&b, STEP_SERVICE, 0, NULL), RPC_OK, 0);
    ck_assert_uint_eq(b.order->answer, 14);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("crash");
    TCase *tests = tcase_create("crash");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests,
                        each_way_to_die_ends_only_the_domain_that_takes_it, 0,
                        WAY_COUNT);
    tcase_add_loop_test(tests, each_way_to_die_gives_loans_back, 0, WAY_COUNT);
    tcase_add_loop_test(tests, each_way_to_die_can_end_a_domains_own_thread, 0,
                        WAY_COUNT);
    tcase_add_test(tests, an_orphan_is_of_no_use_to_anybody);
    tcase_add_test(tests, a_domain_over_quota_gets_nothing_and_lives);
    tcase_add_test(tests, no_argument_of_a_service_harms_the_kernel);
    tcase_add_test(tests, arguments_are_copied_as_far_as_there_is_room);
    tcase_add_test(tests, thousands_of_lives_leave_nothing_behind);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
