/* SPDX-License-Identifier: MIT */
/*
 * test_attacks.c - domains that mean harm to the kernel and to each other:
 * what was once possible, and must not be again. Each test's comment says what
 * went wrong and the rule that forbids it.
 *
 * Apples and pears take one granule of the heap each.
 * Here: heap, quotas, devices, death and results; test_races.c and
 * test_stacks.c have the rest.
 * Source: design, sections 3 to 7.
 */
#include "intruder_rig.h"
#include "tepal_trusted/device.h"
#include <unistd.h>

#define SECONDS_MAX 300

/*
 * A pear's seed may name anything; the kernel dropped it whatever it was, and
 * a chain of pears took one frame of kernel stack a link.
 * Rule: children of another type than declared are not children.
 */
START_TEST(chain_of_wrong_children_does_not_recurse)
{
    struct intruder domain = intruder_new("domain", false);
    struct job job = job_run(&domain, ATTACK_CHAIN, 60000);

    ck_rpc(job.rpc, RPC_OK, 0);
    ck_assert_uint_eq(job.returned, 60000);
    ck_assert(is_alive(&domain));
    ck_assert_uint_eq(holding_of(&domain).pears, 59999);
    assert_account_is_right(&domain);
}
END_TEST

/*
 * Objects were charged their type's size: pears of 16 bytes that take 64 went
 * four times over the quota.
 * Rule: an object is charged what it takes from the heap.
 */
START_TEST(allocation_stops_where_the_quota_is_used_up)
{
    struct intruder domain = intruder_new("domain", _i == 1);
    struct job job;

    domain.domain->shared_quota = 100 * TP_GRANULE + 63;

    job = job_run(&domain, ATTACK_HOARD_PEARS, 0);

    ck_rpc(job.rpc, RPC_OK, 0);
    ck_assert_uint_eq(job.returned, 100);
    ck_assert_int_eq(domain.domain->shared_bytes, 100 * TP_GRANULE);
    assert_account_is_right(&domain);
}
END_TEST

/*
 * The charge is computed when a type is declared, the size when it is used.
 * Rule: an object is charged with the size class it takes (docs/ABI.md).
 */
START_TEST(charge_of_every_type_is_what_the_heap_takes)
{
    const struct type *type = tp_types[_i];
    struct intruder domain = intruder_new("domain", false);
    uint64_t handle = rref_new(thread_current(), domain.domain, type);
    uint32_t taken = 0;

    ck_assert_uint_ne(handle, 0);
    ck_assert_ptr_nonnull(heap_containing((uint32_t)handle, &taken));
    ck_assert_uint_eq(type->heap_bytes, taken);
    ck_assert_int_eq(domain.domain->shared_bytes, taken);
}
END_TEST

/*
 * Only allocation looked at the quota: two domains that passed on what they
 * made could own the whole heap.
 * Rule: a call that would push its callee over is refused.
 */
START_TEST(gift_beyond_the_quota_is_refused)
{
    struct intruder caller = intruder_new("caller", _i == 1),
                    callee = intruder_new("callee", _i == 1);
    struct job job;

    intruder_wire(&caller, &callee);
    callee.domain->shared_quota = 10 * TP_GRANULE;

    job = job_run(&caller, ATTACK_GIVE, 100);

    ck_rpc(job.rpc, RPC_OK, 0);
    ck_assert_uint_eq(job.returned, 10);
    ck_assert_uint_eq(caller.mischief->refusal, RPC_REFUSED);
    ck_assert_uint_eq(holding_of(&callee).apples, 10);
    ck_assert_uint_eq(holding_of(&caller).apples, 0); /* it could drop it */
    assert_account_is_right(&caller);
    assert_account_is_right(&callee);
}
END_TEST

/*
 * Room for two of the crate's four: all four go back.
 * Rule: a refused call puts back all it flipped (design, section 4).
 */
START_TEST(crate_beyond_the_quota_is_put_back_whole)
{
    struct intruder caller = intruder_new("caller", _i == 1),
                    callee = intruder_new("callee", _i == 1);
    struct job job;

    intruder_wire(&caller, &callee);
    callee.domain->shared_quota = 2 * TP_GRANULE;

    job = job_run(&caller, ATTACK_GIVE_CRATE, 0);

    ck_rpc(job.rpc, RPC_OK, 0);
    ck_assert_uint_eq(job.returned, 4);
    ck_assert_uint_eq(caller.mischief->refusal, RPC_REFUSED);
    ck_assert_int_eq(callee.domain->shared_bytes, 0);
    ck_assert_int_eq(caller.domain->shared_bytes, 0);
    assert_account_is_right(&caller);
    assert_account_is_right(&callee);
}
END_TEST

/*
 * The other way: a result that its receiver has no room for.
 * Rule: quotas bind whoever receives (design, section 3).
 */
START_TEST(result_beyond_the_quota_is_refused)
{
    struct intruder caller = intruder_new("caller", _i == 1),
                    callee = intruder_new("callee", _i == 1);
    struct job job;

    intruder_wire(&caller, &callee);
    caller.domain->shared_quota = 3 * TP_GRANULE;

    ck_assert_uint_eq(job_run(&caller, ATTACK_ASK, 0).returned, 1);
    job = job_run(&caller, ATTACK_ASK_CRATE, 0);

    ck_rpc(job.rpc, RPC_OK, 0);
    ck_assert_uint_eq(job.returned, 0);
    ck_assert_uint_eq(caller.mischief->refusal, 1ull << 32 | RPC_REFUSED);
    ck_assert_uint_eq(holding_of(&caller).apples, 0);
    ck_assert_uint_eq(holding_of(&callee).apples, 4);
    assert_account_is_right(&caller);
    assert_account_is_right(&callee);
}
END_TEST

/*
 * What a call has brought, but not settled yet, counts too.
 * Rule: quotas bind whoever receives, unsettled calls too (design, section
 * 3).
 */
START_TEST(gifts_in_flight_count_towards_the_quota)
{
    struct intruder caller = intruder_new("caller", _i == 1),
                    callee = intruder_new("callee", _i == 1);

    intruder_wire(&caller, &callee);
    callee.domain->shared_quota = 6 * TP_GRANULE;
    callee.mischief->trick = TRICK_HOARD;

    ck_rpc(job_run(&caller, ATTACK_GIVE_CRATE, 0).rpc, RPC_OK, 0);

    ck_assert_uint_eq(callee.mischief->hoarded, 2);
    ck_assert_uint_eq(holding_of(&callee).apples, 6);
    assert_account_is_right(&caller);
    assert_account_is_right(&callee);
}
END_TEST

/* A device of one register that notes for whom it is written. */
struct register_device {
    struct device device; /* first */
    const struct domain *expected;
    uint64_t writes, foreign;
};

static uint32_t read_register(struct device *device, uint32_t offset)
{
    (void)device;
    return offset;
}

static void write_register(struct device *device, uint32_t offset,
                           uint32_t value)
{
    struct register_device *self = (struct register_device *)device;

    (void)offset;
    (void)value;
    if (device->owner == self->expected)
        __atomic_fetch_add(&self->writes, 1, __ATOMIC_RELAXED);
    else
        __atomic_fetch_add(&self->foreign, 1, __ATOMIC_RELAXED);
}

static void do_nothing(struct device *device)
{
    (void)device;
}

static bool is_drained(struct device *device)
{
    (void)device;
    return true;
}

static const struct device_ops register_ops = {
    .read = read_register,
    .write = write_register,
    .step = do_nothing,
    .drained = is_drained,
    .stop = do_nothing,
};

/* The thread has done @more rounds, or is no longer there to do them. */
static void wait_for_rounds(const struct job *job, uint64_t more)
{
    volatile const uint64_t *rounds = &job->intruder->mischief->rounds;
    uint64_t until = *rounds + more;

    while (*rounds < until && !job_is_done(job))
        cpu_relax();
}

/*
 * A service asked for the device of its domain, dead or not: a thread that was
 * still inside wrote the registers of the device's new owner, and put windows
 * of its choice into the new owner's memory.
 * Rule: a device obeys its owner only, and is nobody else's.
 */
START_TEST(thread_of_a_dead_driver_has_no_device)
{
    static struct register_device nic = { /* outlives a failed test */
        .device = {.ops = &register_ops, .name = "nic", .register_bytes = 16}};
    struct intruder driver = intruder_new("driver", true),
                    heir = intruder_new("heir", true);
    struct job zombie = {.intruder = &driver,
                         .attack = ATTACK_WRITE_REGISTERS};
    struct host_thread *thread;
    struct job death;

    device_give(&nic.device, driver.domain);
    nic.expected = driver.domain;
    thread = host_spawn(job_do, &zombie);
    ck_assert_ptr_nonnull(thread);
    wait_for_rounds(&zombie, 1000);
    death = job_run(&driver, ATTACK_DIE, 0);
    device_give(&nic.device, heir.domain);
    wait_for_rounds(&zombie, 100000);
    driver.mischief->stop = 1;
    host_join(thread);

    ck_rpc(death.rpc, RPC_CRASHED, 0);
    ck_assert_uint_gt(nic.writes, 0);
    ck_assert_uint_eq(nic.foreign, 0);
    ck_assert_uint_eq(nic.device.window_count, 0);
    ck_assert(is_alive(&heir));
    device_take(&nic.device);
}
END_TEST

/*
 * Whoever left a dead domain, a caller that had only looked in too, walked the
 * whole registry to free what was left: a thousand such calls took a second.
 * Rule: the last crossing that leaves does it once. An object planted under
 * the dead one's id shows that nobody looks for any.
 */
START_TEST(call_to_the_dead_does_not_walk_the_heap)
{
    struct intruder caller = intruder_new("caller", _i == 1),
                    callee = intruder_new("callee", _i == 1);
    struct heap_cache *cache = &thread_current()->cache;
    domain_id_t dead = callee.domain->id;
    uint64_t planted;

    intruder_wire(&caller, &callee);
    domain_kill(callee.domain, thread_current());
    ck_rpc(job_run(&caller, ATTACK_CALL, 1).rpc, RPC_OK, 0);
    planted = heap_alloc(cache, &type_test_apple, dead);
    ck_assert_uint_ne(planted, 0);

    ck_rpc(job_run(&caller, ATTACK_CALL, 1000).rpc, RPC_OK, 0);

    ck_assert_uint_eq(caller.mischief->answers[RPC_DEAD], 1001);
    ck_assert_uint_eq(owner_of_handle(planted), dead);
    heap_free(cache, registry_find(planted), word_of(planted));
}
END_TEST

/*
 * A callee's bool of 90 and enum of 77 were handed on as they stood; a caller
 * in C may do anything with those.
 * Rule: a bool is 0 or 1; a number that is no value of an enum is refused.
 */
START_TEST(enum_and_bool_results_are_values_of_their_types)
{
    static const struct {
        uint64_t good, next;
        uint32_t returned, refused;
    } cases[] = {
        {0, 0, 0x00000, 0},
        {1, 2, 0x10002, 0},
        {0x5a, 1, 0x10001, 0},
        {0x80, 0, 0x10000, 0},
        {0x5a, 3, 0, 1},
        {1, 77, 0, 1},
        {0, 0x80000000, 0, 1},
        {0, 0xffffffff, 0, 1},
    };
    struct intruder caller = intruder_new("caller", false),
                    callee = intruder_new("callee", false);
    struct job job;

    intruder_wire(&caller, &callee);
    callee.mischief->forged[0] = cases[_i].good;
    callee.mischief->forged[1] = cases[_i].next;

    job = job_run(&caller, ATTACK_JUDGE, 0);

    ck_rpc(job.rpc, RPC_OK, 0);
    ck_assert_uint_eq(job.returned, cases[_i].returned);
    ck_assert_uint_eq(caller.mischief->answers[RPC_REFUSED],
                      cases[_i].refused);
    ck_assert_uint_eq(caller.mischief->refusal,
                      cases[_i].refused ? 3ull << 32 | RPC_REFUSED : 0);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("attacks");

    alarm(SECONDS_MAX); /* a domain that waits for ever fails the test */
    add_attack(suite, chain_of_wrong_children_does_not_recurse);
    add_attacks(suite, allocation_stops_where_the_quota_is_used_up, 2);
    add_attacks(suite, charge_of_every_type_is_what_the_heap_takes,
                tp_type_count);
    add_attacks(suite, gift_beyond_the_quota_is_refused, 2);
    add_attacks(suite, crate_beyond_the_quota_is_put_back_whole, 2);
    add_attacks(suite, result_beyond_the_quota_is_refused, 2);
    add_attacks(suite, gifts_in_flight_count_towards_the_quota, 2);
    add_attack(suite, thread_of_a_dead_driver_has_no_device);
    add_attacks(suite, call_to_the_dead_does_not_walk_the_heap, 2);
    add_attacks(suite, enum_and_bool_results_are_values_of_their_types, 8);
    add_tests_of_races(suite);
    add_tests_of_stacks(suite);
    return rig_main(suite, argc, argv, 0x4000000);
}
