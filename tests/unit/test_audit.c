/* SPDX-License-Identifier: MIT */
/*
 * test_audit.c - an audit finds each invariant that is broken on purpose, and
 * names it; and it finds nothing where nothing is wrong.
 * Source: docs/INJECT.md, "What is checked".
 */
#include "arch/pages.h"
#include "rig.h"
#include "tepal_trusted/audit.h"
#include "tepal_trusted/device.h"
#include <string.h>

static struct actor a, b;
static uint64_t to_b;
static struct audit audit;

/* An audit is for a world that stands still: the watchdog has no part in it. */
static void setup(void)
{
    host_log_to(-1);
    host_watchdog_pause(true);
    a = actor_new("a");
    b = actor_new("b");
    to_b = actor_link(&a, &b, "test");
    ck_assert(audit_begin(&audit));
}

static void teardown(void)
{
    ck_assert_pstr_eq(audit_run(&audit), NULL);
    audit_end(&audit);
    actors_end();
    host_watchdog_pause(false);
    ck_assert_uint_eq(live_objects(), 0);
}

/* Something is wrong, and is said to be what begins with @what. */
static void check_broken(const char *what)
{
    const char *said = audit_run(&audit);

    ck_assert_ptr_nonnull(said);
    ck_assert_msg(strncmp(said, what, strlen(what)) == 0, "'%s', not '%s'",
                  said, what);
}

static struct registry_record *record_of(uint64_t handle)
{
    return registry_find(handle);
}

/* docs/INJECT.md, "What is checked": in a system that is right, all holds. */
START_TEST(nothing_is_broken_where_nothing_was_done)
{
    uint64_t kept = actor_apple(&a, 1), moved = actor_apple(&a, 2);

    ck_assert_uint_ne(kept, 0);
    memcpy(room(&a, 0), &moved, sizeof(moved));
    ck_rpc(actor_call(&a, TAKE, to_b, room_at(&a, 0), 0, 0, 0, 0, 0), RPC_OK,
           0);

    ck_assert_pstr_eq(audit_run(&audit), NULL);
}
END_TEST

/* docs/INJECT.md, "What is checked": it holds after a death, and a pass. */
START_TEST(nothing_is_broken_after_a_death)
{
    (void)actor_apple(&b, 1);
    domain_end(b.domain, "as ordered");
    ck_assert_pstr_eq(audit_run(&audit), NULL);

    domain_settle(b.domain, thread_current(), domain_life(b.domain));

    ck_assert_pstr_eq(audit_run(&audit), NULL);
}
END_TEST

/* docs/INJECT.md, "What is checked": borrow counts are loans of calls. */
START_TEST(a_loan_that_no_call_has_is_found)
{
    struct registry_record *record = record_of(actor_apple(&a, 1));

    record->word += OWNER_ONE_BORROW;
    check_broken("loans: the object at");
    record->word -= OWNER_ONE_BORROW;
}
END_TEST

/* docs/INJECT.md, "What is checked": every loan of a call is counted. */
START_TEST(a_loan_of_a_call_that_is_not_counted_is_found)
{
    struct registry_record *record = record_of(actor_apple(&a, 1));
    struct thread *thread = thread_current();
    struct crossing x = {.callee = b.domain,
                         .caller = a.domain,
                         .thread = thread,
                         .loans = &record,
                         .loan_count = 1};
    struct continuation c = {&x, NULL};

    thread->continuation = &c;
    thread->domain = b.domain;
    b.domain->inside += DOMAIN_ONE_FRAME;
    check_broken("loans: objects count 0");
    record->word += OWNER_ONE_BORROW;
    ck_assert_pstr_eq(audit_run(&audit), NULL);
    record->word -= OWNER_ONE_BORROW;
    b.domain->inside -= DOMAIN_ONE_FRAME;
    thread->continuation = NULL;
    thread->domain = NULL;
}
END_TEST

/* docs/INJECT.md, "What is checked": an owner is alive. */
START_TEST(an_owner_who_is_not_alive_is_found)
{
    struct registry_record *record = record_of(actor_apple(&a, 1));
    owner_word_t word = record->word;

    record->word = (word & OWNER_GENERATION) | 0x1234;
    check_broken("registry: the object at");
    record->word = (word & OWNER_GENERATION) | DOMAIN_ORPHAN;
    check_broken("registry: the orphan at");
    record->word = (word & OWNER_GENERATION) | DOMAIN_KEPT;
    check_broken("registry: nobody keeps");
    record->word = word;
}
END_TEST

/* docs/INJECT.md, "What is checked": an object has a type of its size. */
START_TEST(an_object_without_a_type_is_found)
{
    struct registry_record *record = record_of(actor_apple(&a, 1));
    const struct type *type = record->type;

    record->type = (const struct type *)(const void *)record;
    check_broken("registry: the object at");
    record->type = type;
}
END_TEST

/* docs/INJECT.md, "What is checked": what is free is in one list, once. */
START_TEST(lists_of_free_objects_that_are_wrong_are_found)
{
    struct thread *thread = thread_current();
    struct registry_record *first, *second;
    uint64_t handle = actor_apple(&a, 1);
    uint32_t class;

    for (class = 0; !thread->cache.free[class]; class ++)
        ;
    first = thread->cache.free[class];
    second = first->next_free;
    ck_assert_ptr_nonnull(second);
    first->next_free = first;
    check_broken("registry: the object at");
    first->next_free = record_of(handle);
    check_broken("registry: a free object at");
    first->next_free = second + 1;
    ck_assert_ptr_nonnull(audit_run(&audit));
    first->next_free = second;
    thread->cache.count[class]--;
    check_broken("registry: a cache has more");
    thread->cache.count[class] += 2;
    check_broken("registry: a cache has fewer");
    thread->cache.count[class]--;
    thread->cache.free[class] = second;
    thread->cache.count[class]--;
    check_broken("registry: ");
    thread->cache.free[class] = first;
    thread->cache.count[class]++;
}
END_TEST

/* docs/INJECT.md, "What is checked": who owns is charged. */
START_TEST(a_charge_for_nothing_is_found)
{
    a.domain->shared_bytes += TP_GRANULE;
    check_broken("quota: a is charged");
    a.domain->shared_bytes -= TP_GRANULE;
}
END_TEST

/* docs/INJECT.md, "What is checked": frames inside are calls of threads. */
START_TEST(a_frame_that_no_call_has_is_found)
{
    b.domain->inside += DOMAIN_ONE_FRAME;
    check_broken("frames: b counts 1");
    b.domain->inside -= DOMAIN_ONE_FRAME;
}
END_TEST

/* docs/INJECT.md, "What is checked": a life is its domain's, alive or reaped. */
START_TEST(a_life_that_is_wrong_is_found)
{
    uint32_t life = b.domain->life;

    b.domain->life = DOMAIN_ALIVE | a.domain->id;
    check_broken("life: b lives as another");
    b.domain->life = (domain_id_t)life;
    check_broken("life: b is dead, and nobody");
    b.domain->life = life;
    b.domain->reap_due = life;
    check_broken("life: b is alive, and");
    b.domain->reap_due = 0;
}
END_TEST

/* docs/INJECT.md, "What is checked": threads, slots and stacks are counted. */
START_TEST(what_is_counted_wrong_is_found)
{
    struct thread stranger = {0}, *affine = a.domain->affine;

    audit.slots--;
    check_broken("slots: there are");
    audit.slots++;
    audit.threads--;
    check_broken("thread: there are");
    audit.threads++;
    b.domain->data_stacks[1] |= 1;
    check_broken("stack: b counts");
    b.domain->data_stacks[1] &= ~1ull;
    a.domain->affine = &stranger;
    check_broken("affine: a belongs");
    a.domain->affine = affine;
}
END_TEST

/* docs/INJECT.md, "What is checked": a thread runs whom it has called. */
START_TEST(a_thread_in_no_call_is_found)
{
    thread_current()->domain = b.domain;
    check_broken("thread: runs a domain in no call");
    thread_current()->domain = NULL;
}
END_TEST

/* docs/INJECT.md, "What is checked": no lock is held. */
START_TEST(a_lock_that_is_held_is_found)
{
    struct lock *capabilities;
    struct lock *locks[] = {heap_lists().lock, domain_lock(), thread_lock(),
                            obituary_lock(), &a.domain->growing,
                            &b.domain->death.lock, NULL};
    size_t i;

    (void)capability_list(&capabilities);
    locks[6] = capabilities;
    for (i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
        lock_acquire(locks[i]);
        check_broken("lock: ");
        lock_release(locks[i]);
    }
}
END_TEST

/* docs/INJECT.md, "What is checked": the list of capabilities is whole. */
START_TEST(a_capability_that_stands_wrong_is_found)
{
    struct capability *capability = &a.domain->caps[to_b], saved = *capability;

    capability->depth = 7;
    check_broken("capability: one of a stands wrong");
    *capability = saved;
    capability->previous = capability;
    check_broken("capability: one of a stands wrong");
    *capability = saved;
    capability->callee_life = b.domain->id;
    check_broken("capability: one of a names a dead life");
    *capability = saved;
    capability->next->previous = saved.previous;
    saved.previous->next = saved.next;
    check_broken("capability: ");
    capability->next->previous = saved.previous->next = capability;
}
END_TEST

static void change(uintptr_t address, enum pages_access access)
{
    ck_assert(pages_protect(address, TP_PAGE, PAGES_READ_WRITE));
    *(uint8_t *)(address + 8) ^= 1;
    ck_assert(pages_protect(address, TP_PAGE, access));
}

/* docs/INJECT.md, "What is checked": tables, text and rodata never change. */
START_TEST(a_table_that_has_changed_is_found)
{
    const struct image *image = &b.domain->image;
    uintptr_t base = b.domain->base;

    change(base + TP_FTAB_START, PAGES_READ);
    check_broken("tables: those of b");
    change(base + TP_FTAB_START, PAGES_READ);
    change(base + image->text.address, PAGES_READ_EXECUTE);
    check_broken("tables: those of b");
    change(base + image->text.address, PAGES_READ_EXECUTE);
    change(base + image->rodata.address, PAGES_READ);
    check_broken("tables: those of b");
    change(base + image->rodata.address, PAGES_READ);
    b.domain->methods[0] ^= 16;
    check_broken("tables: those of b");
    b.domain->methods[0] ^= 16;
}
END_TEST

static Suite *audit_suite(void)
{
    Suite *suite = suite_create("audit");
    TCase *tests = tcase_create("audit");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, nothing_is_broken_where_nothing_was_done);
    tcase_add_test(tests, nothing_is_broken_after_a_death);
    tcase_add_test(tests, a_loan_that_no_call_has_is_found);
    tcase_add_test(tests, a_loan_of_a_call_that_is_not_counted_is_found);
    tcase_add_test(tests, an_owner_who_is_not_alive_is_found);
    tcase_add_test(tests, an_object_without_a_type_is_found);
    tcase_add_test(tests, lists_of_free_objects_that_are_wrong_are_found);
    tcase_add_test(tests, a_charge_for_nothing_is_found);
    tcase_add_test(tests, a_frame_that_no_call_has_is_found);
    tcase_add_test(tests, a_life_that_is_wrong_is_found);
    tcase_add_test(tests, what_is_counted_wrong_is_found);
    tcase_add_test(tests, a_thread_in_no_call_is_found);
    tcase_add_test(tests, a_lock_that_is_held_is_found);
    tcase_add_test(tests, a_capability_that_stands_wrong_is_found);
    tcase_add_test(tests, a_table_that_has_changed_is_found);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv)
{
    return rig_main(audit_suite(), argc, argv, 0);
}
