/* SPDX-License-Identifier: MIT */
/*
 * counts.c - see counts.h. A count is the difference between twice as many calls
 * and so many, so that what is done once is not in it.
 * Source: design, section 8 (the instruction clock).
 */
#include "counts.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/crossing.h"

#define ROUNDS 100u

/* As domains/bench/bench_caller.c numbers what it can repeat. */
static const struct {
    const char *name;
    uint64_t what;
} cases[] = {
    {"crossing/null", 0},       {"crossing/rref_move", 1},
    {"crossing/rref_borrow", 2}, {"crossing/args6", 3},
    {"heap/alloc_free_64", 7},
};

static bool run(struct domain *caller, uint64_t what, uint64_t rounds,
                uint64_t *cycles)
{
    uint64_t start = cpu_cycles();
    uint32_t value = 1;
    struct rpc rpc = crossing_run(caller, caller->exports[0].entries[0], what,
                                  rounds, &value);

    *cycles = cpu_cycles() - start;
    return rpc.result == RPC_OK && value == 0;
}

static bool count(struct domain *caller, uint64_t what,
                  uint64_t *instructions)
{
    uint64_t once, twice;

    if (!run(caller, what, ROUNDS, &once) /* the first time is another */ ||
        !run(caller, what, ROUNDS, &once) ||
        !run(caller, what, 2 * ROUNDS, &twice))
        return false;
    *instructions = (twice - once) / ROUNDS;
    return true;
}

bool counts_take(struct domain *caller)
{
    uint64_t instructions;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (!count(caller, cases[i].what, &instructions)) {
            log_line("count", "%s failed", cases[i].name);
            return false;
        }
        log_line("count", "%s %lu", cases[i].name, instructions);
    }
    return true;
}
