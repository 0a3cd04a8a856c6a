/* SPDX-License-Identifier: MIT */
/* verified.c - see verified.h. */
#include "verified.h"
#include "decode.h"
#include "memory_rules.h"
#include "tepal/abi.h"
#include <string.h>

#define INT3 0xcc

static bool is_indirect(const struct insn *insn)
{
    return insn->class == INSN_CALL_INDIRECT ||
           insn->class == INSN_JUMP_INDIRECT;
}

static bool is_direct(const struct insn *insn)
{
    return insn->class == INSN_CALL || insn->class == INSN_JUMP ||
           insn->class == INSN_BRANCH;
}

/* The instruction at @at, all of it reached. */
static struct insn look_at_one(const struct verify_input *input,
                               const void *scratch, uint32_t at)
{
    struct insn insn;
    uint32_t i;

    CLAIM(decode_insn(input->text + at, input->bytes - at, &insn) ==
          VERIFY_OK);
    CLAIM(insn.length >= 1 && insn.length <= 15);
    CLAIM(insn.length <= input->bytes - at);
    for (i = 0; i < insn.length; i++)
        CLAIM(verify_reached(scratch, at + i));
    if (!is_indirect(&insn))
        CLAIM(memory_rules_check(&insn, input->flavour) == VERIFY_OK);
    return insn;
}

/* One for each start of an instruction that was reached. */
static uint8_t *starts_of(const struct verify_input *input,
                          const void *scratch)
{
    uint8_t *starts = calloc(input->bytes + 1, 1);
    uint32_t at;

    CLAIM(starts);
    for (at = 0; at < input->bytes;) {
        starts[at] = verify_reached(scratch, at);
        at += starts[at] ? look_at_one(input, scratch, at).length : 1;
    }
    return starts;
}

static void look_at_branch(const struct verify_input *input,
                           const uint8_t *starts, uint32_t at)
{
    struct insn insn;
    int64_t target;

    CLAIM(decode_insn(input->text + at, input->bytes - at, &insn) ==
          VERIFY_OK);
    target = (int64_t)at + insn.length + insn.immediate;
    if (is_direct(&insn)) {
        CLAIM(target >= 0 && target < (int64_t)input->bytes);
        CLAIM(starts[target]);
    }
}

static void look(const struct verify_input *input, const void *scratch)
{
    uint8_t *starts = starts_of(input, scratch);
    uint32_t i;

    for (i = 0; i < input->entry_count; i++) {
        CLAIM(input->entries[i] >= input->address);
        CLAIM(input->entries[i] - input->address < input->bytes);
        CLAIM(starts[input->entries[i] - input->address]);
    }
    for (i = 0; i < input->bytes; i++)
        if (starts[i])
            look_at_branch(input, starts, i);
    free(starts);
}

/* @fresh has the same reached bytes as @before. */
static void look_is_same(const struct verify_input *input, const void *before,
                         const void *fresh)
{
    uint32_t i;

    for (i = 0; i < input->bytes; i++)
        CLAIM(verify_reached(before, i) == verify_reached(fresh, i));
}

enum verify_rule verify_and_look(const struct verify_input *input,
                                 uint8_t *text)
{
    size_t room = verify_scratch_bytes(input->bytes);
    void *scratch = malloc(room ? room : 1), *again;
    struct verify_result result;
    uint32_t i;

    CLAIM(scratch);
    result = verify_text(input, scratch);
    claim_is_text(verify_rule_name(result.rule), 128);
    if (result.rule == VERIFY_OK) {
        look(input, scratch);
        for (i = 0; i < input->bytes; i++)
            if (!verify_reached(scratch, i))
                text[i] = INT3;
        again = malloc(room ? room : 1);
        CLAIM(again);
        CLAIM(verify_text(input, again).rule == VERIFY_OK);
        look_is_same(input, scratch, again);
        free(again);
    }
    free(scratch);
    return result.rule;
}
