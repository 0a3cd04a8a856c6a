/* SPDX-License-Identifier: MIT */
/*
 * test_scale.c - a thousand domains in one process: what an idle one costs,
 * and that it costs nothing any more when it has been unloaded.
 *
 * What is measured is printed. It is what Linux says of the whole process
 * before and after, divided by the number of domains: the proportional set
 * size (code, data and stacks in the slots, and the kernel's structures, which
 * are memory of the process too), page tables, mappings.
 * Source: design, sections 2 and 9 (slots, mappings); docs/ABI.md, "Slot".
 */
#define _GNU_SOURCE
#include "arch/pages.h"
#include "rig.h"
#include "sure.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CROWD 1000u
#define IDLE_BYTES_MAX 0x40000u
#define MAPPINGS_MAX 12u
#define SLOTS_MAX 4096u
#define CALLERS 2

/* A sanitizer's shadow memory is charged to nobody: it is not the domain's. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SHADOWED true
#else
#define SHADOWED false
#endif

static struct rig_file mover_file, bench_file, fruit_file;
static struct domain *crowd[CROWD];
static uint32_t crowd_size;
static struct domain *mover, *looker; /* they call those of the crowd */

static struct domain *load(const char *name, const struct rig_file *file)
{
    struct load_error error = {""};
    struct domain *domain = domain_load(name, file->bytes, file->size, &error);

    if (!domain)
        ck_abort_msg("%s: %s", name, error.text);
    domain_open_up(domain);
    return domain;
}

/* Under ThreadSanitizer there is room for fewer: as many as fit. */
static void load_crowd(const struct rig_file *file)
{
    uint32_t room = slot_count() - 1 - CALLERS;
    uint32_t wanted = room < CROWD ? room : CROWD;

    for (crowd_size = 0; crowd_size < wanted; crowd_size++)
        crowd[crowd_size] = load("one of many", file);
}

static void end(struct domain *domain)
{
    domain_kill(domain, thread_current());
    domain_release(domain);
}

static void end_crowd(void)
{
    while (crowd_size)
        end(crowd[--crowd_size]);
}

/* Its only capability, called @cap in its file, is for @callee now. */
static void point(struct domain *caller, const char *cap,
                  struct domain *callee, const char *export)
{
    struct load_error error;

    (void)capability_revoke(caller, 1, false);
    sure(domain_wire(caller, cap, callee, export, &error));
}

static uint32_t run(struct domain *domain, uint64_t a, uint64_t b)
{
    const struct domain_export *last =
        &domain->exports[domain->export_count - 1];
    uint32_t value = 0;
    struct rpc rpc = crossing_run(domain, last->entries[0], a, b, &value);

    sure(rpc.result == RPC_OK);
    return value;
}

/* An object goes there and comes back: its handle lies on @callee's stack. */
static void move_there_and_back(struct domain *callee)
{
    const uint32_t what_move = 1;
    uint64_t before = domain_crossings(callee);

    point(mover, "bench", callee, "bench");
    sure(run(mover, what_move, 1) == 0);
    sure(domain_crossings(callee) == before + 1);
}

/* @callee reads an object through its own view of the shared heap. */
static void look_at_it(struct domain *callee)
{
    uint64_t apple =
        rref_new(thread_current(), looker, &type_test_apple);
    uint32_t where = run(looker, STEP_WHERE, 0);
    struct order *order = (struct order *)(looker->base + where);

    *(uint64_t *)registry_payload(registry_find(apple)) = apple ^ 7;
    point(looker, "neighbour", callee, "test");
    order->method = LOOK;
    order->cap = 1;
    order->argument[0] = apple;
    order->argument[1] = where + offsetof(struct order, room);
    sure(run(looker, STEP_CALL, 0) == 0);
    sure(order->answer == RPC_OK);
    sure(*(uint64_t *)(void *)order->room == (apple ^ 7));
    sure(rref_drop(thread_current(), looker, apple));
}

/* What Linux says after @key, in KiB. */
static uint64_t kib_of(const char *path, const char *key)
{
    FILE *file = fopen(path, "r");
    unsigned long kib = 0;
    char line[256];
    bool found = false;

    ck_assert_ptr_nonnull(file);
    while (!found && fgets(line, sizeof(line), file))
        found = strncmp(line, key, strlen(key)) == 0 &&
                sscanf(line + strlen(key), "%lu kB", &kib) == 1;
    fclose(file);
    ck_assert_msg(found, "no %s in %s", key, path);
    return kib;
}

struct footprint {
    uint64_t resident, tables; /* KiB */
    uint32_t mappings;
    uint32_t worst; /* mappings that reach into one slot, at most */
};

static struct footprint at_first; /* before any domain */

/* Count the mapping in each slot that it reaches into. */
static void count_mapping(uint8_t *counts, uintptr_t start, uintptr_t last)
{
    uint32_t slot;

    for (slot = 1; slot < slot_count(); slot++) {
        uintptr_t base = slot_base(slot);

        if (base > last)
            return;
        if (base + TP_SLOT_SIZE > start)
            counts[slot]++;
    }
}

static void count_mappings(struct footprint *footprint)
{
    static uint8_t counts[SLOTS_MAX];
    FILE *file = fopen("/proc/self/maps", "r");
    unsigned long start, past;
    char line[4300];
    uint32_t slot;

    ck_assert_ptr_nonnull(file);
    memset(counts, 0, sizeof(counts));
    while (fgets(line, sizeof(line), file)) {
        sure(sscanf(line, "%lx-%lx", &start, &past) == 2);
        footprint->mappings++;
        if (start < slot_base(slot_count()) && past > slot_base(0))
            count_mapping(counts, start, past - 1);
    }
    fclose(file);
    for (slot = 1; slot < slot_count(); slot++)
        if (counts[slot] > footprint->worst)
            footprint->worst = counts[slot];
}

static struct footprint take_footprint(void)
{
    struct footprint footprint = {0};

    footprint.resident = kib_of("/proc/self/smaps_rollup", "Pss:");
    footprint.tables = kib_of("/proc/self/status", "VmPTE:");
    count_mappings(&footprint);
    return footprint;
}

static void setup(void)
{
    if (!at_first.mappings)
        at_first = take_footprint();
    mover = load("mover", &mover_file);
    looker = load("looker", &fruit_file);
}

static void teardown(void)
{
    end_crowd();
    end(mover);
    end(looker);
    ck_assert_uint_eq(heap_statistics().live_objects, 0);
}

/* Units: bytes for each domain. */
static int64_t each(uint64_t before, uint64_t after, uint32_t count)
{
    return ((int64_t)after - (int64_t)before) * 1024 / count;
}

static int64_t print_growth(const char *what, const struct footprint *before,
                            const struct footprint *after, uint32_t count)
{
    int64_t resident = each(before->resident, after->resident, count);
    int64_t tables = each(before->tables, after->tables, count);

    printf("# %u x %s: %ld bytes each (%ld resident, %ld page tables), "
           "%u mappings in all, at most %u in a slot\n",
           count, what, resident + tables, resident, tables, after->mappings,
           after->worst);
    return resident + tables;
}

static const struct {
    const char *name;
    const struct rig_file *file;
    void (*call)(struct domain *domain);
} kinds[] = {
    {"bench_callee.dom", &bench_file, move_there_and_back},
    {"fruit.dom", &fruit_file, look_at_it},
};
#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

/*
 * Design, section 9: each slot needs at most 12 mappings, of 65,530 that there
 * are. Rule: an idle domain costs less than 256 KiB.
 */
START_TEST(an_idle_domain_costs_under_256_kib_and_12_mappings)
{
    struct footprint before, after;
    int64_t bytes;
    uint32_t i;

    before = take_footprint();
    load_crowd(kinds[_i].file);
    for (i = 0; i < crowd_size; i++)
        kinds[_i].call(crowd[i]);
    after = take_footprint();

    bytes = print_growth(kinds[_i].name, &before, &after, crowd_size);
    ck_assert_int_gt(bytes, TP_PAGE); /* else nothing was measured */
    if (!SHADOWED)
        ck_assert_int_lt(bytes, IDLE_BYTES_MAX);
    ck_assert_uint_gt(after.worst, 5); /* table, text, data, stack, heap */
    ck_assert_uint_le(after.worst, MAPPINGS_MAX);
}
END_TEST

/*
 * The last of them works as the first does, and in any order.
 * Rule: a domain costs a slot and little else (design, section 2).
 */
START_TEST(each_of_a_thousand_domains_answers)
{
    uint32_t round, i;

    load_crowd(&fruit_file);
    if (slot_count() == SLOTS_MAX)
        ck_assert_uint_eq(crowd_size, CROWD);
    for (round = 0; round < 3; round++)
        for (i = 0; i < crowd_size; i++)
            look_at_it(crowd[(i * 7 + round) % crowd_size]);
}
END_TEST

/* Design, section 1: unloading frees the slot. What stays is the kernel's
 * structure, which is the same one in the slot's next life. */
START_TEST(unloaded_domains_leave_nothing_but_their_structures)
{
    struct footprint once, twice;
    int64_t bytes;
    uint32_t i, count;

    load_crowd(&fruit_file);
    for (i = 0; i < crowd_size; i++)
        look_at_it(crowd[i]);
    count = crowd_size;
    end_crowd();
    once = take_footprint();
    load_crowd(&fruit_file);
    end_crowd();
    twice = take_footprint();

    bytes = print_growth("fruit.dom, unloaded", &at_first, &once, count);
    if (!SHADOWED)
        ck_assert_int_lt(bytes, sizeof(struct domain) + TP_PAGE / 4);
    ck_assert_uint_le(once.mappings,
                      at_first.mappings + CALLERS * MAPPINGS_MAX);
    bytes = print_growth("fruit.dom, and once more", &once, &twice, count);
    if (!SHADOWED)
        ck_assert_int_lt(bytes, TP_PAGE / 16);
    ck_assert_uint_le(twice.mappings, once.mappings);
}
END_TEST

static void read_files(void)
{
    mover_file = rig_file("domains/bench_caller.dom");
    bench_file = rig_file("domains/bench_callee.dom");
    fruit_file = rig_file("tests/crossing/domains/fruit.dom");
}

static void free_files(void)
{
    free(mover_file.bytes);
    free(bench_file.bytes);
    free(fruit_file.bytes);
}

int main(int argc, char **argv)
{
    static const struct host_options options = {.heap_bytes = 0x1000000};
    Suite *suite = suite_create("scale");
    TCase *tests = tcase_create("domains");

    tcase_add_unchecked_fixture(tests, read_files, free_files);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests,
                        an_idle_domain_costs_under_256_kib_and_12_mappings, 0,
                        KINDS);
    tcase_add_test(tests, each_of_a_thousand_domains_answers);
    tcase_add_test(tests, unloaded_domains_leave_nothing_but_their_structures);
    suite_add_tcase(suite, tests);
    return rig_run(suite, argc, argv, &options);
}
