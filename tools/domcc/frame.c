/* SPDX-License-Identifier: MIT */
/*
 * frame.c - where the locals of a function go.
 *
 * A walk over all paths records at each statement what is pushed. Two things
 * are not written in the assembly and have to be found out:
 *
 * - A push saves a register on the trusted stack, unless its slot is later
 *   addressed or dropped by an addition: then it made room for data. Such a
 *   push is marked and the walk starts again.
 *
 * - A call that does not return is followed by unrelated code. So paths that
 *   fall into the target of a branch wait until everything else is known, and
 *   are taken to end if the depths differ, from another path's or from what
 *   the compiler noted.
 */
#include "frame.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { RETURN_BYTES = 8, SLOT_BYTES = 8, STACK_ALIGN = 16 };

struct edge {
    size_t at;
    const struct segment *stack;
};

struct edges {
    struct edge *list;
    size_t count, room;
};

struct walk {
    struct function *function;
    struct edges sure, falls;
    bool again;        /* a push was found to be data */
    bool uses_frame;   /* the frame is addressed */
    bool calls;
};

static int depth_of(const struct segment *stack)
{
    return stack ? stack->depth : 0;
}

static int data_of(const struct segment *stack)
{
    return stack ? stack->data_bytes : 0;
}

int frame_down(const struct function *function, const struct segment *stack)
{
    int whole = depth_of(stack) + RETURN_BYTES;

    if (!function->moves_data_stack || !data_of(stack))
        return 0;
    return (whole + STACK_ALIGN - 1) / STACK_ALIGN * STACK_ALIGN;
}

int frame_image(const struct function *function,
                const struct statement *statement)
{
    const struct segment *stack = statement->stack;

    return frame_down(function, stack) - RETURN_BYTES - depth_of(stack);
}

static bool refuse(const struct walk *walk, const struct statement *statement,
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
        edges->list =
            array_grow(edges->list, edges->room, sizeof *edges->list);
    }
    edges->list[edges->count++] = (struct edge){at, stack};
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
        .depth = depth_of(stack) + bytes,
        .data_bytes = data_of(stack) + (data ? bytes : 0),
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
        return refuse(walk, statement, statement->text,
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

static bool move(struct walk *walk, struct statement *statement,
                 int64_t bytes)
{
    if (bytes > INT32_MAX / 4 || bytes < -(INT32_MAX / 4))
        return refuse(walk, statement, statement->text, "frame too large");
    if (bytes < 0)
        return shrink(walk, statement, (int)-bytes);
    statement->stack_after =
        grow(walk, statement->stack, (int)bytes, NULL);
    return true;
}

static bool writes_stack_pointer(const struct insn *insn)
{
    const struct operand *last = &insn->operands[insn->operand_count - 1];

    return insn->operand_count && last->kind == OPERAND_REGISTER &&
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
    return refuse(walk, statement, statement->text,
                  "only the compiler's own frames are understood; do not "
                  "name the stack pointer");
}

/* What @statement does to the stack: sets stack_after. */
static bool transition(struct walk *walk, struct statement *statement)
{
    const struct insn *insn = &statement->insn;

    statement->stack_after = statement->stack;
    if (insn_is(insn, "push"))
        statement->stack_after =
            grow(walk, statement->stack, SLOT_BYTES, statement);
    else if (insn_is(insn, "pop"))
        return pop(walk, statement);
    else if (writes_stack_pointer(insn))
        return set_stack_pointer(walk, statement);
    else if (insn_is_return(insn) && depth_of(statement->stack))
        return refuse(walk, statement, statement->text,
                      "returns with something still pushed");
    return true;
}

static bool same_stack(const struct segment *one, const struct segment *two)
{
    return depth_of(one) == depth_of(two) && data_of(one) == data_of(two);
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
    else if (depth_of(statement->stack))
        return refuse(walk, statement, statement->text,
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
                   refuse(walk, statement, statement->text,
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
        const struct statement *statement =
            &function->assembly->statements[at];

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
    else if (noted >= 0 && noted != depth_of(edge->stack))
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

static bool walk_paths(struct walk *walk)
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

/* The segment that holds the byte @below bytes below the return address. */
static const struct segment *segment_at(const struct segment *stack,
                                        int64_t below)
{
    while (stack && depth_of(stack->older) >= below)
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
    int64_t below = depth_of(statement->stack) - operand->displacement;
    const struct segment *segment;

    if (operand->expression)
        return refuse(walk, statement, statement->text,
                      "a symbol beside the stack pointer");
    if (below > 0 || operand->index != REG_NONE)
        walk->uses_frame = true;
    if (plain && below <= 0 && below > -RETURN_BYTES)
        return refuse(walk, statement, "use of the return address",
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
    return call->from_asm || !data_of(call->stack) ||
           (depth_of(call->stack) + RETURN_BYTES) % STACK_ALIGN == 0;
}

/* What @statement needs of the frame. */
static bool note_uses(struct walk *walk, struct statement *statement)
{
    const struct insn *insn = &statement->insn;

    if (insn_is_call(insn))
        walk->calls = true;
    if (insn_is_call(insn) && !is_aligned(statement))
        return refuse(walk, statement, statement->text,
                      "the stack is not aligned to 16 bytes here");
    if (statement->data_push)
        walk->uses_frame = true;
    if (writes_stack_pointer(insn))
        return true;
    for (int i = 0; i < insn->operand_count; i++) {
        const struct operand *operand = &insn->operands[i];
        bool plain = operand->index == REG_NONE && !insn_is(insn, "lea");

        if (operand->kind == OPERAND_REGISTER &&
            operand->reg.number == REG_RSP)
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
        const struct statement *statement =
            &function->assembly->statements[at];
        const struct insn *insn = &statement->insn;

        if (statement->kind != STATEMENT_INSN)
            continue;
        if (insn_is(insn, "and") && writes_stack_pointer(insn))
            return refuse(walk, statement, "over-aligned local variable",
                          "align locals to at most 16 bytes, or make it "
                          "static");
        if (statement->cfi_framed && !framed)
            framed = statement;
    }
    return !framed ||
           refuse(walk, framed, "variable-length array or alloca",
                  "use an array of constant size, or malloc (or, in code "
                  "optimised for size: pass large structures by address)");
}

static void mark_targets(struct function *function)
{
    for (size_t at = function->first; at < function->end; at++) {
        struct statement *statement = &function->assembly->statements[at];
        const struct operand *operand = &statement->insn.operands[0];
        size_t target;

        if (statement->kind != STATEMENT_INSN ||
            !statement->insn.operand_count ||
            operand->kind != OPERAND_TARGET)
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
    while (done && walk.again)
        done = walk_paths(&walk) && (walk.again || note_all_uses(&walk));
    function->moves_data_stack = walk.uses_frame && walk.calls;
    free(walk.sure.list);
    free(walk.falls.list);
    return done;
}
