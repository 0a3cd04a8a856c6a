/* SPDX-License-Identifier: MIT */
/*
 * rewrite.c - one function from the compiler's form to the verifier's.
 *
 * Every instruction is written back as it was, but for its memory operands,
 * function addresses, and what control.c and stack.c see to. What no path
 * reaches is left out.
 */
#include "rewriter.h"
#include <stdarg.h>
#include <string.h>

void emit(struct rewriter *rewriter, const char *format, ...)
{
    va_list list;

    fputc('\t', rewriter->out);
    va_start(list, format);
    vfprintf(rewriter->out, format, list);
    va_end(list);
    fputc('\n', rewriter->out);
}

bool rewrite_refuse(const struct rewriter *rewriter,
                    const struct statement *statement, const char *construct,
                    const char *remedy)
{
    diag_refuse(statement->place,
                rewriter->function ? rewriter->function->name : NULL, construct,
                remedy);
    return false;
}

/* lea symbol, register: no memory is read, only its address is wanted. */
static bool is_address_of_static(const struct insn *insn)
{
    const struct operand *from = &insn->operands[0];

    return insn_is(insn, "lea") && insn->operand_count == 2 &&
           from->kind == OPERAND_MEMORY && from->index == REG_NONE &&
           (from->base == REG_NONE || from->base == REG_RIP);
}

static bool address_of_static(struct rewriter *rewriter,
                              const struct statement *statement)
{
    const struct operand *from = &statement->insn.operands[0];
    const struct operand *to = &statement->insn.operands[1];
    const char *value = from->expression;

    if (to->kind != OPERAND_REGISTER || to->reg.number < 0)
        return rewrite_refuse(rewriter, statement, statement->text,
                              "not an address that is understood");
    if (value)
        value = reference_to(rewriter, value);
    else
        value = arena_format(rewriter->arena, "%lld",
                             (long long)from->displacement);
    if (!value)
        return rewrite_refuse(rewriter, statement, "address of a label",
                              "computed goto is not supported");
    emit(rewriter, "movl\t$%s, %%%s", value, register_name(to->reg.number, 32));
    return true;
}

/* The text of each operand in its new form. NULL after a message. */
static const char *operand_text(struct rewriter *rewriter,
                                const struct statement *statement,
                                const struct operand *operand)
{
    const char *name;

    if (operand->kind == OPERAND_MEMORY && !insn_is(&statement->insn, "lea"))
        return address_rewrite(rewriter, statement, operand);
    if (operand->kind != OPERAND_IMMEDIATE)
        return operand->text;
    name = reference_to(rewriter, operand->text + 1);
    if (!name) {
        rewrite_refuse(rewriter, statement, "address of a label",
                       "computed goto is not supported");
        return NULL;
    }
    return arena_format(rewriter->arena, "$%s", name);
}

/* %ah..%dh cannot stand beside %r14: the pair that swaps it with %al..%dl. */
static const struct operand *high_operand(const struct rewriter *rewriter,
                                          const struct insn *insn)
{
    const struct operand *high = NULL;
    bool memory = false;

    if (rewriter->flavour == TP_FLAVOUR_GS)
        return NULL;
    for (int i = 0; i < insn->operand_count; i++) {
        if (insn->operands[i].kind == OPERAND_MEMORY)
            memory = true;
        if (insn->operands[i].kind == OPERAND_REGISTER &&
            insn->operands[i].reg.high)
            high = &insn->operands[i];
    }
    return memory ? high : NULL;
}

static bool reaches_memory(const struct insn *insn)
{
    for (int i = 0; i < insn->operand_count; i++)
        if (insn->operands[i].kind == OPERAND_MEMORY)
            return true;
    return false;
}

static void emit_insn(struct rewriter *rewriter, const struct insn *insn,
                      const char *const texts[])
{
    const char *mnemonic = insn->mnemonic;

    /* Its only address is a constant, and that has become another one. */
    if (insn_is(insn, "movabs") && reaches_memory(insn))
        fprintf(rewriter->out, "\t%smov%s", insn->prefix,
                mnemonic + strlen("movabs"));
    else
        fprintf(rewriter->out, "\t%s%s", insn->prefix, mnemonic);
    for (int i = 0; i < insn->operand_count; i++)
        fprintf(rewriter->out, "%s%s", i ? ", " : "\t", texts[i]);
    fputc('\n', rewriter->out);
}

static bool plain(struct rewriter *rewriter, const struct statement *statement)
{
    const struct insn *insn = &statement->insn;
    const struct operand *high = high_operand(rewriter, insn);
    const char *texts[OPERANDS_MAX], *low = NULL;

    if (high)
        low = arena_format(rewriter->arena, "%%%s",
                           register_name(high->reg.number, 8));
    for (int i = 0; i < insn->operand_count; i++) {
        texts[i] = operand_text(rewriter, statement, &insn->operands[i]);
        if (!texts[i])
            return false;
        if (high == &insn->operands[i])
            texts[i] = low;
    }
    if (high)
        emit(rewriter, "xchgb\t%s, %s", low, high->text);
    emit_insn(rewriter, insn, texts);
    if (high)
        emit(rewriter, "xchgb\t%s, %s", low, high->text);
    return true;
}

static bool dispatch(struct rewriter *rewriter,
                     const struct statement *statement)
{
    const struct insn *insn = &statement->insn;

    if (insn_is_call(insn) || insn_is_jump(insn) || insn_is_return(insn) ||
        insn_is_conditional(insn))
        return control_rewrite(rewriter, statement);
    if (names_stack_pointer(statement))
        return stack_rewrite(rewriter, statement);
    if (is_address_of_static(insn))
        return address_of_static(rewriter, statement);
    return plain(rewriter, statement);
}

static bool rewrite_insn(struct rewriter *rewriter,
                         const struct statement *statement)
{
    const struct refusal *refusal =
        refusal_of(&statement->insn, rewriter->flavour);

    if (!statement->reached || statement->sets_frame)
        return true;
    if (copy_rewrite(rewriter, statement))
        return true;
    if (refusal)
        return rewrite_refuse(rewriter, statement, refusal->construct,
                              refusal->remedy);
    if (!dispatch(rewriter, statement))
        return false;
    address_registers_written(rewriter, insn_writes(&statement->insn));
    if (statement->from_asm)
        address_forget(rewriter);
    rewriter->falls = !insn_ends_block(&statement->insn);
    return true;
}

static void rewrite_label(struct rewriter *rewriter,
                          const struct statement *label)
{
    if (label->trap_before)
        emit(rewriter, "ud2");
    if (label->targeted)
        address_forget(rewriter);
    rewriter->falls = label->reached;
    fprintf(rewriter->out, "%s:\n", label->text);
}

static bool rewrite_statement(struct rewriter *rewriter,
                              const struct statement *statement)
{
    switch (statement->kind) {
    case STATEMENT_LABEL:
        rewrite_label(rewriter, statement);
        return true;
    case STATEMENT_INSN:
        if (statement->elsewhere)
            return rewrite_refuse(rewriter, statement, statement->text,
                                  "code in another section");
        return rewrite_insn(rewriter, statement);
    case STATEMENT_DIRECTIVE:
        break;
    }
    if (!statement->elsewhere && control_align(rewriter, statement->text))
        return true;
    return rewrite_directive(rewriter, statement);
}

bool rewrite_function(struct rewriter *rewriter, struct function *function)
{
    bool done = true;

    rewriter->function = function;
    address_forget(rewriter);
    for (size_t at = function->first; at < function->end; at++)
        if (!rewrite_statement(rewriter, &function->assembly->statements[at]))
            done = false;
    if (function->runs_off)
        emit(rewriter, "ud2");
    rewriter->falls = false;
    rewriter->function = NULL;
    return done;
}
