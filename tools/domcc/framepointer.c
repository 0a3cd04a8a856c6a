/* SPDX-License-Identifier: MIT */
/*
 * framepointer.c - code that addresses its frame by %rbp.
 *
 * clang cannot be told to leave a register alone, but it can be told to keep a
 * frame pointer, in all functions, in %rbp. That register is then free of
 * anything else, and is the data stack's in what is written. So the frame
 * pointer goes: saving and restoring it become what they do to %rsp, and an
 * operand by %rbp becomes one by %rsp, whose depth is known everywhere.
 */
#include "paths.h"

static bool is_register(const struct operand *operand, int number)
{
    return operand->kind == OPERAND_REGISTER && operand->reg.number == number;
}

static bool sets_frame_pointer(const struct insn *insn)
{
    return insn_is(insn, "mov") && insn->operand_count == 2 &&
           is_register(&insn->operands[0], REG_RSP) &&
           is_register(&insn->operands[1], REG_RBP);
}

/* What @insn does to %rsp, without the register. */
static void move_only(struct arena *arena, struct insn *insn,
                      const char *mnemonic)
{
    insn->mnemonic = mnemonic;
    insn->operand_count = 2;
    operand_parse(arena, "$8", false, &insn->operands[0]);
    operand_parse(arena, "%rsp", false, &insn->operands[1]);
}

void framepointer_drop(struct function *function)
{
    struct arena *arena = function->assembly->arena;

    for (size_t at = function->first; at < function->end; at++) {
        struct statement *statement = &function->assembly->statements[at];
        struct insn *insn = &statement->insn;

        if (statement->kind != STATEMENT_INSN || !insn->operand_count)
            continue;
        if (sets_frame_pointer(insn))
            statement->sets_frame = true;
        else if (!is_register(&insn->operands[0], REG_RBP))
            continue;
        else if (insn_is(insn, "push"))
            move_only(arena, insn, "subq");
        else if (insn_is(insn, "pop"))
            move_only(arena, insn, "addq");
    }
}

/* How much is pushed where the frame pointer is set; -1: nowhere. */
static bool find_depth(const struct walk *walk, int *depth)
{
    const struct function *function = walk->function;

    *depth = -1;
    for (size_t at = function->first; at < function->end; at++) {
        const struct statement *statement = &function->assembly->statements[at];
        int here = stack_depth(statement->stack);

        if (!statement->sets_frame || !statement->reached)
            continue;
        if (*depth >= 0 && *depth != here)
            return walk_refuse(walk, statement, statement->text,
                               "two frames in one function");
        *depth = here;
    }
    return true;
}

/* In stack.c a source of %rsp may have a displacement. */
static bool is_source(const struct insn *insn, const struct operand *operand)
{
    return insn->operand_count == 2 && operand == &insn->operands[0];
}

static bool resolve(const struct walk *walk, struct statement *statement,
                    struct operand *operand, int depth)
{
    bool is_frame = is_register(operand, REG_RBP), by_frame;

    if (operand->kind == OPERAND_MEMORY && operand->index == REG_RBP &&
        operand->scale == 1 && operand->base != REG_RSP) {
        operand->index = operand->base;
        operand->base = REG_RBP;
    }
    by_frame = operand->kind == OPERAND_MEMORY && operand->base == REG_RBP;
    if ((is_frame && !is_source(&statement->insn, operand)) ||
        ((is_frame || by_frame) && depth < 0) ||
        (operand->kind == OPERAND_MEMORY && operand->index == REG_RBP))
        return walk_refuse(walk, statement, statement->text,
                           "the frame pointer is for the compiler's own use");
    if (by_frame)
        operand->base = REG_RSP;
    else if (is_frame)
        operand->reg.number = REG_RSP;
    if (is_frame || by_frame)
        operand->displacement += stack_depth(statement->stack) - depth;
    return true;
}

bool framepointer_resolve(struct walk *walk)
{
    struct function *function = walk->function;
    int depth;

    if (!find_depth(walk, &depth))
        return false;
    for (size_t at = function->first; at < function->end; at++) {
        struct statement *statement = &function->assembly->statements[at];
        struct insn *insn = &statement->insn;

        if (statement->kind != STATEMENT_INSN || !statement->reached ||
            statement->sets_frame)
            continue;
        for (int i = 0; i < insn->operand_count; i++)
            if (!resolve(walk, statement, &insn->operands[i], depth))
                return false;
    }
    return true;
}
