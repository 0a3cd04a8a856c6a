/* SPDX-License-Identifier: MIT */
/*
 * test_storm.c - calls of every kind on two threads, while a third kills
 * whatever it likes, again and again. Every domain comes back; every object,
 * frame and thread is accounted for.
 *
 * TP_TEST_CROSSINGS sets how many calls each worker makes; TP_TEST_SEED what
 * the killer's choices start from. Most telling under sanitizers.
 * Source: thesis 2 (Isolation); design, sections 4 and 5.
 */
#include "rig.h"
#include "tepal_trusted/restart.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_THREAD__
#define CROSSINGS 20000
#else
#define CROSSINGS 200000
#endif
#define WORKERS 2

/*
 * Each worker has a caller and an affine callee of its own; both call an open
 * one.
 */
static struct actor caller[WORKERS], own[WORKERS], shared;

struct worker {
    struct actor *caller;
    uint64_t to_own, to_shared;
    uint32_t number;
    uint64_t calls, crashed, dead, refused, lost;
    bool wrong;
};

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 0) : otherwise;
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void let_live(struct actor *actor, bool open)
{
    actor->domain->restart = (struct domain_restart){.policy = RESTART_ON_CRASH};
    actor->domain->open = open;
    thread_let_go(actor->domain);
}

static void setup(void)
{
    uint32_t i;

    host_log_to(-1);
    shared = actor_new("shared");
    let_live(&shared, true);
    for (i = 0; i < WORKERS; i++) {
        caller[i] = actor_new("caller");
        own[i] = actor_new("own");
        let_live(&caller[i], false);
        let_live(&own[i], false);
    }
}

static void teardown(void)
{
    actors_end();
    ck_assert_uint_eq(live_objects(), 0);
}

/*
 * What a service would do for the caller: inside it, so that it cannot be gone.
 * It may just have been killed; then there is no object.
 */
static uint64_t new_apple(const struct worker *worker)
{
    struct domain *domain = worker->caller->domain;
    struct thread *thread = thread_current();
    uint64_t apple = 0;

    if (!thread_enter(thread, domain))
        return 0;
    if (domain_is_alive(domain))
        apple = rref_new(thread, domain, &type_test_apple);
    domain_leave(domain, thread);
    return apple;
}

static void drop(const struct worker *worker, uint64_t apple)
{
    struct domain *domain = worker->caller->domain;
    struct thread *thread = thread_current();

    if (!thread_enter(thread, domain))
        return;
    if (domain_is_alive(domain))
        (void)rref_drop(thread, domain, apple);
    domain_leave(domain, thread);
}

/* As domain_wire_again() does. */
static uint64_t find_again(struct actor *actor, struct actor *callee)
{
    return capability_grant_again(actor->domain, callee->domain,
                                  domain_find_export(callee->domain, "test"));
}

/* A caller that was killed is restarted by its own thread, as a run does. */
static bool come_back(struct worker *worker)
{
    struct actor *actor = worker->caller;

    if (domain_is_alive(actor->domain))
        return true;
    if (!domain_revive(actor->domain, thread_current()))
        return false;
    worker->to_own = find_again(actor, &own[worker->number]);
    worker->to_shared = find_again(actor, &shared);
    return worker->to_own && worker->to_shared;
}

static void reconnect(struct worker *worker, uint64_t cap)
{
    (void)capability_reconnect(worker->caller->domain, cap, thread_current());
}

static void count(struct worker *worker, struct rpc step, uint64_t cap)
{
    uint32_t result = (uint32_t)worker->caller->order->answer;

    worker->calls++;
    if (step.result == RPC_CRASHED || step.result == RPC_DEAD) {
        worker->lost++; /* the caller itself */
    } else if (step.result != RPC_OK) {
        worker->wrong = true;
    } else if (result == RPC_CRASHED || result == RPC_DEAD) {
        worker->crashed += result == RPC_CRASHED;
        worker->dead += result == RPC_DEAD;
        reconnect(worker, cap);
    } else if (result == RPC_REFUSED) {
        worker->refused++; /* the caller died and lost what it was to give */
    } else if (result != RPC_OK) {
        worker->wrong = true;
    }
}

/* A move, a loan, both, a move there and back, a repeated call. */
static void make_call(struct worker *worker, uint64_t random)
{
    static const enum method methods[] = {TAKE, LOOK, LEND_AND_TAKE, PASS,
                                          CRASH_LENT};
    enum method method = methods[random % 5];
    uint64_t cap = random >> 8 & 1 ? worker->to_own : worker->to_shared;
    uint64_t apple = new_apple(worker), arguments[6] = {0};
    struct actor *actor = worker->caller;
    struct rpc step;

    *room(actor, 0) = apple;
    arguments[0] = room_at(actor, 0);
    if (method == LOOK || method == LEND_AND_TAKE)
        arguments[0] = apple;
    if (method == LOOK)
        arguments[1] = room_at(actor, 8);
    if (method == LEND_AND_TAKE) {
        *room(actor, 16) = new_apple(worker);
        arguments[1] = room_at(actor, 16);
    }
    if (method == CRASH_LENT) {
        arguments[0] = WAY_COUNT;
        arguments[1] = apple;
    }
    actor_order(actor, method, cap, arguments);
    step = actor_step(actor, STEP_CALL, 0, NULL);
    count(worker, step, cap);
    /* What is still its own, it drops; the rest is another's or gone. */
    drop(worker, *room(actor, 0));
    drop(worker, apple);
}

#define LIVES_MIN 20 /* of the shared one: that there is a storm at all */
static uint64_t crossings_wanted, kills;

static bool is_enough(const struct worker *worker)
{
    return worker->calls >= crossings_wanted &&
           __atomic_load_n(&shared.domain->generation, __ATOMIC_RELAXED) >=
               LIVES_MIN;
}

static void work(void *context)
{
    struct worker *worker = context;
    uint64_t random = 0x9e3779b97f4a7c15u + worker->number;

    while (!is_enough(worker) && !worker->wrong) {
        if (!come_back(worker)) {
            worker->wrong = true;
            break;
        }
        make_call(worker, next_random(&random));
    }
}

static bool working;

static void kill_at_random(uint64_t *random)
{
    struct domain *victims[] = {shared.domain,    own[0].domain, own[1].domain,
                                caller[0].domain, caller[1].domain};

    domain_end(victims[next_random(random) % 5], "by the storm");
}

static void storm(void *context)
{
    uint64_t random = from_environment("TP_TEST_SEED", 1);
    uint32_t pause;

    (void)context;
    while (__atomic_load_n(&working, __ATOMIC_RELAXED)) {
        kill_at_random(&random);
        __atomic_fetch_add(&kills, 1, __ATOMIC_RELAXED);
        for (pause = next_random(&random) % 64; pause; pause--)
            cpu_relax();
    }
}

static void settle_all(const struct actor *actor)
{
    while (!domain_is_alive(actor->domain) && !domain_is_gone(actor->domain))
        cpu_relax();
    ck_assert_uint_eq(domain_frames(actor->domain), 0);
}

/* Design, section 5 (Death): calls on two threads, kills from a third. */
START_TEST(nothing_is_lost_in_a_storm_of_kills)
{
    struct worker workers[WORKERS] = {{.number = 0}, {.number = 1}};
    struct host_thread *threads[WORKERS], *killer;
    uint32_t i;

    crossings_wanted = from_environment("TP_TEST_CROSSINGS", CROSSINGS);
    __atomic_store_n(&working, true, __ATOMIC_RELAXED);
    for (i = 0; i < WORKERS; i++) {
        workers[i].caller = &caller[i];
        workers[i].to_own = actor_link(&caller[i], &own[i], "test");
        workers[i].to_shared = actor_link(&caller[i], &shared, "test");
        threads[i] = host_spawn(work, &workers[i]);
    }
    killer = host_spawn(storm, NULL);
    for (i = 0; i < WORKERS; i++)
        host_join(threads[i]);
    __atomic_store_n(&working, false, __ATOMIC_RELAXED);
    host_join(killer);

    for (i = 0; i < WORKERS; i++) {
        printf("worker %u: %lu calls, %lu crashed, %lu to the dead, %lu "
               "refused, %lu times dead itself\n",
               i, workers[i].calls, workers[i].crashed, workers[i].dead,
               workers[i].refused, workers[i].lost);
        ck_assert(!workers[i].wrong);
        settle_all(&caller[i]);
        settle_all(&own[i]);
    }
    settle_all(&shared);
    printf("%lu kills, %u lives of the one in the middle\n", kills,
           shared.domain->generation);
    ck_assert_uint_ge(shared.domain->generation, LIVES_MIN);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("storm");
    TCase *tests = tcase_create("storm");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 3600);
    tcase_add_test(tests, nothing_is_lost_in_a_storm_of_kills);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
