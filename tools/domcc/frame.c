/* SPDX-License-Identifier: MIT */
/*
 * frame.c - where the locals of a function go (frame.h has the idea).
 *
 * The walk over the paths (paths.c) tells what is pushed where. A push saves
 * a register on the trusted stack, unless its slot is later addressed or
 * dropped by an addition: then it made room for data. Such a push is marked
 * and the walk made again.
 */
#include "paths.h"
#include <ctype.h>
#include <string.h>

enum { STACK_ALIGN = 16 };

int frame_down(const struct function *function, const struct segment *stack)
{
    int whole = stack_depth(stack) + RETURN_BYTES;

    if (!function->moves_data_stack || !stack_data(stack))
        return 0;
    return (whole + STACK_ALIGN - 1) / STACK_ALIGN * STACK_ALIGN;
}

int frame_image(const struct function *function,
                const struct statement *statement)
{
    const struct segment *stack = statement->stack;

    return frame_down(function, stack) - RETURN_BYTES - stack_depth(stack);
}

/* A local label like 1b or 2f: the nearest one before or after. */
static size_t numeric_target(const struct function *function, size_t at,
                             const char *label)
{
    const struct statement *list = function->assembly->statements;
    size_t length = strlen(label) - 1, step = label[length] == 'f' ? 1 : -1UL;

    for (; at >= function->first && at < function->end; at += step)
        if (list[at].kind == STATEMENT_LABEL &&
            strlen(list[at].text) == length &&
            strncmp(list[at].text, label, length) == 0)
            return at;
    return function->end;
}

size_t frame_target(const struct function *function, size_t at,
                    const char *label)
{
    const struct symbol *symbol;

    if (isdigit((unsigned char)*label))
        return numeric_target(function, at, label);
    symbol = symbols_find(function->symbols, label);
    if (!symbol || !symbol->code || symbol->at < function->first ||
        symbol->at >= function->end)
        return function->end;
    return symbol->at;
}

/* The segment that holds the byte @below bytes below the return address. */
static const struct segment *segment_at(const struct segment *stack,
                                        int64_t below)
{
    while (stack && stack_depth(stack->older) >= below)
        stack = stack->older;
    return stack && stack->depth >= below ? stack : NULL;
}

/* Whether @push keeps a register that the function owes to its caller. */
static bool saves_register(const struct statement *push)
{
    const struct operand *operand = &push->insn.operands[0];

    return operand->reg.number == REG_RBX || operand->reg.number >= REG_R12;
}

/* @statement names the frame by @operand; @plain: it reads or writes there. */
static bool note_address(struct walk *walk, struct statement *statement,
                         const struct operand *operand, bool plain)
{
    int64_t below = stack_depth(statement->stack) - operand->displacement;
    const struct segment *segment;

    if (operand->expression)
        return walk_refuse(walk, statement, statement->text,
                           "a symbol beside the stack pointer");
    if (below > 0 || operand->index != REG_NONE)
        walk->uses_frame = true;
    if (plain && below <= 0 && below > -RETURN_BYTES)
        return walk_refuse(walk, statement, "use of the return address",
                           "it is on the trusted stack and cannot be read");
    segment = below > 0 ? segment_at(statement->stack, below) : NULL;
    if (!segment || !segment->push || segment->push->data_push)
        return true;
    /* An address alone may be one past an object, where a saved one lies. */
    if (plain || !saves_register(segment->push))
        segment->push->data_push = walk->again = true;
    return true;
}

/* A callee finds stack arguments only if %rbp is the image of %rsp. */
static bool is_aligned(const struct statement *call)
{
    return call->from_asm || !stack_data(call->stack) ||
           (stack_depth(call->stack) + RETURN_BYTES) % STACK_ALIGN == 0;
}

/* What @statement needs of the frame. */
static bool note_uses(struct walk *walk, struct statement *statement)
{
    const struct insn *insn = &statement->insn;

    if (insn_is_call(insn))
        walk->calls = true;
    if (insn_is_call(insn) && !is_aligned(statement))
        return walk_refuse(walk, statement, statement->text,
                           "the stack is not aligned to 16 bytes here");
    if (statement->data_push)
        walk->uses_frame = true;
    if (sets_stack_pointer(insn) || statement->sets_frame)
        return true;
    for (int i = 0; i < insn->operand_count; i++) {
        const struct operand *operand = &insn->operands[i];
        bool plain = operand->index == REG_NONE && !insn_is(insn, "lea");

        if (operand->kind == OPERAND_REGISTER && operand->reg.number == REG_RSP)
            walk->uses_frame = true;
        if (operand->kind == OPERAND_MEMORY && operand->base == REG_RSP &&
            !note_address(walk, statement, operand, plain))
            return false;
    }
    return true;
}

static bool note_all_uses(struct walk *walk)
{
    struct function *function = walk->function;

    for (size_t at = function->first; at < function->end; at++) {
        struct statement *statement = &function->assembly->statements[at];

        if (statement->kind == STATEMENT_INSN && statement->reached &&
            !note_uses(walk, statement))
            return false;
    }
    return true;
}

/* A frame pointer means that the frame's size or place is not constant. */
static bool check_fixed(struct walk *walk)
{
    const struct function *function = walk->function;
    const struct statement *framed = NULL;

    for (size_t at = function->first; at < function->end; at++) {
        const struct statement *statement = &function->assembly->statements[at];
        const struct insn *insn = &statement->insn;

        if (statement->kind != STATEMENT_INSN)
            continue;
        if (insn_is(insn, "and") && sets_stack_pointer(insn))
            return walk_refuse(walk, statement, "over-aligned local variable",
                               "align locals to at most 16 bytes, or make it "
                               "static");
        if (statement->cfi_framed && !framed && !function->frame_pointer)
            framed = statement;
    }
    return !framed ||
           walk_refuse(walk, framed, variable_array, variable_array_remedy);
}

static void mark_targets(struct function *function)
{
    for (size_t at = function->first; at < function->end; at++) {
        struct statement *statement = &function->assembly->statements[at];
        const struct operand *operand = &statement->insn.operands[0];
        size_t target;

        if (statement->kind != STATEMENT_INSN ||
            !statement->insn.operand_count || operand->kind != OPERAND_TARGET)
            continue;
        target = frame_target(function, at, operand->text);
        if (target != function->end)
            function->assembly->statements[target].targeted = true;
    }
}

bool frame_analyse(struct function *function)
{
    struct walk walk = {.function = function, .again = true};
    bool done = check_fixed(&walk);

    mark_targets(function);
    if (function->frame_pointer) {
        framepointer_drop(function);
        done = done && paths_walk(&walk) && framepointer_resolve(&walk);
        walk.again = true;
    }
    while (done && walk.again)
        done = paths_walk(&walk) && (walk.again || note_all_uses(&walk));
    function->moves_data_stack = walk.uses_frame && walk.calls;
    paths_free(&walk);
    return done;
}
