/* SPDX-License-Identifier: MIT */
/*
 * paths.c - a walk over all paths of a function.
 *
 * Each statement that is reached gets the stack that is there. A call that
 * does not return is not marked as such in the assembly, and is followed by
 * unrelated code. So paths that fall into the target of a branch wait until
 * everything else is known, and are taken to end there if the depths differ,
 * from another path's or from what the compiler noted.
 */
#include "paths.h"
#include <stdlib.h>

const char variable_array[] = "variable-length array or alloca";
const char variable_array_remedy[] =
    "use an array of constant size, or malloc (or, in code optimised for size: "
    "pass large structures by address)";

enum { SLOT_BYTES = 8, FRAME_BYTES_MAX = 1 << 28 };

int stack_depth(const struct segment *stack)
{
    return stack ? stack->depth : 0;
}

int stack_data(const struct segment *stack)
{
    return stack ? stack->data_bytes : 0;
}

bool walk_refuse(const struct walk *walk, const struct statement *statement,
                 const char *construct, const char *remedy)
{
    diag_refuse(statement->place, walk->function->name, construct, remedy);
    return false;
}

static void edges_add(struct edges *edges, size_t at,
                      const struct segment *stack)
{
    if (edges->count == edges->room) {
        edges->room = edges->room ? edges->room * 2 : 64;
        edges->list = array_grow(edges->list, edges->room, sizeof *edges->list);
    }
    edges->list[edges->count++] = (struct edge){at, stack};
}

static const struct segment *grow(struct walk *walk,
                                  const struct segment *stack, int bytes,
                                  struct statement *push)
{
    struct segment *top =
        arena_alloc(walk->function->assembly->arena, sizeof *top);
    bool data = !push || push->data_push;

    *top = (struct segment){
        .older = stack,
        .push = push,
        .bytes = bytes,
        .depth = stack_depth(stack) + bytes,
        .data_bytes = stack_data(stack) + (data ? bytes : 0),
    };
    return top;
}

/* Drop @bytes without reading them: what was pushed there was data. */
static bool shrink(struct walk *walk, struct statement *statement, int bytes)
{
    const struct segment *stack = statement->stack;

    while (bytes > 0 && stack) {
        if (stack->push && !stack->push->data_push)
            stack->push->data_push = walk->again = true;
        bytes -= stack->bytes;
        if (bytes < 0)
            break;
        stack = stack->older;
    }
    if (bytes > 0)
        return walk_refuse(walk, statement, statement->text,
                           "frees more stack than the function has");
    if (bytes < 0)
        stack = grow(walk, stack->older, -bytes, NULL);
    statement->stack_after = stack;
    return true;
}

static bool pop(struct walk *walk, struct statement *statement)
{
    const struct segment *stack = statement->stack;

    if (stack && stack->push && !stack->push->data_push) {
        statement->stack_after = stack->older;
        return true;
    }
    return shrink(walk, statement, SLOT_BYTES);
}

static bool move(struct walk *walk, struct statement *statement, int64_t bytes)
{
    if (bytes < -FRAME_BYTES_MAX ||
        bytes > FRAME_BYTES_MAX - stack_depth(statement->stack))
        return walk_refuse(walk, statement, statement->text, "frame too large");
    if (bytes < 0)
        return shrink(walk, statement, (int)-bytes);
    statement->stack_after = grow(walk, statement->stack, (int)bytes, NULL);
    return true;
}

bool sets_stack_pointer(const struct insn *insn)
{
    const struct operand *last = insn_last_operand(insn);

    return last && last->kind == OPERAND_REGISTER &&
           last->reg.number == REG_RSP && !insn_is(insn, "cmp") &&
           !insn_is(insn, "test");
}

/* Set %rsp: only by a constant amount. */
static bool set_stack_pointer(struct walk *walk, struct statement *statement)
{
    const struct insn *insn = &statement->insn;
    const struct operand *source = &insn->operands[0];
    int64_t amount;

    if (source->kind == OPERAND_IMMEDIATE &&
        parse_number(source->text + 1, &amount)) {
        if (insn_is(insn, "sub"))
            return move(walk, statement, amount);
        if (insn_is(insn, "add"))
            return move(walk, statement, -amount);
    }
    if (insn_is(insn, "lea") && source->base == REG_RSP &&
        source->index == REG_NONE && !source->expression)
        return move(walk, statement, -source->displacement);
    if (walk->function->frame_pointer && source->kind == OPERAND_REGISTER)
        return walk_refuse(walk, statement, variable_array,
                           variable_array_remedy);
    return walk_refuse(walk, statement, statement->text,
                       "only the compiler's own frames are understood; do not "
                       "name the stack pointer");
}

/* What @statement does to the stack: sets stack_after. */
static bool transition(struct walk *walk, struct statement *statement)
{
    const struct insn *insn = &statement->insn;

    statement->stack_after = statement->stack;
    if (statement->sets_frame)
        return true;
    if (insn_is(insn, "push"))
        statement->stack_after =
            grow(walk, statement->stack, SLOT_BYTES, statement);
    else if (insn_is(insn, "pop"))
        return pop(walk, statement);
    else if (sets_stack_pointer(insn))
        return set_stack_pointer(walk, statement);
    else if (insn_is_return(insn) && stack_depth(statement->stack))
        return walk_refuse(walk, statement, statement->text,
                           "returns with something still pushed");
    return true;
}

static bool same_stack(const struct segment *one, const struct segment *two)
{
    return stack_depth(one) == stack_depth(two) &&
           stack_data(one) == stack_data(two);
}

/* Note where the branch @statement leads. */
static bool branch(struct walk *walk, struct statement *statement, size_t at)
{
    const struct function *function = walk->function;
    const struct insn *insn = &statement->insn;
    size_t target = function->end;

    if (insn->operand_count && insn->operands[0].kind == OPERAND_TARGET)
        target = frame_target(function, at, insn->operands[0].text);
    if (target != function->end)
        edges_add(&walk->sure, target, statement->stack);
    else if (stack_depth(statement->stack))
        return walk_refuse(walk, statement, statement->text,
                           "leaves the function with something still pushed");
    return true;
}

/* Follow the path that comes to statement @at by a branch. */
static bool follow(struct walk *walk, size_t at, const struct segment *stack)
{
    struct function *function = walk->function;
    bool fell = false;

    for (; at < function->end; at++, fell = true) {
        struct statement *statement = &function->assembly->statements[at];
        const struct insn *insn = &statement->insn;

        if (statement->elsewhere)
            continue;
        if (statement->targeted && fell) {
            edges_add(&walk->falls, at, stack);
            return true;
        }
        if (statement->reached)
            return same_stack(statement->stack, stack) ||
                   walk_refuse(walk, statement, statement->text,
                               "two stack depths meet here");
        statement->reached = true;
        statement->stack = statement->stack_after = stack;
        if (statement->kind != STATEMENT_INSN)
            continue;
        if (!transition(walk, statement))
            return false;
        stack = statement->stack_after;
        if ((insn_is_jump(insn) || insn_is_conditional(insn)) &&
            !branch(walk, statement, at))
            return false;
        if (insn_ends_block(insn))
            return true;
    }
    function->runs_off = true;
    return true;
}

/* The depth the compiler noted for the code behind label @at; -1 = none. */
static int noted_depth(const struct function *function, size_t at)
{
    for (; at < function->end; at++) {
        const struct statement *statement = &function->assembly->statements[at];

        if (statement->kind == STATEMENT_INSN && !statement->elsewhere)
            return statement->cfi_depth;
    }
    return -1;
}

/* A path falls into the label at @edge->at. Is that meant? */
static bool fall(struct walk *walk, const struct edge *edge)
{
    struct function *function = walk->function;
    struct statement *label = &function->assembly->statements[edge->at];
    int noted = noted_depth(function, edge->at);

    if (label->reached)
        label->trap_before = !same_stack(label->stack, edge->stack);
    else if (noted >= 0 && noted != stack_depth(edge->stack))
        label->trap_before = true;
    else
        return follow(walk, edge->at, edge->stack);
    return true;
}

static void forget(struct walk *walk)
{
    struct function *function = walk->function;

    for (size_t at = function->first; at < function->end; at++) {
        struct statement *statement = &function->assembly->statements[at];

        statement->reached = statement->trap_before = false;
    }
    function->runs_off = false;
    walk->again = false;
    walk->sure.count = walk->falls.count = 0;
}

bool paths_walk(struct walk *walk)
{
    forget(walk);
    edges_add(&walk->sure, walk->function->first, NULL);
    while (walk->sure.count || walk->falls.count) {
        struct edge edge;

        if (walk->sure.count) {
            edge = walk->sure.list[--walk->sure.count];
            if (!follow(walk, edge.at, edge.stack))
                return false;
        } else {
            edge = walk->falls.list[--walk->falls.count];
            if (!fall(walk, &edge))
                return false;
        }
    }
    return true;
}

void paths_free(struct walk *walk)
{
    free(walk->sure.list);
    free(walk->falls.list);
}
