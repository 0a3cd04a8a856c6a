/* SPDX-License-Identifier: MIT */
/*
 * test_scribbler.c - proxies at work on spines and payloads that other threads
 * rewrite all the while. One thread trades with a neighbour; one in its domain
 * and one in the neighbour's write live, stale and random handles wherever a
 * proxy reads: spines, their copies, handles in payloads.
 *
 * Both domains are open. Each batch has fresh ones; once it is quiet, and again
 * once they are gone, the heap and the accounts must be right, to the last
 * record. TP_TEST_ROUNDS sets the rounds of a batch.
 * Source: thesis 3.2, 3.2.5; design, section 4.
 */
#include "intruder_rig.h"
#include "net_types.h"
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 20000
#define BATCHES 6
#define DEATHS 40

/* The bystander owns the board, and nothing ever happens to it. */
static struct intruder caller, callee, bystander;
static uint64_t board;

static void begin(uint32_t number)
{
    caller = intruder_new("caller", true);
    callee = intruder_new("callee", true);
    bystander = intruder_new("bystander", true);
    intruder_wire(&caller, &callee);
    bystander.domain->shared_quota = INT64_MAX;
    board = rref_new(thread_current(), bystander.domain, &type_net_packet);
    ck_assert_uint_ne(board, 0);
    callee.mischief->trick = TRICK_EXPOSE;
    caller.mischief->posted = TP_SHARED_START + (uint32_t)board;
    callee.mischief->posted = TP_SHARED_START + (uint32_t)board;
    caller.mischief->seed = number;
    callee.mischief->seed = 1000 + number;
    caller.mischief->delay = callee.mischief->delay =
        (1u << 2 * (number / 3 % 4)) - 1;
    caller.mischief->patience = callee.mischief->patience =
        (int64_t)(1000 * rounds_of_race(ROUNDS));
}

/* Who owns how much, by the registry. */
struct census {
    int64_t callers, callees, bystanders;
    uint32_t others, lent;
};

static void count_record(struct registry_record *record, void *context)
{
    struct census *census = context;
    domain_id_t owner = owner_of(record->word);

    if (owner == DOMAIN_NOBODY)
        return;
    if (owner == caller.domain->id)
        census->callers += record->type->heap_bytes;
    else if (owner == callee.domain->id)
        census->callees += record->type->heap_bytes;
    else if (owner == bystander.domain->id)
        census->bystanders += record->type->heap_bytes;
    else
        census->others++;
    census->lent += owner_borrows(record->word);
}

static void assert_quiet_and_right(void)
{
    struct census census = {0};

    heap_visit(count_record, &census);
    ck_assert_uint_eq(census.others, 0);
    ck_assert_uint_eq(census.lent, 0);
    ck_assert_int_eq(census.bystanders, type_net_packet.heap_bytes);
    ck_assert_int_eq(bystander.domain->shared_bytes, census.bystanders);
    if (is_alive(&caller))
        ck_assert_int_eq(caller.domain->shared_bytes, census.callers);
    else
        ck_assert_int_eq(census.callers, 0);
    if (is_alive(&callee))
        ck_assert_int_eq(callee.domain->shared_bytes, census.callees);
    else
        ck_assert_int_eq(census.callees, 0);
    ck_assert_uint_eq(domain_frames(caller.domain), 0);
    ck_assert_uint_eq(domain_frames(callee.domain), 0);
}

/* As rig_main() has it. */
#define WHOLE_BYTES (HEAP_NULL_BYTES + 0x1000000u)

/*
 * All granules that can be had, each once: a record that was freed twice would
 * come twice, one that was lost would be missing.
 */
static uint32_t count_whole_heap(void)
{
    static uint64_t handles[WHOLE_BYTES / TP_GRANULE];
    static uint8_t had[WHOLE_BYTES / TP_GRANULE];
    struct thread *thread = thread_current();
    uint32_t count = 0, twice = 0, dropped = 0, i;

    memset(had, 0, sizeof(had));
    while (count < WHOLE_BYTES / TP_GRANULE &&
           (handles[count] =
                rref_new(thread, bystander.domain, &type_test_apple)) != 0) {
        twice += had[(uint32_t)handles[count] / TP_GRANULE]++;
        count++;
    }
    for (i = 0; i < count; i++)
        dropped += rref_drop(thread, bystander.domain, handles[i]);
    ck_assert_uint_eq(twice, 0);
    ck_assert_uint_eq(dropped, count);
    return count;
}

/* Dead, what they had is free: the board is left, and every other granule. */
static void assert_nothing_is_left(void)
{
    static uint32_t whole;
    uint32_t count;

    domain_kill(caller.domain, thread_current());
    domain_kill(callee.domain, thread_current());
    ck_assert_uint_eq(live_objects(), 1);
    count = count_whole_heap();
    if (!whole)
        whole = count;
    ck_assert_uint_eq(count, whole);
    ck_assert_uint_eq(live_objects(), 1);
    intruders_end();
}

/* Who scribbles while the caller's thread trades. */
enum where {
    IN_THE_CALLER = 1,
    IN_THE_CALLEE = 2,
};

static struct job trade(uint32_t where, uint64_t rounds)
{
    struct job trader = {
        .intruder = &caller, .attack = ATTACK_TRADE, .value = rounds};
    struct job jobs[2] = {
        {.intruder = &caller, .attack = ATTACK_SCRIBBLE},
        {.intruder = &callee, .attack = ATTACK_SCRIBBLE},
    };
    struct host_thread *threads[2] = {NULL};
    uint32_t i;

    for (i = 0; i < 2; i++)
        if (where & (1u << i))
            threads[i] = host_spawn(job_do_last, &jobs[i]);
    host_join(host_spawn(job_do_first, &trader));
    __atomic_store_n(&caller.mischief->stop, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&callee.mischief->stop, 1, __ATOMIC_RELAXED);
    for (i = 0; i < 2; i++) {
        if (!threads[i])
            continue;
        host_join(threads[i]);
        if (is_alive(jobs[i].intruder))
            ck_rpc(jobs[i].rpc, RPC_OK, 0);
    }
    return trader;
}

static uint64_t answers(enum rpc_result result)
{
    return caller.mischief->answers[result];
}

/*
 * Thesis 3.2; design, section 4: "each step is one atomic transition of the
 * word"; "checking and flipping each owner in the same pass". Whoever writes
 * what, an object has one owner, who is charged for it.
 */
START_TEST(scribbling_breaks_no_invariant)
{
    static uint64_t refused; /* of all batches: a busy machine may skip one */
    uint32_t where = 1 + (uint32_t)_i % 3;
    uint64_t rounds = rounds_of_race(ROUNDS);
    struct job trader;

    begin((uint32_t)_i);

    trader = trade(where, rounds);

    ck_rpc(trader.rpc, RPC_OK, 0);
    ck_assert_uint_eq(trader.returned, rounds);
    ck_assert_uint_eq(answers(RPC_OK) + answers(RPC_REFUSED), rounds);
    ck_assert_uint_gt(answers(RPC_OK), rounds / 20);
    refused += answers(RPC_REFUSED);
    ck_assert(_i + 1 < 3 * BATCHES || refused > 0);
    ck_assert(is_alive(&caller) && is_alive(&callee));
    assert_quiet_and_right();
    assert_nothing_is_left();
}
END_TEST

static void die_soon(void *context)
{
    struct job *job = context;
    volatile uint64_t *rounds = &callee.mischief->rounds;
    uint64_t start = *rounds;

    while (*rounds < start + 200 * job->value &&
           !__atomic_load_n(&callee.mischief->stop, __ATOMIC_RELAXED))
        sched_yield();
    job_do(job);
}

/*
 * Design, section 4: "death of d, early pass ... last pass". One of the two
 * dies in the middle of it; what was lent comes back, what raced with the
 * death is freed.
 */
START_TEST(death_in_the_middle_leaves_nothing)
{
    const struct intruder *victim = _i & 1 ? &caller : &callee;
    struct job killer = {.intruder = victim,
                         .attack = ATTACK_DIE,
                         .value = 1 + (uint32_t)_i % 7};
    struct host_thread *thread;
    struct job trader;

    begin((uint32_t)_i);
    thread = host_spawn(die_soon, &killer);

    trader = trade(IN_THE_CALLER | IN_THE_CALLEE, rounds_of_race(ROUNDS));
    host_join(thread);

    ck_rpc(killer.rpc, RPC_CRASHED, 0);
    ck_assert(!is_alive(victim));
    if (victim == &callee)
        ck_rpc(trader.rpc, RPC_OK, 0);
    ck_assert_uint_eq(answers(RPC_NO_CAP) + answers(RPC_BUSY) +
                          answers(RPC_NO_STACK),
                      0);
    assert_quiet_and_right();
    assert_nothing_is_left();
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("scribbler");

    host_log_to(-1);
    add_attacks(suite, scribbling_breaks_no_invariant, 3 * BATCHES);
    add_attacks(suite, death_in_the_middle_leaves_nothing, DEATHS);
    return rig_main(suite, argc, argv, 0);
}
