/* SPDX-License-Identifier: MIT */
/*
 * rewriter.h - one function on its way from the compiler's form to the
 * verifier's. Shared by the files that each rewrite one kind of instruction.
 */
#pragma once
#include "frame.h"
#include "tepal/abi.h"
#include <stdio.h>

/*
 * What %r11 holds: the low half of
 *     displacement or expression + base + index * scale
 */
struct scratch {
    bool known;
    int base, index, scale;
    const char *expression;
    int64_t displacement;
};

struct rewriter {
    FILE *out;
    struct arena *arena;     /* borrowed */
    struct symbols *symbols; /* borrowed */
    struct function *function;
    uint32_t flavour; /* TP_FLAVOUR_BASE or TP_FLAVOUR_GS */
    struct scratch scratch;
    bool falls; /* control may come from the instruction emitted last */
};

/* Write one line of assembly. */
void emit(struct rewriter *rewriter, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Report @construct of @statement. Returns false. */
bool rewrite_refuse(const struct rewriter *rewriter,
                    const struct statement *statement, const char *construct,
                    const char *remedy);

/*
 * The memory operand @operand in a form the verifier accepts; emits what has
 * to be computed for it in %r11. NULL after a message.
 */
const char *address_rewrite(struct rewriter *rewriter,
                            const struct statement *statement,
                            const struct operand *operand);

/* The operand for @displacement from %rbp, on the data stack. */
const char *address_on_stack(struct rewriter *rewriter, int64_t displacement);

/* Forget what %r11 holds if it depends on a register of @written. */
void address_registers_written(struct rewriter *rewriter, register_set written);

/* Forget what %r11 holds: it was overwritten, or a branch may lead here. */
void address_forget(struct rewriter *rewriter);

/*
 * What to write where code or data takes the address @expression: with the
 * function's table entry for a function, else as it is.
 * NULL if it is a label inside a function.
 */
const char *reference_to(struct rewriter *rewriter, const char *expression);

/* Branches and calls. */
bool control_rewrite(struct rewriter *rewriter,
                     const struct statement *statement);

/* Padding inside a function. Returns false if @directive is not about it. */
bool control_align(struct rewriter *rewriter, const char *directive);

/* Push, pop, and what else moves the stack or names its pointer. */
bool stack_rewrite(struct rewriter *rewriter,
                   const struct statement *statement);
bool names_stack_pointer(const struct statement *statement);

/*
 * A string instruction of the compiler's own: a large structure that is copied
 * to be passed by value, or a single element. Returns false if @statement is
 * something else, or nothing that can be done in few steps.
 */
bool copy_rewrite(struct rewriter *rewriter, const struct statement *statement);

/* Why no domain may contain @insn; NULL if it may. */
struct refusal {
    const char *construct, *remedy;
};
const struct refusal *refusal_of(const struct insn *insn, uint32_t flavour);

/* Registers that @insn may write. */
register_set insn_writes(const struct insn *insn);

/* Write @function, which frame_analyse() has seen, in the verified form. */
bool rewrite_function(struct rewriter *rewriter, struct function *function);

/* Write a directive that stands in code or data. */
bool rewrite_directive(struct rewriter *rewriter,
                       const struct statement *statement);
