/* SPDX-License-Identifier: MIT */
/*
 * suite.h - what is measured, as data, and how.
 *
 * A case is a stretch of many rounds. All cases of a stage take turns, so that
 * a drift of the machine meets all of them, and a claim is the ratio of two
 * medians: the case's, and that of a plain indirect call in the same stage.
 * What is timed has the full protection that ships.
 *
 * A neighbour on the same core slows a crossing more than a plain call. So the
 * plain call is timed after each case, and a turn counts only if it was near
 * its best each time; the result says how many turns were disturbed. If it has
 * to wait too long for quiet ones, the rest count as they are, and it says so.
 * Source: thesis 4, Table 1; design, section 8.
 */
#pragma once
#include "clock.h"
#include <stdbool.h>
#include <stdint.h>

#define SUITE_CASES_MAX 20
#define SUITE_STAGES_MAX 2

struct domain;
struct bench_case;

/* Domains bench_caller, by their flavour and that of the one they call. */
enum bench_caller { CALLER_BASE, CALLER_GS, CALLER_BASE_TO_GS, CALLERS };

/* @caller: the case's domain bench_caller. False: what was measured failed. */
typedef bool bench_body(const struct bench_case *c, struct domain *caller,
                        uint32_t rounds);

/*
 * Reference figures travel with the case; TSC cycles on the machines of their
 * sources, so they say what to expect and nothing more.
 */
struct bench_case {
    const char *name;
    bench_body *body;
    uint32_t what; /* for bench_in_domain(): see domains/bench */
    uint32_t divide; /* rounds are divided by this: slower cases */
    uint32_t stage;
    const char *reference;
    enum bench_caller caller;
};

/*
 * The first case is bench_indirect(). @enter, unless NULL, makes ready for a
 * stage, with the caller of base; @leave, unless NULL, comes after the last
 * one.
 */
struct bench_suite {
    const char *name;
    const struct bench_case *cases;
    uint32_t case_count, stages;
    bool (*enter)(uint32_t stage, struct domain *caller);
    void (*leave)(void);
};
extern const struct bench_suite suite_crossing, suite_heap;

/* A plain call through a pointer: the unit of all ratios. */
bench_body bench_indirect;
/* The caller domain repeats what number c->what stands for. */
bench_body bench_in_domain;

/* Units: TSC cycles a round. */
struct bench_result {
    struct sample cases[SUITE_CASES_MAX];
    double ratios[SUITE_CASES_MAX];
    double core_ratio; /* core cycles in a TSC cycle */
    uint32_t disturbed; /* turns that were not counted */
    bool never_quiet, failed;
};

/* Needs: a kernel thread of its own, which stays pinned. */
void suite_measure(const struct bench_suite *suite,
                   struct domain *const callers[CALLERS],
                   struct bench_result *result);
