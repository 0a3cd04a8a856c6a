/* SPDX-License-Identifier: MIT */
/*
 * test_obituary.c - what is filed of a death: the chain of crossings, what was
 * freed and what waits, whose loans went back; and what the ring does when
 * nobody empties it.
 * Source: design, section 5.
 */
#include "rig.h"
#include <string.h>

static struct actor a, b, c;
static uint64_t to_b;
static struct obituary found;

static void setup(void)
{
    host_log_to(-1);
    a = actor_new("a");
    b = actor_new("b");
    c = actor_new("c");
    to_b = actor_link(&a, &b, "test");
}

static void teardown(void)
{
    actors_end();
    while (obituary_take(&found))
        ;
    ck_assert_uint_eq(live_objects(), 0);
}

#define OUT 512

static void check_frame(uint32_t i, const char *name, const char *interface,
                        const char *symbol)
{
    const struct death_frame *frame = &found.death.chain[i];
    const char *got;
    uint32_t offset;

    ck_assert_str_eq(frame->name, name);
    if (interface)
        ck_assert_str_eq(frame->interface, interface);
    else
        ck_assert_ptr_null(frame->interface);
    got = image_symbol(&frame->domain->image, frame->address, &offset);
    ck_assert_msg(got && strcmp(got, symbol) == 0, "frame %u: %s", i,
                  got ? got : "no symbol");
}

/* Rule: the chain names each domain on the thread, where it was and by which
 * method it came there; nobody but the last was called by nobody. */
START_TEST(the_chain_names_every_domain_on_the_thread)
{
    uint64_t apple = actor_apple(&a, 5);

    actor_will_call(&b, &c, CRASH_LENT, WAY_NULL_WRITE, apple, 0);
    ck_rpc(actor_call(&a, LOOK, to_b, apple, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_OK, 0);

    ck_assert(obituary_take(&found));
    ck_assert_str_eq(found.name, "c");
    ck_assert_str_eq(found.death.cause, "bad memory access");
    ck_assert_uint_eq(found.death.chain_length, 3);
    check_frame(0, "c", "test", "die_by_write");
    ck_assert_str_eq(found.death.chain[0].method, "crash_lent");
    ck_assert_str_eq(found.death.chain[1].method, "look");
    ck_assert_str_eq(found.death.chain[1].name, "b");
    ck_assert_str_eq(found.death.chain[2].name, "a");
    ck_assert_ptr_null(found.death.chain[2].interface);
    ck_assert_uint_ne(found.death.chain[1].address, 0);
    ck_assert_uint_ne(found.death.chain[2].address, 0);
    ck_assert(!obituary_take(&found));
    ck_assert(rref_drop(thread_current(), a.domain, apple));
}
END_TEST

/* Design, section 4 (death): what it owned alone is freed; counted by type. */
START_TEST(what_was_freed_is_counted_by_type)
{
    actor_apple(&b, 1);
    actor_apple(&b, 2);
    actor_pear(&b, 3, 0);
    room(&a, 0)[0] = actor_apple(&a, 5);
    ck_rpc(actor_call(&a, CRASH, to_b, WAY_UD2, room_at(&a, 0),
                      room_at(&a, OUT), 0, 0, 0),
           RPC_CRASHED, 0);

    ck_assert(obituary_take(&found));
    ck_assert_uint_eq(found.death.freed.objects, 4);
    ck_assert_int_eq((int64_t)found.death.freed.bytes,
                     3 * APPLE_BYTES + PEAR_BYTES);
    ck_assert_uint_eq(found.death.types[0].freed.objects +
                          found.death.types[1].freed.objects,
                      4);
    ck_assert_ptr_null(found.death.types[2].type);
    ck_assert_uint_eq(found.death.orphaned.objects, 0);
}
END_TEST

/* Thesis 3.2.6: when the borrower panics, the reference goes back to its
 * owner. */
START_TEST(loans_are_counted_by_whom_they_went_back_to)
{
    uint64_t apple = actor_apple(&a, 5);

    ck_rpc(actor_call(&a, CRASH_LENT, to_b, WAY_UD2, apple, 0, 0, 0, 0),
           RPC_CRASHED, 0);

    ck_assert(obituary_take(&found));
    ck_assert_str_eq(found.death.lenders[0].name, "a");
    ck_assert_uint_eq(found.death.lenders[0].loans, 1);
    ck_assert_uint_eq(found.death.lenders[1].loans, 0);
    ck_assert_uint_eq(found.death.freed.objects, 0);
    ck_assert(rref_drop(thread_current(), a.domain, apple));
}
END_TEST

/* Design, section 4 (death): what it had lent out waits for its return. */
START_TEST(what_waits_for_its_last_return_is_counted)
{
    struct registry_record *record = registry_find(actor_apple(&b, 5));
    uint32_t value;

    record->word += OWNER_ONE_BORROW;
    ck_rpc(crossing_run(b.domain, b.step, STEP_DIE, WAY_UD2, &value),
           RPC_CRASHED, 0);

    ck_assert(obituary_take(&found));
    ck_assert_uint_eq(found.death.orphaned.objects, 1);
    ck_assert_int_eq((int64_t)found.death.orphaned.bytes, APPLE_BYTES);
    ck_assert_uint_eq(found.death.freed.objects, 0);
    heap_free(&thread_current()->cache, record,
              record->word - OWNER_ONE_BORROW);
}
END_TEST

/* Rule: a domain that was killed with nobody inside has a place, if who killed
 * it knew one, and no chain. */
START_TEST(who_is_killed_with_nobody_inside_has_no_chain)
{
    domain_blame(c.domain, "killed", (uint32_t)(c.step - c.domain->base), 0);
    domain_kill(c.domain, thread_current());
    actor_end(&c);

    ck_assert(obituary_take(&found));
    ck_assert_str_eq(found.death.cause, "killed");
    ck_assert_uint_eq(found.death.chain_length, 0);
    ck_assert_ptr_eq(found.death.chain[0].domain, c.domain);
    ck_assert_uint_eq(found.death.chain[0].address,
                      c.step - found.base);
}
END_TEST

/* Rule: the first cause stays. */
START_TEST(a_second_cause_changes_nothing)
{
    domain_blame(c.domain, "first", 0, 0);
    domain_blame(c.domain, "second", TP_TEXT_START, 1);
    domain_kill(c.domain, thread_current());
    actor_end(&c);

    ck_assert(obituary_take(&found));
    ck_assert_str_eq(found.death.cause, "first");
    ck_assert_uint_eq(found.death.address, 0);
    ck_assert_uint_eq(found.death.fault_address, 0);
    ck_assert(!obituary_take(&found));
}
END_TEST

/* Rule: a domain that is ended without having died has no obituary. */
START_TEST(an_end_is_no_death)
{
    actor_end(&c);
    ck_assert(!obituary_take(&found));
}
END_TEST

#define THREADS 4
#define ROUNDS 50

static void die_in_b(void *context)
{
    const uint32_t way = *(const uint32_t *)context;
    uint32_t value;
    struct rpc rpc = crossing_run(b.domain, b.step, STEP_DIE, way, &value);

    ck_assert(rpc.result == RPC_CRASHED || rpc.result == RPC_DEAD);
}

/* The place is that of the thread whose cause it is. */
static void check_place_of_cause(void)
{
    const bool panic = strncmp(found.death.cause, "panic", 5) == 0;
    const bool service = strncmp(found.death.cause, "service", 7) == 0;
    const bool access = strncmp(found.death.cause, "bad memory", 10) == 0;

    check_frame(0, "open", NULL,
                panic     ? "die_by_panic"
                : service ? "die_by_service"
                : access  ? "die_by_write"
                          : "die_by_ud2");
}

/* Design, section 4: an open domain lets any thread in. Whoever of them dies
 * first, there is one death, of one cause, with one thread's chain. */
START_TEST(threads_that_die_at_once_die_one_death)
{
    static const uint32_t ways[THREADS] = {WAY_UD2, WAY_PANIC, WAY_NULL_WRITE,
                                           WAY_LOG_POINTER};
    struct host_thread *threads[THREADS];
    uint32_t round, i;

    for (round = 0; round < ROUNDS; round++) {
        b = actor_new("open");
        b.domain->open = true;
        actor_apple(&b, 1);
        for (i = 0; i < THREADS; i++)
            threads[i] = host_spawn(die_in_b, (void *)(uintptr_t)&ways[i]);
        for (i = 0; i < THREADS; i++)
            host_join(threads[i]);
        ck_assert(obituary_take(&found));
        ck_assert_str_eq(found.name, "open");
        ck_assert_uint_eq(found.death.chain_length, 1);
        ck_assert_uint_eq(found.death.chain[0].address, found.death.address);
        check_place_of_cause();
        ck_assert_uint_eq(found.death.freed.objects, 1);
        ck_assert(!obituary_take(&found));
        actor_end(&b);
    }
}
END_TEST

/* Rule: memory for obituaries is bounded; the oldest stay, and those that
 * found no room are counted. */
START_TEST(what_does_not_fit_in_the_ring_is_counted)
{
    const uint32_t more = 3;
    uint64_t lost = obituaries_lost();
    struct actor victim;
    uint32_t i, value;

    for (i = 0; i < OBITUARIES_MAX + more; i++) {
        victim = actor_new(i == 0 ? "first" : "later");
        ck_rpc(crossing_run(victim.domain, victim.step, STEP_DIE, WAY_UD2,
                            &value),
               RPC_CRASHED, 0);
        actor_end(&victim);
    }

    ck_assert_uint_eq(obituaries_lost() - lost, more);
    for (i = 0; obituary_take(&found); i++)
        ck_assert_str_eq(found.name, i == 0 ? "first" : "later");
    ck_assert_uint_eq(i, OBITUARIES_MAX);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("obituary");
    TCase *tests = tcase_create("obituary");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_chain_names_every_domain_on_the_thread);
    tcase_add_test(tests, what_was_freed_is_counted_by_type);
    tcase_add_test(tests, loans_are_counted_by_whom_they_went_back_to);
    tcase_add_test(tests, what_waits_for_its_last_return_is_counted);
    tcase_add_test(tests, who_is_killed_with_nobody_inside_has_no_chain);
    tcase_add_test(tests, a_second_cause_changes_nothing);
    tcase_add_test(tests, an_end_is_no_death);
    tcase_add_test(tests, threads_that_die_at_once_die_one_death);
    tcase_add_test(tests, what_does_not_fit_in_the_ring_is_counted);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
