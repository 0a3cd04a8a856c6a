/* SPDX-License-Identifier: MIT */
/*
 * copies.c - string instructions that compilers write whatever the options.
 *
 * clang copies structures of more than 128 bytes, passed by value, by rep
 * movsq. The count is a constant that it has just loaded, so the copy is written
 * out, with what the instruction leaves in registers. gcc writes a single movs
 * or stos for *to++ = *from++ and *to++ = value, where it wants short code.
 * Like the instructions, none of this changes the flags.
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

/* The size of @insn in bits if it is @name and moves one element; else 0. */
static int element_of(const struct insn *insn, const char *name)
{
    static const char suffixes[] = "bwlq";
    const char *suffix = insn->mnemonic + strlen(name);

    if (insn->operand_count || *insn->prefix ||
        strncmp(insn->mnemonic, name, strlen(name)) != 0 || !*suffix ||
        suffix[1] || !strchr(suffixes, *suffix))
        return 0;
    return 8 << (strchr(suffixes, *suffix) - suffixes);
}

/* What the pointer in register @number points to. */
static const char *element_at(struct rewriter *rewriter,
                              const struct statement *statement, int number)
{
    struct operand operand = {.kind = OPERAND_MEMORY,
                              .base = number,
                              .index = REG_NONE,
                              .scale = 1};

    return address_rewrite(rewriter, statement, &operand);
}

/* The pointer in register @number goes on to the next element. */
static void step(struct rewriter *rewriter, int number, int bits)
{
    const char *name = register_name(number, 64);

    emit(rewriter, "leaq\t%d(%%%s), %%%s", bits / 8, name, name);
    address_registers_written(rewriter, REGISTER_BIT(number));
}

static bool one_element(struct rewriter *rewriter,
                        const struct statement *statement)
{
    int copied = element_of(&statement->insn, "movs");
    int stored = element_of(&statement->insn, "stos");
    int bits = copied + stored;
    const char *value = register_name(REG_RAX, bits ? bits : 64);

    if (!bits || statement->from_asm)
        return false;
    if (copied) {
        emit(rewriter, "push\t%%rax");
        emit(rewriter, "mov\t%s, %%%s",
             element_at(rewriter, statement, REG_RSI), value);
    }
    emit(rewriter, "mov\t%%%s, %s", value,
         element_at(rewriter, statement, REG_RDI));
    if (copied) {
        emit(rewriter, "pop\t%%rax");
        step(rewriter, REG_RSI, bits);
    }
    step(rewriter, REG_RDI, bits);
    return true;
}

bool copy_rewrite(struct rewriter *rewriter, const struct statement *statement)
{
    int64_t count;

    if (one_element(rewriter, statement))
        return true;
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
