/* SPDX-License-Identifier: MIT */
/*
 * inject_plan.c - what is chosen for each fault, by its number and the seed
 * alone; and how outcomes are counted.
 */
#include "inject.h"
#include "tepal_trusted/base.h"

/* Out of 100. */
static const struct {
    const char *name;
    uint32_t share;
} kinds[INJECT_KINDS] = {
    [INJECT_REGISTER] = {"registers", 40}, [INJECT_MEMORY] = {"memory", 22},
    [INJECT_RESULT] = {"results", 10},     [INJECT_KILL] = {"kill", 8},
    [INJECT_STALL] = {"stall", 2},         [INJECT_DEVICE] = {"device", 4},
    [INJECT_RING] = {"rings", 5},          [INJECT_IRQ] = {"interrupts", 4},
    [INJECT_ALLOC] = {"allocation", 5},
};

static const char *const outcomes[INJECT_OUTCOMES] = {
    [INJECT_RECOVERED] = "recovered",
    [INJECT_DEGRADED] = "degraded",
    [INJECT_FAILED] = "failed",
};

const char *inject_kind_name(enum inject_kind kind)
{
    return kinds[kind].name;
}

const char *inject_outcome_name(enum inject_outcome outcome)
{
    return outcomes[outcome];
}

/* Source: Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014: SplitMix64. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static enum inject_kind choose_kind(uint32_t ticket)
{
    uint32_t kind;

    for (kind = 0; kind < INJECT_KINDS - 1; kind++) {
        if (ticket < kinds[kind].share)
            break;
        ticket -= kinds[kind].share;
    }
    return (enum inject_kind)kind;
}

void inject_plan_make(struct inject_plan *plan, uint64_t seed, uint64_t number,
                      uint32_t domain_count)
{
    uint64_t state = seed, i;

    state = next(&state) ^ number;
    plan->fault = number;
    plan->kind = choose_kind((uint32_t)(next(&state) % 100));
    plan->domain = (uint32_t)(next(&state) % domain_count);
    for (i = 0; i < INJECT_RANDOM; i++)
        plan->random[i] = next(&state);
}

static void note(struct inject_board *board, enum inject_outcome outcome,
                 const char *why)
{
    struct inject_note *entry;

    if (board->note_count++ >= INJECT_NOTES_MAX)
        return;
    entry = &board->notes[board->note_count - 1];
    entry->fault = board->plan.fault;
    entry->kind = board->plan.kind;
    entry->outcome = outcome;
    entry->domain = board->plan.domain;
    text_copy(entry->what, sizeof(entry->what), board->what);
    text_copy(entry->why, sizeof(entry->why), why);
}

static void count(struct inject_board *board, enum inject_outcome outcome,
                  uint64_t change)
{
    board->outcomes[outcome] += change;
    board->kinds[board->plan.kind][outcome] += change;
    board->domains[board->plan.domain][outcome] += change;
}

void inject_done(struct inject_board *board, enum inject_outcome outcome,
                 const char *why)
{
    count(board, outcome, 1);
    board->outcome = outcome;
    if (outcome != INJECT_RECOVERED)
        note(board, outcome, why);
    __atomic_store_n(&board->is_at_one, false, __ATOMIC_RELEASE);
    __atomic_store_n(&board->done, board->done + 1, __ATOMIC_RELEASE);
}

void inject_failed_after_all(struct inject_board *board, const char *why)
{
    if (board->outcome == INJECT_FAILED || board->done == 0)
        return;
    count(board, board->outcome, (uint64_t)-1);
    count(board, INJECT_FAILED, 1);
    board->outcome = INJECT_FAILED;
    note(board, INJECT_FAILED, why);
}

/* The threads may still run, where a system is left as it is. */
__attribute__((no_sanitize("thread"))) void
inject_add_up(struct inject_board *board, const struct running *running)
{
    uint32_t i;

    for (i = 0; i < running->loaded; i++) {
        const struct domain *domain = running->domains[i].domain;

        board->crashes += domain->crashes;
        board->restarts += domain->generation ? domain->generation - 1 : 0;
    }
    for (i = 0; i < running->plugged; i++)
        board->frames += running->nics[i].wire.counts.packets_out;
}
