/* SPDX-License-Identifier: MIT */
/*
 * generate.c - random code that keeps the rules, or nearly.
 *
 * An instruction is a random string of a likely form; the verifier that is
 * tested says whether it is one. So a verifier that takes too much makes code
 * here that shows it.
 */
#include "generate.h"
#include "memory_rules.h"
#include "tepal/abi.h"
#include <string.h>

#define TRIES 200

struct line line_of(uint32_t length, const char *bytes)
{
    struct line line = {.length = (uint8_t)length, .target = NO_TARGET};

    memcpy(line.bytes, bytes, length);
    return line;
}

void draft_add(struct draft *draft, const struct line *line)
{
    if (draft->count < DRAFT_LINES_MAX)
        draft->lines[draft->count++] = *line;
}

static bool one_in(struct chance *chance, uint32_t count)
{
    return chance_below(chance, count) == 0;
}

/* --- an instruction --- */

static int32_t choose_displacement(struct chance *chance)
{
    static const int32_t extremes[] = {INT32_MAX, INT32_MIN,  -1,
                                       -8,        INT32_MAX - 7, 0x10000};

    switch (chance_below(chance, 8)) {
    case 0:
        return extremes[chance_below(chance, 6)];
    case 1:
        return (int32_t)chance_bits(chance);
    case 2:
    case 3:
        return 0x200000 + (int32_t)chance_below(chance, 0x7ff0);
    default:
        return (int32_t)chance_below(chance, 128);
    }
}

static void put(struct line *line, unsigned byte)
{
    line->bytes[line->length++] = (uint8_t)byte;
}

static void put_word(struct line *line, uint32_t word)
{
    memcpy(line->bytes + line->length, &word, 4);
    line->length = (uint8_t)(line->length + 4);
}

/*
 * ModRM and SIB of disp32(%r14,index) in base, index being %rbp, %r11, none or
 * seldom another; of any operand in gs. @rex gets the bits that this needs.
 */
static void put_memory(struct line *line, struct chance *chance,
                       uint32_t flavour, uint32_t reg)
{
    static const uint8_t indices[] = {5, 5, 3, 3, 3, 4};
    uint32_t index = indices[chance_below(chance, 6)];

    if (flavour == TP_FLAVOUR_BASE && !one_in(chance, 12)) {
        put(line, 0x84 | reg << 3);
        put(line, index << 3 | 6);
    } else if (one_in(chance, 2)) {
        put(line, 0x80 | reg << 3 | (chance_bits(chance) & 7));
        if ((line->bytes[line->length - 1] & 7) == 4)
            put(line, chance_bits(chance) & 0xff);
    } else {
        put(line, 0x04 | reg << 3); /* disp32(,index,scale) */
        put(line, (chance_bits(chance) & 0xf8) | 5);
    }
    put_word(line, (uint32_t)choose_displacement(chance));
}

static void put_prefixes(struct line *line, struct chance *chance,
                         uint32_t flavour, bool is_memory)
{
    static const uint8_t forms[] = {0x66, 0x66, 0xf2, 0xf3, 0xf0};

    if (is_memory && (flavour == TP_FLAVOUR_GS) != one_in(chance, 64)) {
        put(line, 0x65);
        if (!one_in(chance, 64))
            put(line, 0x67);
    }
    if (one_in(chance, 3))
        put(line, forms[chance_below(chance, sizeof(forms))]);
}

/* In base %r14 needs REX.B, and %r11 as an index REX.X. */
static void put_rex(struct line *line, struct chance *chance, uint32_t flavour,
                    bool is_memory)
{
    uint32_t rex = chance_bits(chance) & 15;

    if (is_memory && flavour == TP_FLAVOUR_BASE && !one_in(chance, 24))
        rex |= 1;
    if (rex || one_in(chance, 2))
        put(line, 0x40 | rex);
}

static struct line random_string(struct chance *chance, uint32_t flavour)
{
    const bool is_memory = !one_in(chance, 4), is_lea = one_in(chance, 24);
    struct line line = {.target = NO_TARGET};
    uint32_t reg = chance_bits(chance) & 7;

    if (is_lea) {
        put_rex(&line, chance, TP_FLAVOUR_GS, true);
        put(&line, 0x8d);
        put_memory(&line, chance, TP_FLAVOUR_GS, one_in(chance, 2) ? 3 : reg);
        return line;
    }
    put_prefixes(&line, chance, flavour, is_memory);
    put_rex(&line, chance, flavour, is_memory);
    if (one_in(chance, 2))
        put(&line, 0x0f);
    put(&line, chance_bits(chance) & 0xff);
    if (is_memory)
        put_memory(&line, chance, flavour, reg);
    else
        put(&line, 0xc0 | (chance_bits(chance) & 0x3f));
    while (line.length < LINE_BYTES_MAX)
        put(&line, chance_bits(chance) & 0xff);
    return line;
}

static bool is_straight(const struct insn *insn)
{
    switch ((int)insn->class) {
    case INSN_PLAIN:
    case INSN_NOP:
    case INSN_MOVE:
    case INSN_ADD:
    case INSN_AND:
    case INSN_LEA:
        return true;
    default:
        return false;
    }
}

struct line generate_insn(struct chance *chance, uint32_t flavour)
{
    for (int i = 0; i < TRIES; i++) {
        struct line line = random_string(chance, flavour);
        struct insn insn;

        if (decode_insn(line.bytes, LINE_BYTES_MAX, &insn) != VERIFY_OK ||
            !is_straight(&insn) ||
            memory_rules_check(&insn, flavour) != VERIFY_OK)
            continue;
        line.length = insn.length;
        if (insn.immediate)
            line.immediate = 1;
        return line;
    }
    return line_of(1, "\x90");
}

/* --- idioms --- */

/* Slot offset of something that is mapped, nearly always. */
static uint32_t choose_offset(struct chance *chance)
{
    static const uint32_t windows[] = {0x200000, 0x403f8000, 0x80200000,
                                       0xffffc000, 0x10000};

    return windows[chance_below(chance, 5)] +
           (chance_below(chance, 0x4000) & ~3u) -
           (one_in(chance, 64) ? 0x100000 : 0);
}

static struct line load_address(struct chance *chance, uint32_t flavour)
{
    static const uint8_t in_gs[] = {0xb8, 0xb9, 0xba, 0xbb, 0xbd, 0xbe, 0xbf};
    struct line line = {.target = NO_TARGET, .immediate = 4};

    if (flavour == TP_FLAVOUR_GS && !one_in(chance, 4)) {
        put(&line, in_gs[chance_below(chance, sizeof(in_gs))]);
    } else if (one_in(chance, 4)) {
        put(&line, 0xbd);
    } else {
        put(&line, 0x41);
        put(&line, 0xbb);
    }
    put_word(&line, choose_offset(chance));
    return line;
}

/* add, sub, and, mov, or with %r11d or %ebp, some of which is refused. */
static struct line change_address(struct chance *chance)
{
    static const uint8_t operations[] = {0x01, 0x29, 0x21, 0x89, 0x03, 0x2b,
                                         0x23, 0x8b, 0x01, 0x89, 0x8b, 0x09};
    struct line line = {.target = NO_TARGET};
    uint32_t operation = operations[chance_below(chance, 12)];
    uint32_t other = chance_bits(chance) & 7;

    put(&line, 0x44 | (chance_bits(chance) & 1) | (one_in(chance, 32) ? 8 : 0));
    if (!(operation & 2))
        line.bytes[0] = (uint8_t)((line.bytes[0] & ~4) | 1);
    put(&line, operation);
    put(&line, operation & 2 ? 0xd8 | other : 0xc3 | other << 3);
    return line;
}

static uint32_t by_table(uint32_t flavour, struct line *lines, bool is_call)
{
    lines[0] = line_of(7, "\x41\x81\xe3\xf8\x0f\0\0");
    lines[0].immediate = 4;
    lines[1] = flavour == TP_FLAVOUR_GS
                   ? line_of(9, "\x65\x67\x41\xff\xa3\0\0\1\0")
                   : line_of(8, "\x43\xff\xa4\x1e\0\0\1\0");
    if (is_call)
        lines[1].bytes[flavour == TP_FLAVOUR_GS ? 4 : 2] ^= 0x30;
    lines[1].displacement = 4;
    return 2;
}

static struct line by_import(struct chance *chance, uint32_t flavour,
                             bool is_call)
{
    const bool in_gs = flavour == TP_FLAVOUR_GS;
    struct line line = in_gs ? line_of(9, "\x65\x67\xff\x24\x25\0\0\1\0")
                             : line_of(7, "\x41\xff\xa6\0\0\1\0");

    if (is_call)
        line.bytes[in_gs ? 3 : 2] ^= 0x30;
    line.bytes[line.length - 4] =
        (uint8_t)(8 + 8 * chance_below(chance, MUTANT_IMPORTS));
    line.displacement = 4;
    return line;
}

static struct line push_or_pop(struct chance *chance, unsigned opcode)
{
    struct line line = {.target = NO_TARGET};
    uint32_t reg = chance_bits(chance) & 7;

    /* A pop of %rsp, %rbp, %r11 or %r14 is for a mutation to make. */
    if (opcode == 0x58 && (reg == 4 || reg == 5))
        reg = 0;
    if (opcode == 0x50 && reg == 4)
        reg = 1;
    put(&line, opcode | reg);
    return line;
}

uint32_t generate_idiom(struct chance *chance, uint32_t flavour,
                        struct line *lines)
{
    switch (chance_below(chance, 8)) {
    case 0:
    case 1:
        lines[0] = load_address(chance, flavour);
        return 1;
    case 2:
    case 3:
        lines[0] = change_address(chance);
        return 1;
    case 4:
        lines[0] = push_or_pop(chance, 0x50);
        return 1;
    case 5:
        lines[0] = push_or_pop(chance, 0x58);
        return 1;
    case 6:
        return by_table(flavour, lines, !one_in(chance, 4));
    default:
        lines[0] = by_import(chance, flavour, !one_in(chance, 4));
        return 1;
    }
}

/* --- a function --- */

static void add_branch(struct draft *draft, unsigned opcode, int32_t target)
{
    struct line line = {.target = target, .immediate = 4};

    if (opcode < 0x80)
        put(&line, 0x0f);
    put(&line, opcode < 0x80 ? opcode + 0x10 : opcode);
    put_word(&line, 0);
    draft_add(draft, &line);
}

static void add_string(struct draft *draft, uint32_t length, const char *bytes)
{
    const struct line line = line_of(length, bytes);

    draft_add(draft, &line);
}

static void add_idiom(struct draft *draft, struct chance *chance,
                      uint32_t *depth)
{
    struct line lines[IDIOM_LINES_MAX] = {0};
    uint32_t count = 1;

    switch (chance_below(chance, 12)) {
    case 0:
    case 1:
    case 2:
        lines[0] = load_address(chance, draft->flavour);
        break;
    case 3:
        lines[0] = change_address(chance);
        break;
    case 4:
    case 5:
        lines[0] = push_or_pop(chance, 0x50);
        (*depth)++;
        break;
    case 6:
        if (*depth) {
            lines[0] = push_or_pop(chance, 0x58);
            (*depth)--;
            break;
        }
        lines[0] = line_of(1, "\x90");
        break;
    case 7:
        count = by_table(draft->flavour, lines, true);
        break;
    case 8:
        lines[0] = by_import(chance, draft->flavour, true);
        break;
    default:
        lines[0] = generate_insn(chance, draft->flavour);
        break;
    }
    for (uint32_t i = 0; i < count; i++)
        draft_add(draft, &lines[i]);
}

/* Some lines, and back to the first of them now and then. */
static void add_stretch(struct draft *draft, struct chance *chance)
{
    const int32_t first = (int32_t)draft->count;
    uint32_t count = 1 + chance_below(chance, 8), depth = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (one_in(chance, 3))
            add_idiom(draft, chance, &depth);
        else {
            struct line line = generate_insn(chance, draft->flavour);

            draft_add(draft, &line);
        }
    }
    for (; depth; depth--) {
        struct line line = push_or_pop(chance, 0x58);

        draft_add(draft, &line);
    }
    if (one_in(chance, 2))
        add_branch(draft, 0x70 + chance_below(chance, 16), first);
    if (one_in(chance, 8) && draft->start_count)
        add_branch(draft, 0xe8,
                   (int32_t)draft->starts[chance_below(chance,
                                                       draft->start_count)]);
}

static void add_end(struct draft *draft, struct chance *chance)
{
    struct line lines[IDIOM_LINES_MAX] = {0};
    uint32_t count = 1;

    switch (chance_below(chance, 6)) {
    case 0:
        count = by_table(draft->flavour, lines, false);
        break;
    case 1:
        lines[0] = by_import(chance, draft->flavour, false);
        break;
    default:
        lines[0] = line_of(1, "\xc3");
        break;
    }
    for (uint32_t i = 0; i < count; i++)
        draft_add(draft, &lines[i]);
}

static void add_start(struct draft *draft)
{
    if (draft->start_count < DRAFT_STARTS_MAX)
        draft->starts[draft->start_count++] = draft->count;
}

void generate_function(struct draft *draft, struct chance *chance)
{
    uint32_t stretches = 1 + chance_below(chance, 5);
    uint32_t saved = chance_below(chance, 4), i;

    add_start(draft);
    for (i = 0; i < saved; i++)
        add_string(draft, 2, "\x41\x55"); /* push %r13 */
    for (i = 0; i < stretches; i++)
        add_stretch(draft, chance);
    for (i = 0; i < saved; i++)
        add_string(draft, 2, "\x41\x5d");
    add_end(draft, chance);
}

void generate_large_frame(struct draft *draft, struct chance *chance)
{
    uint32_t words = TP_FRAME_MAX / 8 - 2 + chance_below(chance, 5), i;

    add_start(draft);
    for (i = 0; i < words; i++)
        add_string(draft, 1, "\x50");
    for (i = 0; i < words; i++)
        add_string(draft, 1, "\x58");
    add_string(draft, 1, "\xc3");
}
