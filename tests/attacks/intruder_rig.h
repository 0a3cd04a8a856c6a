/* SPDX-License-Identifier: MIT */
/*
 * intruder_rig.h - loads the intruder as often as a test wants, and runs its
 * attacks, each on a kernel thread of its own.
 *
 * Only the suite's own thread may assert. The kernel is started by the rig of
 * the crossing tests.
 */
#pragma once
#include "domains/mischief.h"
#include "host.h"
#include "rig.h"

/* Kept objects of a domain, by a walk over the registry. */
struct holding {
    uint32_t apples, pears;
    int64_t heap_bytes;
};

/* A loaded intruder, not alive before intruder_open_up(). */
struct intruder {
    struct domain *domain;
    volatile struct mischief *mischief;
};

/* Called by main() before the suite runs: reads the file. */
void intruder_read(void);

/* @open: several threads may be inside. */
struct intruder intruder_load(const char *name, bool open);
void intruder_open_up(struct intruder *intruder);
/* Loaded and alive. */
struct intruder intruder_new(const char *name, bool open);
/* Whom @intruder calls. */
void intruder_wire(struct intruder *intruder, const struct intruder *neighbour);
/* Kill and release all there are; nothing may be left in the heap. */
void intruders_end(void);

bool is_alive(const struct intruder *intruder);
struct holding holding_of(const struct intruder *intruder);
/* What @intruder is charged with is what it owns. */
void assert_account_is_right(const struct intruder *intruder);

/* One attack. @done is set last. */
struct job {
    const struct intruder *intruder;
    enum attack attack;
    uint64_t value;
    struct rpc rpc;
    uint32_t returned;
    uint32_t done;
};

/* On the current thread. */
void job_do(void *job);
/* The same on the thread's first CPU, and on its last: a thread must be new,
 * and may share a CPU with another new one for longer than a race takes. */
void job_do_first(void *job);
void job_do_last(void *job);
/* On a thread of its own, until it is over. */
struct job job_run(const struct intruder *intruder, enum attack attack,
                   uint64_t value);
/* On a thread each, at the same time, until both are over. */
void jobs_race(struct job *first, struct job *second);
bool job_is_done(const struct job *job);

/* TP_TEST_ROUNDS, or @usual: how often a race is run. */
uint64_t rounds_of_race(uint64_t usual);

/* The tests of each file, each one a case of its own name. */
void add_tests_of_races(Suite *suite);
void add_tests_of_stacks(Suite *suite);

/* @times: with _i from 0. */
#define add_attacks(suite, function, times)                                    \
    do {                                                                       \
        TCase *case_ = tcase_create(#function);                                \
                                                                               \
        tcase_add_checked_fixture(case_, NULL, intruders_end);                 \
        tcase_add_loop_test(case_, function, 0, (int)(times));                 \
        suite_add_tcase((suite), case_);                                       \
    } while (0)
#define add_attack(suite, function) add_attacks(suite, function, 1)
