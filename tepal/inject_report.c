/* SPDX-License-Identifier: MIT */
/* inject_report.c - what a campaign has found, for people and as JSON. */
#include "inject.h"
#include "json.h"

static uint64_t sum_of(const uint64_t outcomes[INJECT_OUTCOMES])
{
    uint64_t sum = 0;
    uint32_t i;

    for (i = 0; i < INJECT_OUTCOMES; i++)
        sum += outcomes[i];
    return sum;
}

static void text_line(FILE *file, const char *name,
                      const uint64_t outcomes[INJECT_OUTCOMES])
{
    if (sum_of(outcomes))
        fprintf(file, "  %-14s %10lu %10lu %10lu %10lu\n", name,
                sum_of(outcomes), outcomes[INJECT_RECOVERED],
                outcomes[INJECT_DEGRADED], outcomes[INJECT_FAILED]);
}

static uint64_t notes_of(const struct inject_board *board)
{
    return board->note_count < INJECT_NOTES_MAX ? board->note_count
                                                : INJECT_NOTES_MAX;
}

static void text_failures(const struct inject_board *board, FILE *file)
{
    uint64_t i;

    for (i = 0; i < notes_of(board); i++) {
        const struct inject_note *note = &board->notes[i];

        if (note->outcome == INJECT_FAILED)
            fprintf(file, "fault %lu, %s of %s (%s): %s\n", note->fault,
                    inject_kind_name(note->kind), board->names[note->domain],
                    note->what, note->why);
    }
}

void inject_report_text(const struct inject_board *board, FILE *file)
{
    uint32_t i;

    fprintf(file, "system %s, seed %lu\n", board->system, board->seed);
    fprintf(file, "  %-14s %10s %10s %10s %10s\n", "", "faults", "recovered",
            "degraded", "failed");
    text_line(file, "all", board->outcomes);
    for (i = 0; i < INJECT_KINDS; i++)
        text_line(file, inject_kind_name((enum inject_kind)i),
                  board->kinds[i]);
    for (i = 0; i < board->domain_count; i++)
        text_line(file, board->names[i], board->domains[i]);
    fprintf(file, "crashes %lu, restarts %lu, runs %lu, live rrefs %lu\n",
            board->crashes, board->restarts, board->children,
            board->live_rrefs);
    fprintf(file, "memory of others compared %lu times; payloads of others "
            "damaged %lu\n", board->windows, board->payload_damage);
    if (board->policies_set)
        fprintf(file, "set by inject: restart=always, without limit; a budget "
                "of 20 ms where the manifest has none\n");
    text_failures(board, file);
}

static void json_outcomes(struct json *json,
                          const uint64_t outcomes[INJECT_OUTCOMES])
{
    uint32_t i;

    json_number(json, "faults", sum_of(outcomes));
    for (i = 0; i < INJECT_OUTCOMES; i++)
        json_number(json, inject_outcome_name((enum inject_outcome)i),
                    outcomes[i]);
}

static void json_kinds(const struct inject_board *board, struct json *json)
{
    uint32_t i;

    json_open(json, "kinds", '{');
    for (i = 0; i < INJECT_KINDS; i++) {
        json_open(json, inject_kind_name((enum inject_kind)i), '{');
        json_outcomes(json, board->kinds[i]);
        json_close(json, '}');
    }
    json_close(json, '}');
    json_open(json, "domains", '{');
    for (i = 0; i < board->domain_count; i++) {
        json_open(json, board->names[i], '{');
        json_outcomes(json, board->domains[i]);
        json_close(json, '}');
    }
    json_close(json, '}');
}

static void json_notes(const struct inject_board *board, struct json *json)
{
    uint64_t i;

    json_open(json, "unrecovered", '[');
    for (i = 0; i < notes_of(board); i++) {
        const struct inject_note *note = &board->notes[i];

        json_open(json, NULL, '{');
        json_number(json, "fault", note->fault);
        json_text(json, "kind", inject_kind_name(note->kind));
        json_text(json, "domain", board->names[note->domain]);
        json_text(json, "outcome", inject_outcome_name(note->outcome));
        json_text(json, "what", note->what);
        json_text(json, "why", note->why);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_number(json, "unrecovered_left_out",
                board->note_count - notes_of(board));
}

void inject_report_json(const struct inject_board *board, double seconds,
                        FILE *file)
{
    struct json json;

    json_begin(&json, file);
    json_text(&json, "system", board->system);
    json_number(&json, "seed", board->seed);
    json_outcomes(&json, board->outcomes);
    json_number(&json, "live_rrefs", board->live_rrefs);
    json_number(&json, "payload_damage", board->payload_damage);
    json_number(&json, "audits", board->audits);
    json_number(&json, "memory_compared", board->windows);
    json_number(&json, "memory_not_compared", board->windows_left);
    json_number(&json, "crashes", board->crashes);
    json_number(&json, "restarts", board->restarts);
    json_number(&json, "runs", board->children);
    json_number(&json, "packets_out", board->frames);
    json_real(&json, "seconds", seconds);
    json_kinds(board, &json);
    json_notes(board, &json);
    json_end(&json);
}
