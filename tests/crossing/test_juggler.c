/* SPDX-License-Identifier: MIT */
/*
 * test_juggler.c - containers of real objects in a real domain: random
 * operations, calls to a neighbour among them, against the domain's own model;
 * afterwards nothing is left over. TP_TEST_OPERATIONS sets how many, 10^7 if it
 * is not set.
 * Source: thesis 3.3, 3.4; design, section 4 (Containers).
 */
#include "domains/juggler.h"
#include "rig.h"
#include <stdlib.h>

#define STEPS 10000000u
#define PAUSES 20 /* after each, accounts are compared with the registry */

static struct rig_file file;
static struct domain *juggler;
static struct actor neighbour;

static void load(bool open)
{
    struct load_error error = {""};

    juggler = domain_load("juggler", file.bytes, file.size, &error);
    ck_assert_msg(juggler != NULL, "%s", error.text);
    neighbour = actor_new("neighbour");
    juggler->open = neighbour.domain->open = open;
    if (open)
        neighbour.domain->affine = NULL; /* it was entered when it was made */
    ck_assert_msg(domain_wire(juggler, "neighbour", neighbour.domain, "test",
                              &error),
                  "%s", error.text);
    domain_open_up(juggler);
}

static uint32_t juggle(enum juggle what, uint64_t value)
{
    uint32_t returned = 0;

    ck_rpc(crossing_run(juggler,
                        domain_find_export(juggler, "test_driver")->entries[0],
                        what, value, &returned),
           RPC_OK, 0);
    return returned;
}

static uint64_t steps(void)
{
    const char *wanted = getenv("TP_TEST_OPERATIONS");
    uint64_t count = wanted ? strtoull(wanted, NULL, 0) : 0;

    return (count ? count : STEPS) / PAUSES;
}

struct sum {
    int64_t ours, others;
    uint32_t lent;
};

static void add_record(struct registry_record *record, void *context)
{
    struct sum *sum = context;

    if (owner_of(record->word) == DOMAIN_NOBODY)
        return;
    if (owner_of(record->word) == juggler->id)
        sum->ours += record->type->heap_bytes;
    else
        sum->others += record->type->heap_bytes;
    sum->lent += owner_borrows(record->word);
}

/* Between two calls the neighbour has nothing, and nothing is lent. */
static void compare_accounts(void)
{
    struct sum sum = {0};

    heap_visit(add_record, &sum);
    ck_assert_int_eq(juggler->shared_bytes, sum.ours);
    ck_assert_int_eq(neighbour.domain->shared_bytes, 0);
    ck_assert_int_eq(sum.others, 0);
    ck_assert_uint_eq(sum.lent, 0);
}

/*
 * Thesis 3.3, 3.4: what goes into a container comes out of it, in order, also
 * after another domain had it; and nothing else does. Affine, then open.
 */
START_TEST(juggled_fruit_comes_back_and_none_is_left)
{
    uint32_t i;

    load(_i == 1);

    for (i = 0; i < PAUSES; i++) {
        ck_assert_uint_eq(juggle(JUGGLE_STEPS, steps()), 0);
        compare_accounts();
    }
    ck_assert_uint_eq(juggle(JUGGLE_DROP, 0), 0);

    ck_assert_uint_eq(live_objects(), 0);
    ck_assert_int_eq(juggler->shared_bytes, 0);
    compare_accounts();
    for (i = 0; i < OPERATIONS; i++)
        ck_assert_uint_gt(juggle(JUGGLE_COUNT, i), 0);
}
END_TEST

static void teardown(void)
{
    domain_kill(juggler, thread_current());
    domain_release(juggler);
    actors_end();
    ck_assert_uint_eq(live_objects(), 0);
}

static void read_file(void)
{
    if (!file.bytes)
        file = rig_domain("tests/crossing/domains/juggler");
}

int main(int argc, char **argv)
{
    Suite *suite = suite_create("juggler");
    TCase *tests = tcase_create("juggler");

    tcase_add_checked_fixture(tests, read_file, teardown);
    tcase_add_loop_test(tests, juggled_fruit_comes_back_and_none_is_left, 0,
                        2);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
