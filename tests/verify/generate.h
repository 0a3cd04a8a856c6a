/* SPDX-License-Identifier: MIT */
/*
 * generate.h - random instructions, and functions of them.
 */
#pragma once
#include "mutant.h"
#include "listings.h"

/* Functions in the making: lines, and the first line of each function. */
#define DRAFT_LINES_MAX 4400
#define DRAFT_STARTS_MAX 4

struct draft {
    uint32_t flavour, count, start_count;
    uint32_t starts[DRAFT_STARTS_MAX];
    struct line lines[DRAFT_LINES_MAX];
};

/* Any one instruction that the verifier takes by itself; most access memory. */
struct line generate_insn(struct chance *chance, uint32_t flavour);

/* A load of an address register, a push, a pop, a masked call and the like. */
uint32_t generate_idiom(struct chance *chance, uint32_t flavour,
                        struct line *lines);
#define IDIOM_LINES_MAX 3

/* Append a function, with loops, calls and frames. */
void generate_function(struct draft *draft, struct chance *chance);

/* Append one of a frame about as large as one may be. */
void generate_large_frame(struct draft *draft, struct chance *chance);

void draft_add(struct draft *draft, const struct line *line);
/* Code for a line, of which bytes are in the order of memory. */
struct line line_of(uint32_t length, const char *bytes);
