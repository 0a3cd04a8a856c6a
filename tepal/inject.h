/* SPDX-License-Identifier: MIT */
/*
 * inject.h - "tepal inject": faults at random points of a running system, and
 * whether everything else held. docs/INJECT.md is for users.
 *
 * The campaign runs in child processes, since a fault of the kernel's own ends
 * a process; what they find stands on a board in shared memory, which outlives
 * them.
 */
#pragma once
#include "options.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define INJECT_WHAT_MAX 80
#define INJECT_WHY_MAX 200
#define INJECT_NOTES_MAX 4096
#define INJECT_RANDOM 8

enum inject_kind {
    INJECT_REGISTER, /* bits of a register, in the domain's text */
    INJECT_MEMORY,   /* bits of its data, private heap or data stack */
    INJECT_RESULT,   /* what it is about to return */
    INJECT_KILL,
    INJECT_STALL,    /* an endless loop */
    INJECT_DEVICE,   /* a named fault of the device's model */
    INJECT_RING,     /* bits of what the device reads and writes */
    INJECT_IRQ,      /* an interrupt too many, or too few */
    INJECT_ALLOC,    /* no memory for a while */
    INJECT_KINDS
};

enum inject_outcome {
    INJECT_RECOVERED, /* the system goes on as before */
    INJECT_DEGRADED,  /* it goes on, with less */
    INJECT_FAILED,    /* an invariant is broken, a hang, a kernel's fault */
    INJECT_OUTCOMES
};

/* All that is chosen for one fault, before it is known what there is. */
struct inject_plan {
    uint64_t fault; /* its number, from 0 */
    enum inject_kind kind;
    uint32_t domain; /* of the manifest */
    uint64_t random[INJECT_RANDOM];
};

/* Why a fault was not recovered from. */
struct inject_note {
    uint64_t fault;
    enum inject_kind kind;
    enum inject_outcome outcome;
    uint32_t domain;
    char what[INJECT_WHAT_MAX], why[INJECT_WHY_MAX];
};

/* What the test of the campaign itself damages, once, at fault number @at. */
struct inject_sabotage {
    const char *what; /* NULL: nothing */
    uint64_t at;
    bool is_done;
};

/* Written by one child at a time, read by the parent: atomic where both do. */
struct inject_board {
    uint64_t wanted, seed;
    uint64_t done;   /* faults that have an outcome */
    bool is_at_one;  /* a fault has begun, and has no outcome yet */
    bool stop;       /* no more faults, says the parent */
    struct inject_sabotage sabotage;
    bool ran;        /* this child's system has run: its faults count */
    uint64_t steps;  /* rises while the child is alive */
    struct inject_plan plan; /* of the fault that it is at, or was at last */
    enum inject_outcome outcome; /* of the last that was done */
    char what[INJECT_WHAT_MAX];

    uint64_t outcomes[INJECT_OUTCOMES];
    uint64_t kinds[INJECT_KINDS][INJECT_OUTCOMES];
    uint64_t domains[SYSTEM_DOMAINS_MAX][INJECT_OUTCOMES];
    char names[SYSTEM_DOMAINS_MAX][DOMAIN_NAME_MAX];
    uint32_t domain_count;
    char system[DOMAIN_NAME_MAX];
    uint64_t windows, windows_left; /* compared; not, since it had left */
    uint64_t payload_damage, audits, crashes, restarts, live_rrefs, children;
    uint64_t policies_set, frames;
    struct inject_note notes[INJECT_NOTES_MAX];
    uint64_t note_count; /* may be more than there is room for */
};

/* "registers", "memory" and so on. */
const char *inject_kind_name(enum inject_kind kind);
const char *inject_outcome_name(enum inject_outcome outcome);

/* The plan of fault @number: the same for each @seed, whatever happened. */
void inject_plan_make(struct inject_plan *plan, uint64_t seed, uint64_t number,
                      uint32_t domain_count);

/* Count the fault that the board is at; @why: NULL when it was recovered. */
void inject_done(struct inject_board *board, enum inject_outcome outcome,
                 const char *why);
/* The last one that was counted has failed after all. */
void inject_failed_after_all(struct inject_board *board, const char *why);

/*
 * In a child: start the system, inject faults until the campaign's end or until
 * the system is of no use any more, end it. An exit code; @run: how many faults
 * at most.
 */
int inject_child(struct inject_board *board, const struct run_options *options,
                 uint64_t run);

/* Add what the system has counted to the board. */
void inject_add_up(struct inject_board *board, const struct running *running);

/* The thread that injects, while the system runs. */
void inject_campaign(struct running *running, struct inject_board *board,
                     uint64_t run);

/* What has been found. */
void inject_report_text(const struct inject_board *board, FILE *file);
void inject_report_json(const struct inject_board *board, double seconds,
                        FILE *file);
