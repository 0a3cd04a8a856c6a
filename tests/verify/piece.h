/* SPDX-License-Identifier: MIT */
/*
 * piece.h - pieces of machine code to be judged: woven at random out of
 * instructions, carved out of domains, and changed.
 */
#pragma once
#include <stdbool.h>

#include "dom_text.h"
#include "snippet.h"

#define PIECE_ROOM 512

struct piece {
    uint8_t text[PIECE_ROOM];
    uint32_t bytes;
    uint32_t entries[2]; /* slot offsets */
    uint32_t imports_end;
    uint32_t ftab_bytes;
    uint32_t flavour;
};

/* Random numbers, the same from run to run. */
void random_seed(uint64_t seed);
uint64_t random_bits(void);
uint32_t random_below(uint32_t end);
bool random_chance(uint32_t in); /* one in @in */

/*
 * Fill the pool of instructions that pieces are made of: random ones, and those
 * of @texts with the same flavour.
 */
void pool_fill(uint32_t flavour, const struct dom_text *texts, int count);

/* Instruction of the pool to @to; returns its bytes, at most 15. */
uint32_t pool_pick(uint8_t *to);

/* A function: instructions, branches, loops, pushes and pops that match, calls
 * of every kind, and an end. Keeps to the rules. */
void piece_weave(struct piece *piece, uint32_t flavour);

/* Instructions of a domain from one that is called on, with branches out of the
 * piece and calls led to traps and returns at its end. */
void piece_carve(struct piece *piece, const struct dom_text *text);

/* One of the corpus. */
void piece_from_snippet(struct piece *piece, const struct snippet *snippet,
                        uint32_t flavour);

/* One instruction, the @number th of INSTRUCTIONS, with a trap behind it. */
#define INSTRUCTIONS ((uint64_t)PREFIX_SETS * 17 * 2 * 256 * 256)
#define PREFIX_SETS 19
void piece_from_number(struct piece *piece, uint64_t number, uint32_t flavour);

/* Change something: a bit, a byte, a branch, operands, an instruction. */
void piece_mutate(struct piece *piece);

/* The same for the @bytes of a whole text, in place. */
void text_mutate(uint8_t *text, uint32_t bytes, const uint32_t *starts,
                 uint32_t start_count);

/* The starts of instructions, read one after the other; returns how many. */
uint32_t text_starts(const uint8_t *text, uint32_t bytes, uint32_t flavour,
                     uint32_t *starts);

/* @text->starts. */
void dom_text_find_starts(struct dom_text *text);
