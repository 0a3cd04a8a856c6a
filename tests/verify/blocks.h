/* SPDX-License-Identifier: MIT */
/*
 * blocks.h - what straight pieces of the text that is executed do, as Zydis
 * reads them: which words they push and pop, how they end, and whether they
 * keep what the guarantees of docs/VERIFIER.md say of bytes and of state.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum stack_step { STEP_PUSH, STEP_POP, STEP_CALL, STEP_RETURN };

enum block_end {
    BLOCK_GOES_ON, /* no branch: the emulator ended it */
    BLOCK_JUMPS,   /* or branches, to a target in its bytes */
    BLOCK_JUMPS_BY_TABLE,
    BLOCK_CALLS,
    BLOCK_CALLS_BY_TABLE,
    BLOCK_RETURNS,
};

struct block {
    uint32_t bytes, insns;
    const uint8_t *steps; /* enum stack_step, in order */
    uint32_t step_count;
    enum block_end end;
    const char *flaw; /* what executing it breaks, or NULL */
};

/* The text in the way that it is loaded. */
struct blocks;

struct blocks *blocks_create(void);
void blocks_free(struct blocks *blocks);

/*
 * Forget the text before, and begin with @text. Owns: borrows it and @marks
 * until the next.
 * @marks: the verifier's (control_rules.c), of which 0 is no instruction's,
 *         0xffff the inside of one, others 1 plus a depth in words.
 */
void blocks_begin(struct blocks *blocks, const uint8_t *text, uint32_t bytes,
                  const uint16_t *marks);

/* The block of @bytes at @index of the text. Needs: both within the text. */
const struct block *blocks_find(struct blocks *blocks, uint32_t index,
                                uint32_t bytes);

/* Instructions at @index and behind it that begin before @end. */
uint32_t blocks_count(struct blocks *blocks, uint32_t index, uint32_t end);

/* Whether at @index is what Unicorn refuses and a processor does not: an SSE
 * comparison whose predicate has ignored bits, mov of a constant with REX.R. */
bool blocks_is_unknown(struct blocks *blocks, uint32_t index);

/* What stands at @index: "name", for a report. */
void blocks_describe(const uint8_t *text, uint32_t bytes, uint32_t index,
                     char *name, uint32_t room);
