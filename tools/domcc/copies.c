/* SPDX-License-Identifier: MIT */
/*
 * copies.c - structures that clang passes by value.
 *
 * It copies those of more than 128 bytes by rep movsq, and no option changes
 * that. The count is a constant that it has just loaded, so the copy is written
 * out, with what the instruction leaves in registers. Like the instruction, none
 * of this changes the flags.
 */
#include "rewriter.h"
#include <string.h>

/* Longer ones would be slower than a call, which nobody asked for. */
enum { QUADS_MAX = 128 };

static bool is_copy(const struct insn *insn)
{
    return strncmp(insn->prefix, "rep", 3) == 0 &&
           strcmp(insn->mnemonic, "movsq") == 0;
}

/* What is in %ecx behind @insn, if that loads a constant; else -1. */
static int64_t loads_count(const struct insn *insn)
{
    int64_t count;

    if (insn_is(insn, "mov") && insn->operand_count == 2 &&
        insn->operands[0].kind == OPERAND_IMMEDIATE &&
        insn->operands[1].reg.number == REG_RCX &&
        insn->operands[1].reg.bits >= 32 &&
        parse_number(insn->operands[0].text + 1, &count))
        return count;
    return -1;
}

/* The constant that %rcx has at @copy; -1 if that is not known. */
static int64_t find_count(const struct function *function,
                          const struct statement *copy)
{
    const struct statement *first =
        &function->assembly->statements[function->first];

    for (const struct statement *at = copy - 1; at > first; at--) {
        if (at->kind == STATEMENT_LABEL)
            return -1;
        if (at->kind != STATEMENT_INSN)
            continue;
        if (insn_is_call(&at->insn) || at->from_asm)
            return -1;
        if (insn_writes(&at->insn) & REGISTER_BIT(REG_RCX))
            return loads_count(&at->insn);
    }
    return -1;
}

bool copy_rewrite(struct rewriter *rewriter, const struct statement *statement)
{
    int64_t count;

    if (rewriter->flavour != TP_FLAVOUR_GS || !is_copy(&statement->insn))
        return false;
    count = find_count(rewriter->function, statement);
    if (count <= 0 || count > QUADS_MAX)
        return false;
    emit(rewriter, "push\t%%rax");
    for (int64_t at = 0; at < 8 * count; at += 8) {
        emit(rewriter, "movq\t%%gs:%d(%%esi), %%rax", (int)at);
        emit(rewriter, "movq\t%%rax, %%gs:%d(%%edi)", (int)at);
    }
    emit(rewriter, "pop\t%%rax");
    emit(rewriter, "leaq\t%d(%%rsi), %%rsi", (int)(8 * count));
    emit(rewriter, "leaq\t%d(%%rdi), %%rdi", (int)(8 * count));
    emit(rewriter, "movl\t$0, %%ecx");
    return true;
}
