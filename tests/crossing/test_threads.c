/* SPDX-License-Identifier: MIT */
/*
 * test_threads.c - two kernel threads at once: callers of an open domain, the
 * death of a domain that others are inside, two loads at the same time. Most
 * telling under ThreadSanitizer.
 *
 * Workers note what went wrong; only the suite's own thread may assert.
 * Source: design, sections 4 (the protocol's table, last column) and 5.
 */
#include "rig.h"
#include <string.h>

static struct actor callers[2], callee;

static void setup(void)
{
    host_log_to(-1);
    callers[0] = actor_new("first");
    callers[1] = actor_new("second");
    callee = actor_new("open");
    callee.domain->open = true;
    callee.domain->affine = NULL;
}

/* Whoever was a caller's thread has ended. */
static void teardown(void)
{
    actors_end();
    ck_assert_uint_eq(live_objects(), 0);
}

struct worker {
    struct actor *actor;
    uint64_t cap;
    uint32_t rounds, calls, refused, dead, crashed, wrong;
    const uint32_t *stop;
    uint32_t *ready;
};

static uint64_t new_apple(const struct worker *worker)
{
    return rref_new(thread_current(), worker->actor->domain, &type_test_apple);
}

static struct rpc call(const struct worker *worker, enum method method,
                       uint64_t p, uint64_t q)
{
    const uint64_t arguments[6] = {p, q, 0, 0, 0, 0};
    struct rpc rpc = {RPC_BUSY, 0};

    actor_order(worker->actor, method, worker->cap, arguments);
    if (actor_step(worker->actor, STEP_CALL, 0, NULL).result == RPC_OK) {
        rpc.result = (uint32_t)worker->actor->order->answer;
        rpc.detail = (uint32_t)(worker->actor->order->answer >> 32);
    }
    return rpc;
}

static void count(struct worker *worker, struct rpc rpc)
{
    worker->calls++;
    worker->dead += rpc.result == RPC_DEAD ? 1u : 0u;
    worker->crashed += rpc.result == RPC_CRASHED ? 1u : 0u;
    worker->refused += rpc.result == RPC_REFUSED ? 1u : 0u;
    if (rpc.result == RPC_BUSY || rpc.result == RPC_NO_CAP ||
        rpc.result == RPC_NO_STACK)
        worker->wrong++;
}

/* Have one made by the callee; drop it. */
static void have_made(struct worker *worker)
{
    uint64_t *place = room(worker->actor, 128);
    struct rpc rpc = call(worker, MAKE, 7, room_at(worker->actor, 128));

    count(worker, rpc);
    if (rpc.result == RPC_OK &&
        !rref_drop(thread_current(), worker->actor->domain, *place))
        worker->wrong++;
}

/* Lend it, pass it there and back, give it away. */
static void exchange(struct worker *worker)
{
    uint64_t apple = new_apple(worker), *place = room(worker->actor, 0);
    struct rpc rpc;

    if (!apple) {
        worker->wrong++;
        return;
    }
    count(worker, call(worker, LOOK, apple, room_at(worker->actor, 64)));
    place[0] = apple;
    rpc = call(worker, PASS, room_at(worker->actor, 0), 0);
    count(worker, rpc);
    if (rpc.result == RPC_OK && place[0] != apple)
        worker->wrong++;
    if (rpc.result == RPC_OK)
        count(worker, call(worker, TAKE, room_at(worker->actor, 0), 0));
    if (place[0])
        rref_drop(thread_current(), worker->actor->domain, place[0]);
}

static void work(void *context)
{
    struct worker *worker = context;
    uint32_t i;

    for (i = 0; i < worker->rounds; i++) {
        exchange(worker);
        have_made(worker);
        if (worker->ready)
            __atomic_store_n(worker->ready, 1, __ATOMIC_RELEASE);
        if (worker->stop && __atomic_load_n(worker->stop, __ATOMIC_ACQUIRE) &&
            worker->dead)
            break;
    }
}

static struct worker worker_for(uint32_t number, uint32_t rounds)
{
    struct worker worker = {.actor = &callers[number], .rounds = rounds};

    worker.cap = actor_link(worker.actor, &callee, "test");
    worker.actor->domain->affine = NULL;
    return worker;
}

/* Design, section 4: each step is one atomic transition of the word, so two
 * callers at once lose nothing and are refused nothing. */
START_TEST(two_threads_call_one_open_domain)
{
    struct worker workers[2] = {worker_for(0, 5000), worker_for(1, 5000)};
    struct host_thread *second = host_spawn(work, &workers[1]);

    ck_assert_ptr_nonnull(second);
    ck_assert(host_run(work, &workers[0]));
    host_join(second);

    ck_assert_uint_eq(workers[0].wrong + workers[1].wrong, 0);
    ck_assert_uint_eq(workers[0].refused + workers[1].refused, 0);
    ck_assert_uint_eq(workers[0].calls + workers[1].calls, 40000);
    ck_assert_uint_eq(domain_frames(callee.domain), 0);
    ck_assert_int_eq(callee.domain->shared_bytes, 0);
    ck_assert_int_eq(callers[0].domain->shared_bytes, 0);
    ck_assert_uint_eq(live_objects(), 0);
}
END_TEST

/* Design, section 4: what raced with the early pass goes in the last one. */
START_TEST(a_domain_can_be_killed_while_another_thread_is_inside)
{
    uint32_t stop = 0, ready = 0, i;
    struct worker worker = worker_for(0, 1000000);
    struct host_thread *second;

    worker.stop = &stop;
    worker.ready = &ready;
    second = host_spawn(work, &worker);
    ck_assert_ptr_nonnull(second);
    while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
        cpu_relax();
    for (i = 0; i < 100; i++)
        cpu_relax();
    domain_kill(callee.domain, thread_current());
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    host_join(second);

    ck_assert_uint_eq(worker.wrong, 0);
    ck_assert_uint_gt(worker.dead, 0);
    ck_assert_uint_le(worker.crashed, 1);
    ck_assert_uint_eq(domain_frames(callee.domain), 0);
    ck_assert_uint_eq(live_objects(), 0);
    ck_assert_int_eq(callers[0].domain->shared_bytes, 0);
}
END_TEST

/* Makes domains and ends them; a slot that is somebody else's is noted. */
struct maker {
    uint32_t *claims;
    uint32_t made, twice;
};

static void make_domains(void *context)
{
    struct maker *maker = context;
    uint32_t i;

    for (i = 0; i < 20000; i++) {
        struct domain *domain = domain_create("racing");
        uint32_t slot;

        if (!domain)
            continue;
        slot = domain->slot;
        maker->made++;
        if (__atomic_exchange_n(&maker->claims[slot], 1, __ATOMIC_ACQ_REL))
            maker->twice++;
        if (i % 16 == 0)
            cpu_relax();
        __atomic_store_n(&maker->claims[slot], 0, __ATOMIC_RELEASE);
        if (domain->id != DOMAIN_NOBODY)
            domain_release(domain);
    }
}

/* docs/ABI.md, "Slot": every domain owns its slot, whoever made it and when. */
START_TEST(two_threads_never_get_the_same_slot)
{
    static uint32_t claims[4096];
    struct maker makers[2] = {{claims, 0, 0}, {claims, 0, 0}};
    struct host_thread *second;

    second = host_spawn(make_domains, &makers[1]);
    ck_assert_ptr_nonnull(second);
    ck_assert(host_run(make_domains, &makers[0]));
    host_join(second);

    ck_assert_uint_eq(makers[0].twice + makers[1].twice, 0);
    ck_assert_uint_eq(makers[0].made + makers[1].made, 40000);
}
END_TEST

static void wait_until_set(void *context)
{
    while (!__atomic_load_n((uint32_t *)context, __ATOMIC_ACQUIRE))
        cpu_relax();
}

static uint32_t count_threads(void)
{
    const struct thread *thread;
    uint32_t count = 0;

    lock_acquire(thread_lock());
    for (thread = thread_first(); thread; thread = thread->next)
        count++;
    lock_release(thread_lock());
    return count;
}

/*
 * Rule: whoever counts threads counts each that was spawned, the watchdog too;
 * otherwise an audit that began early finds one more than there were.
 */
START_TEST(a_thread_that_was_spawned_is_in_the_list)
{
    struct host_thread *spawned[16];
    uint32_t end = 0, before, i;

    spawned[0] = host_spawn(wait_until_set, &end);
    before = count_threads();
    for (i = 1; i < 16; i++) {
        spawned[i] = host_spawn(wait_until_set, &end);
        ck_assert_uint_eq(count_threads(), before + i);
    }

    __atomic_store_n(&end, 1, __ATOMIC_RELEASE);
    for (i = 0; i < 16; i++)
        host_join(spawned[i]);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("threads");
    TCase *tests = tcase_create("threads");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, two_threads_call_one_open_domain);
    tcase_add_loop_test(tests,
                        a_domain_can_be_killed_while_another_thread_is_inside,
                        0, 20);
    tcase_add_test(tests, two_threads_never_get_the_same_slot);
    tcase_add_test(tests, a_thread_that_was_spawned_is_in_the_list);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
