/* SPDX-License-Identifier: MIT */
/*
 * assembly.h - an assembly file as the rewriter sees it.
 *
 * The parser turns the text (AT&T syntax, as gcc -S writes it) into
 * statements. It keeps what it does not need to understand as text.
 */
#pragma once
#include "arena.h"
#include "diag.h"
#include "registers.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum operand_kind {
    OPERAND_REGISTER,
    OPERAND_IMMEDIATE,
    OPERAND_MEMORY,
    OPERAND_TARGET, /* of a direct branch */
};

struct operand {
    enum operand_kind kind;
    bool indirect;    /* written with a '*' */
    const char *text; /* as written, without the '*' */
    struct reg reg;   /* OPERAND_REGISTER; REG_NONE for %xmm0 */
    /* OPERAND_MEMORY: */
    const char *segment;    /* "fs", or NULL */
    const char *expression; /* symbolic displacement, or NULL: a number */
    int64_t displacement;   /* the number */
    int base, index, scale;
};

enum { OPERANDS_MAX = 4 };

struct insn {
    const char *prefix; /* "lock ", "rep " and so on; or "" */
    const char *mnemonic;
    int operand_count;
    struct operand operands[OPERANDS_MAX];
};

enum statement_kind {
    STATEMENT_LABEL,
    STATEMENT_DIRECTIVE,
    STATEMENT_INSN,
};

struct statement {
    enum statement_kind kind;
    const char *text; /* name of the label; else the statement as written */
    struct place place;
    bool from_asm; /* from an asm statement of the user */
    bool sets_frame; /* makes %rsp the frame pointer, which is left out */
    struct insn insn;

    /* What the compiler says of the stack here (its .cfi directives). */
    int cfi_depth;   /* bytes below the return address; -1 = not known */
    bool cfi_framed; /* it uses a frame pointer */

    /* Results of frame.c; @stack is what was pushed before and after. */
    bool reached, data_push, trap_before;
    const struct segment *stack, *stack_after;
    bool targeted;  /* a label that some branch names */
    bool elsewhere; /* inside a function, but in another section */
};

struct assembly {
    struct arena *arena; /* borrowed */
    struct statement *statements;
    size_t count, room;
};

/*
 * Split @text, the contents of file @path, into statements.
 * @counts_lines: the user wrote this file, so its own lines are the places to
 * report; else its .loc directives tell.
 * Errors: false after a message.
 */
bool assembly_parse(struct assembly *assembly, const char *path,
                    const char *text, bool counts_lines);

/* Free the array of statements; the arena is the caller's. */
void assembly_free(struct assembly *assembly);

/* Read @text as one operand. @branch: of a jump or call. */
bool operand_parse(struct arena *arena, const char *text, bool branch,
                   struct operand *operand);

/* Whether @insn is @name, with or without a size suffix. */
bool insn_is(const struct insn *insn, const char *name);

/* Where @insn puts its result; NULL if it has no operands. */
const struct operand *insn_last_operand(const struct insn *insn);

bool insn_is_call(const struct insn *insn);
bool insn_is_jump(const struct insn *insn); /* unconditional */
bool insn_is_conditional(const struct insn *insn);
bool insn_is_return(const struct insn *insn);

/* Whether control never goes on to the next statement, calls aside. */
bool insn_ends_block(const struct insn *insn);

/* Whether @text is the name of one symbol and nothing else. */
bool is_symbol(const char *text);

/* Read a whole string as a number (C syntax). */
bool parse_number(const char *text, int64_t *number);
