/* SPDX-License-Identifier: MIT */
/*
 * test_replace.c - a domain that runs is replaced by another version of its
 * file: what others hold of it goes on, what does not fit is refused and harms
 * nobody. Both versions are files of the test domain (rig.h).
 * Source: thesis 2 (Domains, Proxies); design, section 5.
 */
#include "rig.h"
#include "tepal_trusted/estate.h"
#include "tepal_trusted/obituary.h"
#include "tepal_trusted/restart.h"
#include <stdlib.h>
#include <string.h>

static struct actor a, b;
static uint64_t to_b, apple;
static struct rig_file files[2]; /* the second first: it takes turns */

static void setup(void)
{
    host_log_to(-1);
    a = actor_new("a");
    b = actor_new("b");
    to_b = actor_link(&a, &b, "test");
    apple = actor_apple(&a, 5);
    files[0] = rig_domain("tests/crossing/domains/second");
    files[1] = rig_domain("tests/crossing/domains/fruit");
}

static void teardown(void)
{
    ck_assert_uint_eq(borrows_of(apple), 0);
    actors_end();
    ck_assert_uint_eq(live_objects(), 0);
    free(files[0].bytes);
    free(files[1].bytes);
}

static bool set_next(struct rig_file file, struct load_error *error)
{
    return domain_set_next(b.domain, file.bytes, file.size, error);
}

static void replace(uint32_t number)
{
    struct load_error error = {""};

    ck_assert_msg(set_next(files[number], &error), "%s", error.text);
    domain_restart(b.domain);
}

static void refuse(struct rig_file file, const char *why)
{
    struct load_error error = {""};

    ck_assert(!set_next(file, &error));
    ck_assert_msg(strstr(error.text, why) != NULL, "'%s', not '%s'", error.text,
                  why);
}

/* A call that may be repeated. */
static struct rpc look(void)
{
    return actor_call(&a, CRASH_LENT, to_b, WAY_COUNT, apple, 0, 0, 0, 0);
}

static bool is_second(void)
{
    const struct image *image = &b.domain->image;
    uint32_t address, offset;

    for (address = image->text.address; address < b.domain->text_end;
         address++) {
        const char *name = image_symbol(image, address, &offset);

        if (name && strcmp(name, "only_in_the_second_version") == 0)
            return true;
    }
    return false;
}

/* Where the order of this version is. */
static void find_order(void)
{
    b.step = domain_find_export(b.domain, "test_driver")->entries[0];
    ck_rpc(actor_step(&b, STEP_WHERE, 0, &b.where), RPC_OK, 0);
    b.order = (struct order *)(b.domain->base + b.where);
}

/* Thesis 2 (Proxies), shadows: the caller sees nothing of it. */
START_TEST(the_next_life_runs_the_new_file)
{
    uint32_t where = b.where, i;

    ck_assert(!is_second());
    for (i = 0; i < 5; i++) {
        replace(i % 2);
        ck_rpc(look(), RPC_OK, 0);
        ck_assert_uint_eq(b.domain->version, i + 1);
        ck_assert_uint_eq(b.domain->generation, i + 2);
        ck_assert_int_eq(is_second(), i % 2 == 0);
        find_order();
        ck_assert_int_eq(b.where != where, i % 2 == 0);
    }
    ck_assert_uint_eq(domain_frames(b.domain), 0);
}
END_TEST

/* Rule: it is an order, and no crash: whatever the policy, and nobody's fault. */
START_TEST(no_policy_stands_against_it)
{
    static struct obituary obituary;

    while (obituary_take(&obituary))
        ;
    b.domain->restart.policy = RESTART_NEVER;
    replace(0);
    ck_rpc(look(), RPC_OK, 0);
    ck_assert_uint_eq(b.domain->crashes, 0);
    ck_assert(!obituary_take(&obituary));

    domain_end(b.domain, "as ordered");
    ck_rpc(look(), RPC_DEAD, 0);
    domain_restart(b.domain);
    ck_rpc(look(), RPC_OK, 0);
    ck_assert_uint_eq(b.domain->generation, 3);
    ck_assert(is_second());
}
END_TEST

/* Rule: a death of its own, before the order to end it, begins it as well. */
START_TEST(any_death_begins_it)
{
    struct load_error error = {""};

    b.domain->restart = (struct domain_restart){.policy = RESTART_ON_CRASH};
    ck_assert(set_next(files[0], &error));
    ck_rpc(look(), RPC_OK, 0);
    ck_assert(!is_second());
    refuse(files[1], "has not begun to run");
    domain_end(b.domain, "as ordered");
    ck_rpc(look(), RPC_OK, 0);
    ck_assert(is_second());
}
END_TEST

/* docs/MANIFEST.md: what its line gives it is for all versions. */
START_TEST(quotas_stay)
{
    uint64_t room = 7 * TP_PAGE;

    b.domain->shared_quota = 3 * APPLE_BYTES;
    domain_set_private_quota(b.domain, room);
    replace(0);
    ck_rpc(look(), RPC_OK, 0);

    ck_assert(is_second());
    ck_assert_int_eq(b.domain->shared_quota, 3 * APPLE_BYTES);
    ck_assert_uint_eq(b.domain->private_limit - b.domain->image_end, room);
}
END_TEST

/* docs/ABI.md, "Services": what is kept goes to the next life, of its file or
 * another. */
START_TEST(what_is_kept_is_inherited)
{
    uint64_t kept = actor_apple(&b, 7), other = actor_apple(&b, 8);

    ck_assert(estate_keep(b.domain, "state", kept));
    replace(0);
    ck_rpc(look(), RPC_OK, 0);

    ck_assert_uint_eq(estate_find(b.domain, "state", &type_test_apple), kept);
    ck_assert_uint_eq(*payload_of(kept), 7);
    ck_assert(!is_live(other));
    ck_assert_int_eq(b.domain->shared_bytes, APPLE_BYTES);
}
END_TEST

static void check_untouched(void)
{
    ck_assert_uint_eq(b.domain->generation, 1);
    ck_assert_uint_eq(b.domain->version, 0);
    ck_assert_uint_eq(b.domain->has_next, 0);
    ck_assert(domain_is_alive(b.domain));
    ck_rpc(look(), RPC_OK, 0);
    ck_assert(!is_second());
}

/* Design, section 6: a file is refused before it has done anything. */
START_TEST(what_is_no_version_of_it_is_refused)
{
    struct rig_file driver = rig_file("domains/ixgbe.dom");
    struct rig_file forward = rig_file("domains/forward.dom");
    uint32_t slots = domain_slots(), i;
    struct rig_file file;

    refuse((struct rig_file){(uint8_t *)"no domain", 9}, "not a domain file");
    refuse((struct rig_file){NULL, 0}, "not a domain file");
    for (i = 0; i < 100; i++) {
        file = files[0];
        file.size = file.size * i / 100;
        refuse(file, "");
    }
    refuse(driver, "export");
    refuse(forward, "exports 0 interfaces");
    check_untouched();
    ck_assert_uint_le(domain_slots(), slots + 1);
    free(driver.bytes);
    free(forward.bytes);
}
END_TEST

/* Design, section 6: the verifier sees each version. */
START_TEST(unsafe_text_is_refused)
{
    uint8_t *text = files[0].bytes + b.domain->image.text.file_offset;
    uint32_t i;

    for (i = 0; i < b.domain->image.text.file_bytes; i++)
        text[i] = i % 2 ? 0x05 : 0x0f; /* syscall */
    refuse(files[0], "refused by the verifier");
    check_untouched();
}
END_TEST

/* Rule: however a file was damaged, it is refused or runs as any other. */
START_TEST(damaged_files_harm_nobody)
{
    uint32_t i, refused = 0;

    srandom(1);
    for (i = 0; i < 2000; i++) {
        uint8_t *byte = &files[0].bytes[(uint64_t)random() % files[0].size];
        uint8_t before = *byte;
        struct load_error error;

        *byte ^= (uint8_t)(1 + random() % 255);
        if (set_next(files[0], &error)) {
            domain_restart(b.domain);
            (void)look();
            ck_assert_uint_eq(borrows_of(apple), 0);
        } else {
            refused++;
        }
        *byte = before;
        replace(1);
        ck_rpc(look(), RPC_OK, 0);
    }
    ck_assert_uint_gt(refused, 100);
    ck_assert_uint_lt(refused, 2000);
    find_order();
}
END_TEST

/* Rule: memory that a version had is unmapped, its data stacks come anew. */
START_TEST(nothing_is_left_of_a_version)
{
    uint32_t slots, i;

    replace(0);
    ck_rpc(look(), RPC_OK, 0);
    slots = domain_slots();
    for (i = 0; i < 500; i++) {
        replace(1 - i % 2);
        ck_rpc(look(), RPC_OK, 0);
    }
    ck_assert_uint_eq(domain_slots(), slots);
    ck_assert_uint_eq(b.domain->version, 501);
}
END_TEST

static void call_on(void *context)
{
    struct rpc *rpc = context;

    *rpc = actor_step(&a, STEP_CALLS, 0, NULL);
}

#define TURNS 200
/* Rule: traffic goes on while it is replaced again and again. */
START_TEST(callers_on_another_thread_see_no_error)
{
    uint64_t arguments[6] = {WAY_COUNT, apple};
    struct rpc rpc = {RPC_BUSY, 0};
    struct host_thread *caller;
    uint32_t i;

    b.domain->open = _i == 1;
    thread_let_go(a.domain);
    thread_let_go(b.domain);
    actor_order(&a, CRASH_LENT, to_b, arguments);
    a.order->spin = SPIN_IN_TEXT;
    caller = host_spawn(call_on, &rpc);
    ck_assert_ptr_nonnull(caller);
    for (i = 0; i < TURNS; i++) {
        uint64_t made = __atomic_load_n(&a.order->made, __ATOMIC_RELAXED);

        replace(i % 2);
        while (__atomic_load_n(&b.domain->has_next, __ATOMIC_ACQUIRE) ||
               __atomic_load_n(&a.order->made, __ATOMIC_RELAXED) < made + 2)
            cpu_relax();
    }
    __atomic_store_n(&a.order->spin, 0, __ATOMIC_RELAXED);
    host_join(caller);

    ck_rpc(rpc, RPC_OK, 0);
    ck_assert_uint_eq(a.order->first_failure, 0);
    ck_assert_uint_eq(b.domain->version, TURNS);
    ck_assert_uint_eq(domain_frames(b.domain), 0);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("replace");
    TCase *tests = tcase_create("replace");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, the_next_life_runs_the_new_file);
    tcase_add_test(tests, no_policy_stands_against_it);
    tcase_add_test(tests, any_death_begins_it);
    tcase_add_test(tests, quotas_stay);
    tcase_add_test(tests, what_is_kept_is_inherited);
    tcase_add_test(tests, what_is_no_version_of_it_is_refused);
    tcase_add_test(tests, unsafe_text_is_refused);
    tcase_add_test(tests, damaged_files_harm_nobody);
    tcase_add_test(tests, nothing_is_left_of_a_version);
    tcase_add_loop_test(tests, callers_on_another_thread_see_no_error, 0, 2);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
