/* SPDX-License-Identifier: MIT */
/*
 * control_rules.c - verify_text(): where control can go, and how deep the
 * trusted stack is there.
 *
 * Every path from the entries is followed, depth first. Each byte of the text
 * has a mark: unreached, the start of an instruction together with the stack
 * depth there, or inside of one. An instruction has one depth; whoever leads
 * to it, by a branch or by falling into it, must bring the same one. A mark
 * is set once and never changed, so each byte is decoded at most once.
 *
 * What follows from acceptance: execution stays on instructions that were
 * checked, as these bytes; at each of them %rsp is `depth` below the return
 * address that a call or a gate pushed; so a native ret goes back to where
 * the call was, and a pop returns only what this function pushed. A function
 * begins at an entry or the target of a call, at depth 0, and a jump at depth
 * 0 to another function's start is a tail call.
 *
 * The and of a masked indirect branch and the branch form one unit: the
 * branch is marked as inside of it, so nothing can arrive between the two.
 *
 * Source: design, section 2 ("Control", "Stacks"); docs/ABI.md, "Function
 * table".
 */
#include "memory_rules.h"
#include "tepal/abi.h"

/* Marks of text bytes. A start is its depth in words, plus 1. */
#define MARK_UNREACHED 0
#define MARK_INSIDE 0xffff
#define STACK_WORD 8
_Static_assert(TP_FRAME_MAX / STACK_WORD + 1 < MARK_INSIDE, "depths fit");

/*
 * Scratch: the marks, then the pending list. Only branches put a target
 * there, once each, and a branch is at least two bytes long.
 */
struct walk {
    const struct verify_input *input;
    uint16_t *marks;
    uint32_t *pending; /* indices of marked starts still to be followed */
    uint32_t pending_count;
};

/* A point of the path being followed. */
struct place {
    uint32_t index; /* into the text */
    uint32_t depth; /* bytes */
};

static size_t marks_bytes(uint32_t text_bytes)
{
    return ((size_t)text_bytes * sizeof(uint16_t) + 7) & ~(size_t)7;
}

size_t verify_scratch_bytes(uint32_t text_bytes)
{
    size_t pending = (size_t)text_bytes / 2 + 1;

    return marks_bytes(text_bytes) + pending * sizeof(uint32_t);
}

bool verify_reached(const void *scratch, uint32_t index)
{
    return ((const uint16_t *)scratch)[index] != MARK_UNREACHED;
}

/*
 * Note that control comes to @index with @depth.
 * On VERIFY_OK, @is_new tells whether it still has to be followed.
 */
static enum verify_rule arrive(struct walk *walk, uint32_t index,
                               uint32_t depth, bool *is_new)
{
    uint16_t start = (uint16_t)(depth / STACK_WORD + 1);
    uint16_t mark = walk->marks[index];

    *is_new = mark == MARK_UNREACHED;
    if (*is_new) {
        walk->marks[index] = start;
        return VERIFY_OK;
    }
    if (mark == MARK_INSIDE)
        return VERIFY_OVERLAP;
    return mark == start ? VERIFY_OK : VERIFY_DEPTH;
}

/* A direct branch at @from, @insn, whose target is to have @depth. */
static enum verify_rule branch(struct walk *walk, uint32_t from,
                               const struct insn *insn, uint32_t depth)
{
    int64_t target = (int64_t)from + insn->length + insn->immediate;
    enum verify_rule rule;
    bool is_new;

    if (target < 0 || target >= walk->input->bytes)
        return VERIFY_TARGET;
    rule = arrive(walk, (uint32_t)target, depth, &is_new);
    if (rule == VERIFY_OK && is_new)
        walk->pending[walk->pending_count++] = (uint32_t)target;
    return rule;
}

/* The bytes after the first of the instruction at @index become inside. */
static enum verify_rule claim(struct walk *walk, uint32_t index,
                              uint32_t length)
{
    for (uint32_t i = index + 1; i < index + length; i++) {
        if (walk->marks[i] != MARK_UNREACHED)
            return VERIFY_OVERLAP;
        walk->marks[i] = MARK_INSIDE;
    }
    return VERIFY_OK;
}

static bool is_indirect(const struct insn *insn)
{
    return insn->class == INSN_CALL_INDIRECT ||
           insn->class == INSN_JUMP_INDIRECT;
}

/*
 * and $mask, %r11d with the mask that leaves offsets of table entries. Only
 * the form with a constant has an immediate, and only a register destination
 * is written, so nothing else looks like this.
 */
static bool masks_table_index(const struct insn *insn, uint32_t ftab_bytes)
{
    return insn->class == INSN_AND && insn->operand_bytes == 4 &&
           insn->writes == GPR_BIT(GPR_R11) &&
           insn->immediate == (int64_t)ftab_bytes - STACK_WORD;
}

/*
 * Whether @insn's operand is its displacement in the slot plus @offset, which
 * is GPR_NONE or a register below 4 GiB: disp(%r14,offset) or %gs:disp(offset).
 */
static bool is_slot_operand(const struct insn *insn, uint32_t flavour,
                            unsigned offset)
{
    if (!insn->has_memory || insn->in_gs != (flavour == TP_FLAVOUR_GS))
        return false;
    if (insn->in_gs)
        return insn->base == offset && insn->index == GPR_NONE;
    return insn->base == GPR_R14 && insn->index == offset &&
           (insn->scale == 1 || offset == GPR_NONE);
}

/* call or jmp *0x10000(%r14,%r11), or *%gs:0x10000(%r11d) */
static bool uses_table_index(const struct insn *insn, uint32_t flavour)
{
    return is_slot_operand(insn, flavour, GPR_R11) &&
           insn->displacement == TP_FTAB_START;
}

/* call or jmp *entry(%r14), or *%gs:entry, the entry being an import's */
static bool uses_import(const struct insn *insn,
                        const struct verify_input *input)
{
    const int64_t entry = insn->displacement;

    return is_slot_operand(insn, input->flavour, GPR_NONE) &&
           entry >= TP_FTAB_START + STACK_WORD && entry < input->imports_end &&
           entry % STACK_WORD == 0;
}

/*
 * Decode and check the instruction at @index. A masked indirect branch comes
 * back as the branch, with the length of both and @is_masked set.
 */
static enum verify_rule read_unit(const struct walk *walk, uint32_t index,
                                  struct insn *insn, bool *is_masked)
{
    const uint8_t *at = walk->input->text + index;
    uint32_t available = walk->input->bytes - index;
    enum verify_rule rule = decode_insn(at, available, insn);
    struct insn next;

    *is_masked = false;
    if (rule != VERIFY_OK || is_indirect(insn))
        return rule;
    if (masks_table_index(insn, walk->input->ftab_bytes) &&
        decode_insn(at + insn->length, available - insn->length, &next) ==
            VERIFY_OK &&
        is_indirect(&next) &&
        uses_table_index(&next, walk->input->flavour)) {
        next.length = (uint8_t)(next.length + insn->length);
        *insn = next;
        *is_masked = true;
        return VERIFY_OK;
    }
    return memory_rules_check(insn, walk->input->flavour);
}

/* Push and pop: move @place's depth within the frame. */
static enum verify_rule move_stack(struct place *place, enum insn_class class)
{
    if (class == INSN_PUSH) {
        if (place->depth + STACK_WORD > TP_FRAME_MAX)
            return VERIFY_FRAME;
        place->depth += STACK_WORD;
    } else if (class == INSN_POP) {
        if (place->depth < STACK_WORD)
            return VERIFY_UNDERFLOW;
        place->depth -= STACK_WORD;
    }
    return VERIFY_OK;
}

/* Follow the direct branches of @insn, and check the indirect ones. */
static enum verify_rule check_transfer(struct walk *walk,
                                       const struct place *place,
                                       const struct insn *insn, bool is_masked)
{
    if (insn->class == INSN_CALL)
        return branch(walk, place->index, insn, 0);
    if (insn->class == INSN_JUMP || insn->class == INSN_BRANCH)
        return branch(walk, place->index, insn, place->depth);
    if (is_indirect(insn) && !is_masked &&
        !uses_import(insn, walk->input))
        return VERIFY_INDIRECT;
    if ((insn->class == INSN_RETURN || insn->class == INSN_JUMP_INDIRECT) &&
        place->depth != 0)
        return VERIFY_RETURN;
    return VERIFY_OK;
}

static bool ends_path(enum insn_class class)
{
    return class == INSN_JUMP || class == INSN_JUMP_INDIRECT ||
           class == INSN_RETURN || class == INSN_STOP;
}

/*
 * Verify the instruction at @place and go on to the next one.
 * On VERIFY_OK, @is_done tells whether the path ends here or was followed
 * from here before. On an error, @place is still at the instruction.
 */
static enum verify_rule step(struct walk *walk, struct place *place,
                             bool *is_done)
{
    struct insn insn;
    uint32_t next;
    bool is_masked, is_new;
    enum verify_rule rule = read_unit(walk, place->index, &insn, &is_masked);

    if (rule == VERIFY_OK)
        rule = claim(walk, place->index, insn.length);
    if (rule == VERIFY_OK)
        rule = check_transfer(walk, place, &insn, is_masked);
    if (rule == VERIFY_OK)
        rule = move_stack(place, insn.class);
    *is_done = rule == VERIFY_OK && ends_path(insn.class);
    if (rule != VERIFY_OK || *is_done)
        return rule;

    next = place->index + insn.length;
    if (next == walk->input->bytes)
        return VERIFY_FALLTHROUGH;
    rule = arrive(walk, next, place->depth, &is_new);
    if (rule == VERIFY_OK) {
        *is_done = !is_new;
        place->index = next;
    }
    return rule;
}

/* Follow the path from @place, and then those that it branched to. */
static struct verify_result follow(struct walk *walk, struct place place)
{
    for (;;) {
        bool is_done = false;

        while (!is_done) {
            enum verify_rule rule = step(walk, &place, &is_done);

            if (rule != VERIFY_OK)
                return (struct verify_result){rule, walk->input->address +
                                                        place.index};
        }
        if (walk->pending_count == 0)
            return (struct verify_result){VERIFY_OK, 0};
        place.index = walk->pending[--walk->pending_count];
        place.depth = (walk->marks[place.index] - 1u) * STACK_WORD;
    }
}

static struct verify_result enter(struct walk *walk, uint32_t entry)
{
    const struct verify_input *input = walk->input;
    struct place place = {entry - input->address, 0};
    enum verify_rule rule = VERIFY_ENTRY;
    bool is_new = false;

    if (entry >= input->address && place.index < input->bytes)
        rule = arrive(walk, place.index, 0, &is_new);
    if (rule != VERIFY_OK || !is_new)
        return (struct verify_result){rule, rule == VERIFY_OK ? 0 : entry};
    return follow(walk, place);
}

struct verify_result verify_text(const struct verify_input *input,
                                 void *scratch)
{
    struct walk walk = {
        .input = input,
        .marks = scratch,
        .pending = (uint32_t *)((char *)scratch + marks_bytes(input->bytes)),
    };

    for (uint32_t i = 0; i < input->bytes; i++)
        walk.marks[i] = MARK_UNREACHED;
    for (uint32_t i = 0; i < input->entry_count; i++) {
        struct verify_result result = enter(&walk, input->entries[i]);

        if (result.rule != VERIFY_OK)
            return result;
    }
    return (struct verify_result){VERIFY_OK, 0};
}

const char *verify_rule_name(enum verify_rule rule)
{
    static const char *const names[] = {
        [VERIFY_OK] = "verified",
        [VERIFY_TRUNCATED] = "an instruction runs past the end of the text",
        [VERIFY_OPCODE] = "an instruction that is not on the whitelist",
        [VERIFY_PREFIX] = "a prefix that is not meant, or stands twice",
        [VERIFY_MEMORY] = "a memory operand that may leave the slot",
        [VERIFY_STACK_OPERAND] = "names %rsp",
        [VERIFY_BASE_WRITE] = "writes %r14",
        [VERIFY_ADDRESS_WRITE] = "writes %rbp or %r11 other than as allowed",
        [VERIFY_TARGET] = "branches out of the text",
        [VERIFY_OVERLAP] = "overlaps another instruction",
        [VERIFY_DEPTH] = "reached with two stack depths",
        [VERIFY_UNDERFLOW] = "pops what was not pushed",
        [VERIFY_FRAME] = "uses too much trusted stack",
        [VERIFY_RETURN] = "leaves the function with something pushed",
        [VERIFY_INDIRECT] = "an indirect branch not through the table",
        [VERIFY_FALLTHROUGH] = "execution runs off the end of the text",
        [VERIFY_ENTRY] = "an entry outside the text",
    };

    if ((unsigned)rule >= sizeof(names) / sizeof(names[0]))
        return "unknown rule";
    return names[rule];
}
