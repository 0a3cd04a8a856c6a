/* SPDX-License-Identifier: MIT */
/*
 * oracle.c - the rules about a text as a whole.
 *
 * In four steps, none of which needs an order: what can be reached, by a list
 * of work; which instructions share bytes; how deep the stack is at each, swept
 * until nothing changes; and where control and stack then break a rule.
 * Source: docs/VERIFIER.md, "The rules", "Why they are enough".
 */
#include "oracle.h"

#include <stdlib.h>
#include <string.h>

#include "oracle_insn.h"
#include "tepal/abi.h"

#define DEPTH_UNKNOWN (-1)
#define WORDS_MAX (TP_FRAME_MAX / 8)

/* What is known of a byte of text. */
struct place {
    bool is_start;
    bool is_inside;
    bool is_queued;
    struct oracle_insn insn; /* if it is a start */
    int32_t depth;           /* in words, before the instruction */
};

struct oracle {
    const struct verify_input *input;
    struct oracle_rules rules;
    struct place *places;
    uint32_t *work;
    uint32_t work_count;
    struct oracle_fault *faults;
    uint32_t fault_count, fault_room;
};

static void *sure(void *block)
{
    if (block == NULL)
        abort();
    return block;
}

static void note_at(struct oracle *oracle, enum verify_rule rule,
                    uint32_t address)
{
    if (oracle->fault_count == oracle->fault_room) {
        oracle->fault_room = 2 * oracle->fault_room + 8;
        oracle->faults =
            sure(realloc(oracle->faults,
                         oracle->fault_room * sizeof(*oracle->faults)));
    }
    oracle->faults[oracle->fault_count++] =
        (struct oracle_fault){.rule = rule, .address = address};
}

static void note(struct oracle *oracle, enum verify_rule rule, uint32_t at)
{
    note_at(oracle, rule, oracle->input->address + at);
}

static bool is_sound(const struct place *place)
{
    return place->is_start && place->insn.broken == 0;
}

/* --- where control goes -------------------------------------------------- */

static bool has_target(const struct place *place)
{
    return place->insn.flow == FLOW_JUMP || place->insn.flow == FLOW_BRANCH ||
           place->insn.flow == FLOW_CALL;
}

static bool goes_on(const struct place *place)
{
    return place->insn.flow == FLOW_NEXT || place->insn.flow == FLOW_BRANCH ||
           place->insn.flow == FLOW_CALL ||
           place->insn.flow == FLOW_IMPORT_CALL ||
           place->insn.flow == FLOW_TABLE_CALL;
}

static bool leaves(const struct place *place)
{
    return place->insn.flow == FLOW_RETURN ||
           place->insn.flow == FLOW_IMPORT_JUMP ||
           place->insn.flow == FLOW_TABLE_JUMP;
}

static bool is_in_text(const struct oracle *oracle, int64_t at)
{
    return at >= 0 && at < oracle->input->bytes;
}

/* Where control goes, within the text. */
struct edge {
    uint32_t to;
    bool is_call; /* begins a function */
};

/* All edges from @at; returns how many. */
static int edges_from(const struct oracle *oracle, uint32_t at,
                      struct edge edges[2])
{
    const struct place *place = &oracle->places[at];
    int64_t target = at + place->insn.target;
    int64_t next = (int64_t)at + place->insn.bytes;
    int count = 0;

    if (!is_sound(place))
        return 0;
    if (has_target(place) && is_in_text(oracle, target))
        edges[count++] =
            (struct edge){.to = (uint32_t)target,
                          .is_call = place->insn.flow == FLOW_CALL};
    if (goes_on(place) && is_in_text(oracle, next))
        edges[count++] = (struct edge){.to = (uint32_t)next};
    return count;
}

/* --- what can be reached ------------------------------------------------- */

static void queue(struct oracle *oracle, uint32_t at)
{
    if (oracle->places[at].is_queued)
        return;
    oracle->places[at].is_queued = true;
    oracle->work[oracle->work_count++] = at;
}

static struct oracle_insn insn_at(const struct oracle *oracle, uint32_t at)
{
    uint32_t rest = oracle->input->bytes - at;
    uint32_t bytes = rest < ZYDIS_MAX_INSTRUCTION_LENGTH
                         ? rest
                         : ZYDIS_MAX_INSTRUCTION_LENGTH;

    return oracle_insn_judge(&oracle->rules, oracle->input->text + at, bytes);
}

static bool is_table_branch(const struct oracle_insn *insn)
{
    return insn->flow == FLOW_TABLE_CALL || insn->flow == FLOW_TABLE_JUMP;
}

/* A mask and the branch behind it are one; a branch alone is refused. */
static struct oracle_insn unit_at(const struct oracle *oracle, uint32_t at)
{
    struct oracle_insn insn = insn_at(oracle, at), branch;

    if (is_table_branch(&insn))
        insn.broken |= 1u << VERIFY_INDIRECT;
    if (!insn.is_mask || insn.broken ||
        !is_in_text(oracle, (int64_t)at + insn.bytes))
        return insn;
    branch = insn_at(oracle, at + insn.bytes);
    if (branch.broken == 0 && is_table_branch(&branch)) {
        insn.bytes = (uint8_t)(insn.bytes + branch.bytes);
        insn.flow = branch.flow;
    }
    return insn;
}

static void reach(struct oracle *oracle)
{
    while (oracle->work_count > 0) {
        uint32_t at = oracle->work[--oracle->work_count];
        struct edge edges[2];

        oracle->places[at].is_start = true;
        oracle->places[at].insn = unit_at(oracle, at);
        for (int i = edges_from(oracle, at, edges); i > 0; i--)
            queue(oracle, edges[i - 1].to);
    }
}

static void reach_entries(struct oracle *oracle)
{
    const struct verify_input *input = oracle->input;

    for (uint32_t i = 0; i < input->entry_count; i++) {
        int64_t at = (int64_t)input->entries[i] - input->address;

        if (is_in_text(oracle, at))
            queue(oracle, (uint32_t)at);
        else
            note_at(oracle, VERIFY_ENTRY, input->entries[i]);
    }
    reach(oracle);
}

static void note_broken_instructions(struct oracle *oracle)
{
    for (uint32_t at = 0; at < oracle->input->bytes; at++)
        for (int rule = VERIFY_OK; rule <= VERIFY_ENTRY; rule++)
            if (oracle->places[at].is_start &&
                (oracle->places[at].insn.broken >> rule & 1))
                note(oracle, (enum verify_rule)rule, at);
}

/* --- which instructions share bytes -------------------------------------- */

static void note_overlap_of(struct oracle *oracle, uint32_t at)
{
    struct place *place = &oracle->places[at];

    for (uint32_t i = 1; i < place->insn.bytes; i++) {
        struct place *inside = &oracle->places[at + i];

        inside->is_inside = true;
        if (inside->is_start) {
            note(oracle, VERIFY_OVERLAP, at);
            note(oracle, VERIFY_OVERLAP, at + i);
        }
    }
}

/* At the two, and at whatever leads to the inner one. */
static void note_overlaps(struct oracle *oracle)
{
    struct edge edges[2];

    for (uint32_t at = 0; at < oracle->input->bytes; at++)
        if (oracle->places[at].is_start)
            note_overlap_of(oracle, at);
    for (uint32_t at = 0; at < oracle->input->bytes; at++)
        for (int i = edges_from(oracle, at, edges); i > 0; i--)
            if (oracle->places[edges[i - 1].to].is_inside)
                note(oracle, VERIFY_OVERLAP, at);
}

/* --- how deep the stack is ----------------------------------------------- */

static int32_t depth_after(const struct place *place)
{
    return place->depth + place->insn.stack;
}

static int32_t depth_along(const struct place *from, const struct edge *edge)
{
    return edge->is_call ? 0 : depth_after(from);
}

static bool stack_is_sound(const struct place *place)
{
    return place->depth != DEPTH_UNKNOWN && depth_after(place) >= 0 &&
           depth_after(place) <= WORDS_MAX;
}

/* Depths along the edges from @at that are not known yet. */
static bool spread_depth(struct oracle *oracle, uint32_t at)
{
    bool changed = false;
    struct edge edges[2];

    if (!is_sound(&oracle->places[at]) || !stack_is_sound(&oracle->places[at]))
        return false;
    for (int i = edges_from(oracle, at, edges); i > 0; i--) {
        struct place *next = &oracle->places[edges[i - 1].to];

        if (next->depth == DEPTH_UNKNOWN) {
            next->depth = depth_along(&oracle->places[at], &edges[i - 1]);
            changed = true;
        }
    }
    return changed;
}

static void find_depths(struct oracle *oracle)
{
    const struct verify_input *input = oracle->input;
    bool changed = true;

    for (uint32_t i = 0; i < input->entry_count; i++) {
        int64_t at = (int64_t)input->entries[i] - input->address;

        if (is_in_text(oracle, at))
            oracle->places[at].depth = 0;
    }
    while (changed) {
        changed = false;
        for (uint32_t at = 0; at < input->bytes; at++)
            changed |= spread_depth(oracle, at);
    }
}

/* At where it comes from and where it arrives. */
static void note_depths_from(struct oracle *oracle, uint32_t at)
{
    struct edge edges[2];

    for (int i = edges_from(oracle, at, edges); i > 0; i--) {
        const struct edge *edge = &edges[i - 1];

        if (oracle->places[edge->to].depth !=
            depth_along(&oracle->places[at], edge)) {
            note(oracle, VERIFY_DEPTH, at);
            note(oracle, VERIFY_DEPTH, edge->to);
        }
    }
}

static void note_stack_of(struct oracle *oracle, uint32_t at)
{
    const struct place *place = &oracle->places[at];

    if (depth_after(place) < 0)
        note(oracle, VERIFY_UNDERFLOW, at);
    else if (depth_after(place) > WORDS_MAX)
        note(oracle, VERIFY_FRAME, at);
    else
        note_depths_from(oracle, at);
    if (leaves(place) && place->depth != 0)
        note(oracle, VERIFY_RETURN, at);
}

static void note_stack(struct oracle *oracle)
{
    for (uint32_t at = 0; at < oracle->input->bytes; at++)
        if (is_sound(&oracle->places[at]) &&
            oracle->places[at].depth != DEPTH_UNKNOWN)
            note_stack_of(oracle, at);
}

/* --- control that leaves the text ---------------------------------------- */

static void note_control(struct oracle *oracle)
{
    for (uint32_t at = 0; at < oracle->input->bytes; at++) {
        const struct place *place = &oracle->places[at];

        if (!is_sound(place))
            continue;
        if (has_target(place) && !is_in_text(oracle, at + place->insn.target))
            note(oracle, VERIFY_TARGET, at);
        if (goes_on(place) &&
            !is_in_text(oracle, (int64_t)at + place->insn.bytes))
            note(oracle, VERIFY_FALLTHROUGH, at);
    }
}

/* --- the verdict --------------------------------------------------------- */

static uint8_t *reached_bytes(const struct oracle *oracle)
{
    uint8_t *reached = sure(calloc(oracle->input->bytes + 1, 1));

    for (uint32_t at = 0; at < oracle->input->bytes; at++)
        if (oracle->places[at].is_start)
            memset(reached + at, 1, oracle->places[at].insn.bytes);
    return reached;
}

struct oracle_verdict oracle_judge(const struct verify_input *input)
{
    struct oracle oracle = {
        .input = input,
        .rules = {.flavour = input->flavour,
                  .imports_end = input->imports_end,
                  .ftab_bytes = input->ftab_bytes},
        .places = sure(calloc(input->bytes + 1, sizeof(struct place))),
        .work = sure(calloc(input->bytes + 1, sizeof(uint32_t))),
    };
    struct oracle_verdict verdict;

    for (uint32_t at = 0; at < input->bytes; at++)
        oracle.places[at].depth = DEPTH_UNKNOWN;
    reach_entries(&oracle);
    find_depths(&oracle);
    note_broken_instructions(&oracle);
    note_overlaps(&oracle);
    note_stack(&oracle);
    note_control(&oracle);
    verdict = (struct oracle_verdict){.count = oracle.fault_count,
                                      .faults = oracle.faults,
                                      .reached = reached_bytes(&oracle)};
    free(oracle.places);
    free(oracle.work);
    return verdict;
}

void oracle_free(struct oracle_verdict *verdict)
{
    free(verdict->faults);
    free(verdict->reached);
}

static bool has_rule(const struct oracle_verdict *verdict,
                     enum verify_rule rule)
{
    for (uint32_t i = 0; i < verdict->count; i++)
        if (verdict->faults[i].rule == rule)
            return true;
    return false;
}

static bool is_about_the_stack(enum verify_rule rule)
{
    return rule == VERIFY_DEPTH || rule == VERIFY_UNDERFLOW ||
           rule == VERIFY_FRAME || rule == VERIFY_RETURN;
}

bool oracle_allows(const struct oracle_verdict *verdict,
                   struct verify_result result)
{
    if (result.rule == VERIFY_OK || verdict->count == 0)
        return (result.rule == VERIFY_OK) == (verdict->count == 0);
    if (is_about_the_stack(result.rule) && has_rule(verdict, VERIFY_DEPTH))
        return true;
    for (uint32_t i = 0; i < verdict->count; i++)
        if (verdict->faults[i].rule == result.rule &&
            verdict->faults[i].address == result.address)
            return true;
    return false;
}

enum verify_rule oracle_only_rule(const struct oracle_verdict *verdict)
{
    for (uint32_t i = 1; i < verdict->count; i++)
        if (verdict->faults[i].rule != verdict->faults[0].rule)
            return VERIFY_OK;
    return verdict->count > 0 ? verdict->faults[0].rule : VERIFY_OK;
}
