/* SPDX-License-Identifier: MIT */
/* measure.c - cases take turns until there are enough that count. */
#include "arch/platform.h"
#include "suite.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/crossing.h"

#define SAMPLES 101
#define PATIENCE 5000000000u /* ns for a stage, until disturbed turns count */
#define QUIET 1.06 /* of the plain call's best time: beyond, someone did */
#define ROUNDS 10000u

/* One at a time in a process; too large for a stack. */
static double values[SUITE_CASES_MAX][SAMPLES];
static double plain_calls[SAMPLES], core_ratios[SAMPLES];

/* Aligned, so that the unit of all ratios does not depend on its neighbours. */
#define UNIT __attribute__((noinline, aligned(64)))

static UNIT uint64_t plain(uint64_t x)
{
    __asm__ volatile("" : "+r"(x));
    return x + 1;
}

UNIT bool bench_indirect(const struct bench_case *c, struct domain *caller,
                         uint32_t rounds)
{
    uint64_t (*volatile function)(uint64_t) = plain;
    uint64_t value = 0;
    uint32_t i;

    (void)c, (void)caller;
    for (i = 0; i < rounds; i++)
        value = function(value);
    return value == rounds;
}

bool bench_in_domain(const struct bench_case *c, struct domain *caller,
                     uint32_t rounds)
{
    uint32_t value = 1;
    struct rpc rpc = crossing_run(caller, caller->exports[0].entries[0],
                                  c->what, rounds, &value);

    return rpc.result == RPC_OK && value == 0;
}

struct measuring {
    const struct bench_suite *suite;
    struct domain *const *callers;
    struct bench_result *result;
    double best; /* plain call */
};

static double measure(struct measuring *m, const struct bench_case *c)
{
    uint32_t rounds = ROUNDS / c->divide;
    uint64_t begin, end;
    bool fine;

    begin = clock_begin();
    fine = c->body(c, m->callers[c->caller], rounds);
    end = clock_end();
    m->result->failed = m->result->failed || !fine;
    return (double)(end - begin) / rounds;
}

/* Whether nobody disturbed it. */
static bool measure_plain(struct measuring *m, double *took)
{
    *took = measure(m, &m->suite->cases[0]);
    if (*took < m->best)
        m->best = *took;
    return *took <= m->best * QUIET;
}

/* One turn of all cases of @stage; whether nobody disturbed it. */
static bool take_turn(struct measuring *m, uint32_t stage, uint32_t sample)
{
    bool quiet = measure_plain(m, &plain_calls[sample]);
    double unused;
    uint32_t i;

    for (i = 1; i < m->suite->case_count; i++) {
        if (m->suite->cases[i].stage != stage)
            continue;
        values[i][sample] = measure(m, &m->suite->cases[i]);
        quiet = measure_plain(m, &unused) && quiet;
    }
    core_ratios[sample] = clock_core_cycles();
    return quiet && plain_calls[sample] <= m->best * QUIET;
}

static void fill_samples(struct measuring *m, uint32_t stage)
{
    uint64_t start = clock_nanoseconds();
    uint32_t sample = 0;
    bool late;

    while (sample < SAMPLES) {
        late = clock_nanoseconds() - start > PATIENCE;
        m->result->never_quiet = m->result->never_quiet || late;
        if (take_turn(m, stage, sample) || late)
            sample++;
        else
            m->result->disturbed++;
    }
}

static void measure_stage(struct measuring *m, uint32_t stage)
{
    struct bench_result *result = m->result;
    struct sample plain_call;
    uint32_t i;

    (void)take_turn(m, stage, 0); /* warms up */
    fill_samples(m, stage);
    plain_call = sample_of(plain_calls, SAMPLES);
    result->core_ratio = sample_of(core_ratios, SAMPLES).median;
    if (stage == 0) {
        result->cases[0] = plain_call;
        result->ratios[0] = 1;
    }
    for (i = 1; i < m->suite->case_count; i++) {
        if (m->suite->cases[i].stage != stage)
            continue;
        result->cases[i] = sample_of(values[i], SAMPLES);
        result->ratios[i] = result->cases[i].median / plain_call.median;
    }
}

void suite_measure(const struct bench_suite *suite,
                   struct domain *const callers[CALLERS],
                   struct bench_result *result)
{
    struct measuring m = {suite, callers, result, 1e9};
    uint32_t stage;

    clock_pin();
    for (stage = 0; stage < suite->stages; stage++) {
        if (suite->enter && !suite->enter(stage, callers[CALLER_BASE]))
            result->failed = true;
        else
            measure_stage(&m, stage);
    }
    if (suite->leave)
        suite->leave();
}
