/* SPDX-License-Identifier: MIT */
/*
 * mutate.c - a draft of some functions, changed here and there, laid out.
 *
 * Most changes are made to lines, with branches that still lead to
 * instructions, so that the verifier has to look at the rest; some are made to
 * the bytes of the text.
 */
#include "mutate.h"
#include "generate.h"
#include "tepal/abi.h"
#include <string.h>

#define FUNCTIONS_MAX 3

static bool one_in(struct chance *chance, uint32_t count)
{
    return chance_below(chance, count) == 0;
}

/* --- a draft --- */

static void add_listing(struct draft *draft, const struct listing *listing)
{
    const int32_t first = (int32_t)draft->count;

    for (uint32_t i = 0; i < listing->count; i++) {
        struct line line = listing->lines[i];

        if (line.target >= 0)
            line.target += first;
        draft_add(draft, &line);
    }
}

static void add_function(struct draft *draft, struct chance *chance,
                         const struct listings *listings)
{
    const struct line end = line_of(1, "\xcc");

    if (one_in(chance, 4000)) {
        generate_large_frame(draft, chance);
    } else if (one_in(chance, 2)) {
        generate_function(draft, chance);
    } else {
        draft->starts[draft->start_count++] = draft->count;
        add_listing(draft, &listings->functions[chance_below(
                             chance, listings->function_count)]);
    }
    draft_add(draft, &end);
}

/* What leads out of a function leads to the begin of one. */
static void link_calls(struct draft *draft, struct chance *chance)
{
    for (uint32_t i = 0; i < draft->count; i++)
        if (draft->lines[i].target == ELSEWHERE)
            draft->lines[i].target = (int32_t)
                draft->starts[chance_below(chance, draft->start_count)];
}

/* --- changes to lines --- */

/* Make room for @count lines before @at. What led to @at leads to the first of
 * them, so that they are executed. */
static bool make_room(struct draft *draft, uint32_t at, uint32_t count)
{
    if (draft->count + count > DRAFT_LINES_MAX)
        return false;
    memmove(draft->lines + at + count, draft->lines + at,
            (draft->count - at) * sizeof(draft->lines[0]));
    draft->count += count;
    for (uint32_t i = 0; i < draft->count; i++)
        if ((i < at || i >= at + count) &&
            draft->lines[i].target > (int32_t)at)
            draft->lines[i].target += (int32_t)count;
    for (uint32_t i = 0; i < draft->start_count; i++)
        if (draft->starts[i] > at)
            draft->starts[i] += count;
    return true;
}

static void insert(struct draft *draft, uint32_t at, const struct line *lines,
                   uint32_t count)
{
    if (!make_room(draft, at, count))
        return;
    for (uint32_t i = 0; i < count; i++) {
        draft->lines[at + i] = lines[i];
        if (lines[i].target >= 0)
            draft->lines[at + i].target += (int32_t)at;
    }
}

static void insert_hostile(struct draft *draft, struct chance *chance,
                           const struct listings *listings, uint32_t at)
{
    const struct listing *listing =
        &listings->hostile[chance_below(chance, listings->hostile_count)];

    insert(draft, at, listing->lines, listing->count);
}

static void insert_idiom(struct draft *draft, struct chance *chance,
                         uint32_t at)
{
    struct line lines[IDIOM_LINES_MAX];
    uint32_t count = generate_idiom(chance, draft->flavour, lines);

    insert(draft, at, lines, count);
}

static void insert_insn(struct draft *draft, struct chance *chance, uint32_t at)
{
    struct line line = generate_insn(chance, draft->flavour);

    insert(draft, at, &line, 1);
}

static void insert_copy(struct draft *draft, struct chance *chance, uint32_t at)
{
    struct line line = draft->lines[chance_below(chance, draft->count)];

    if (line.target < 0)
        insert(draft, at, &line, 1);
}

static void remove_line(struct draft *draft, uint32_t at)
{
    draft->lines[at] = line_of(1, "\x90");
}

static void swap_lines(struct draft *draft, uint32_t at)
{
    struct line line = draft->lines[at];

    if (at + 1 < draft->count) {
        draft->lines[at] = draft->lines[at + 1];
        draft->lines[at + 1] = line;
    }
}

static void change_bit(struct line *line, struct chance *chance)
{
    line->bytes[chance_below(chance, line->length)] ^=
        (uint8_t)(1u << chance_below(chance, 8));
}

/* Constants that rules and sizes turn on. */
static void change_constant(struct line *line, struct chance *chance)
{
    static const uint32_t constants[] = {
        0,          1,          0xffffffff, 0x7fffffff, 0x80000000, 0xff8,
        0x1ff8,     0xff0,      0xffc,      0x10000,    0x10008,    0x10018,
        0x10020,    0x1000c,    0xfff8,     0x200000,   0x7ffffff8, 0xfffffff8};
    uint32_t bytes = line->immediate ? line->immediate : line->displacement;
    uint32_t word = constants[chance_below(chance, 18)];

    if (one_in(chance, 3))
        word = (uint32_t)chance_bits(chance);
    if (bytes == 4 || bytes == 1)
        memcpy(line->bytes + line->length - bytes, &word, bytes);
    else
        change_bit(line, chance);
}

/* REX bits, direction, and fields of ModRM, where these are likely to be. */
static void swap_operands(struct line *line, struct chance *chance)
{
    uint32_t at = 0;
    uint8_t modrm;

    while (at + 1 < line->length &&
           (line->bytes[at] == 0x65 || line->bytes[at] == 0x67 ||
            line->bytes[at] == 0x66 || (line->bytes[at] & 0xfc) == 0xf0))
        at++;
    if ((line->bytes[at] & 0xf0) == 0x40) {
        if (one_in(chance, 3))
            line->bytes[at] ^= (uint8_t)(1u << chance_below(chance, 4));
        at++;
    }
    if (at + 1 >= line->length)
        return;
    if (one_in(chance, 4))
        line->bytes[at] ^= 2;
    modrm = line->bytes[at + 1];
    if (one_in(chance, 2))
        line->bytes[at + 1] = (uint8_t)((modrm & 0xc0) | (modrm & 7) << 3 |
                                        ((modrm >> 3) & 7));
    else
        line->bytes[at + 1] ^= (uint8_t)(1u << chance_below(chance, 8));
}

/* Lead a branch to another line: most often one nearby, of the same depth. */
static void retarget(struct draft *draft, struct chance *chance, uint32_t at)
{
    for (uint32_t i = 0; i < draft->count; i++) {
        struct line *line = &draft->lines[(at + i) % draft->count];

        if (line->target >= 0) {
            line->target = (int32_t)chance_below(chance, draft->count);
            return;
        }
    }
}

/* Half of all changes at a function's begin, where they are executed. */
static uint32_t choose_line(const struct draft *draft, struct chance *chance)
{
    uint32_t start = draft->starts[chance_below(chance, draft->start_count)];

    if (one_in(chance, 2))
        return chance_below(chance, draft->count);
    start += chance_below(chance, 6);
    return start < draft->count ? start : draft->count - 1;
}

static void change(struct draft *draft, struct chance *chance,
                   const struct listings *listings)
{
    uint32_t at = choose_line(draft, chance);

    switch (chance_below(chance, 14)) {
    case 0:
        insert_hostile(draft, chance, listings, at);
        break;
    case 1:
    case 2:
    case 3:
        insert_idiom(draft, chance, at);
        break;
    case 4:
    case 5:
        insert_insn(draft, chance, at);
        break;
    case 6:
        insert_copy(draft, chance, at);
        break;
    case 7:
        remove_line(draft, at);
        break;
    case 8:
        swap_lines(draft, at);
        break;
    case 9:
        change_bit(&draft->lines[at], chance);
        break;
    case 10:
    case 11:
        change_constant(&draft->lines[at], chance);
        break;
    case 12:
        swap_operands(&draft->lines[at], chance);
        break;
    default:
        retarget(draft, chance, at);
        break;
    }
}

/* --- the text --- */

struct layout {
    uint32_t at[DRAFT_LINES_MAX + 1];
    uint8_t length[DRAFT_LINES_MAX];
};

static bool is_short_jump(const struct line *line)
{
    return line->bytes[0] == 0xeb || (line->bytes[0] & 0xf0) == 0x70;
}

/* Bytes of its long form. */
static uint32_t long_length(const struct line *line)
{
    if (line->target < 0 || line->bytes[0] == 0x0f || !is_short_jump(line))
        return line->length;
    return line->bytes[0] == 0xeb ? 5 : 6;
}

static void place_lines(const struct draft *draft, struct layout *layout)
{
    layout->at[0] = 0;
    for (uint32_t i = 0; i < draft->count; i++)
        layout->at[i + 1] = layout->at[i] + layout->length[i];
}

/* Jumps are as short as their distance allows; where all were long, none gets
 * farther when others are short. */
static void lay_out(const struct draft *draft, struct layout *layout)
{
    uint32_t i;

    for (i = 0; i < draft->count; i++)
        layout->length[i] = (uint8_t)long_length(&draft->lines[i]);
    place_lines(draft, layout);
    for (i = 0; i < draft->count; i++) {
        const struct line *line = &draft->lines[i];
        int64_t distance;

        if (line->target < 0 || line->bytes[0] == 0xe8)
            continue;
        distance = (int64_t)layout->at[line->target] - layout->at[i];
        if (distance > -110 && distance < 110)
            layout->length[i] = 2;
    }
    place_lines(draft, layout);
}

static void write_branch(const struct line *line, uint8_t *bytes,
                         uint32_t length, int32_t distance)
{
    const uint8_t first = line->bytes[0];
    const uint8_t condition =
        first == 0x0f ? line->bytes[1] & 15 : first & 15;

    if (first == 0xe8)
        bytes[0] = first;
    else if (first == 0xe9 || first == 0xeb)
        bytes[0] = length == 2 ? 0xeb : 0xe9;
    else if (length == 2)
        bytes[0] = 0x70 | condition;
    else {
        bytes[0] = 0x0f;
        bytes[1] = 0x80 | condition;
    }
    if (length == 2)
        bytes[1] = (uint8_t)distance;
    else
        memcpy(bytes + length - 4, &distance, 4);
}

static void write_text(struct mutant *mutant, const struct draft *draft)
{
    static struct layout layout;
    uint32_t i;

    lay_out(draft, &layout);
    mutant->bytes = 0;
    for (i = 0; i < draft->count; i++) {
        const struct line *line = &draft->lines[i];
        uint8_t *bytes = mutant->text + layout.at[i];

        if (layout.at[i + 1] > MUTANT_BYTES_MAX - 0x100)
            break;
        if (line->target < 0)
            memcpy(bytes, line->bytes, line->length);
        else
            write_branch(line, bytes, layout.length[i],
                         (int32_t)layout.at[line->target] -
                             (int32_t)layout.at[i + 1]);
        mutant->bytes = layout.at[i + 1];
    }
    mutant->entry_count = draft->start_count;
    for (i = 0; i < draft->start_count; i++)
        mutant->entries[i] = TP_TEXT_START + layout.at[draft->starts[i]];
}

/* --- changes to the text --- */

static void change_text(struct mutant *mutant, struct chance *chance)
{
    uint8_t *byte = &mutant->text[chance_below(chance, mutant->bytes)];

    switch (chance_below(chance, 6)) {
    case 0:
        *byte = (uint8_t)chance_bits(chance);
        break;
    case 1:
        mutant->bytes = 1 + chance_below(chance, mutant->bytes);
        break;
    case 2:
        mutant->entries[mutant->entry_count++] =
            TP_TEXT_START + chance_below(chance, mutant->bytes + 1);
        break;
    case 3:
        mutant->entries[mutant->entry_count++] =
            TP_TEXT_START - 8 + chance_below(chance, 16);
        break;
    default:
        *byte ^= (uint8_t)(1u << chance_below(chance, 8));
        break;
    }
}

void mutant_make(struct mutant *mutant, const struct listings *listings,
                 uint32_t flavour, uint64_t seed)
{
    static struct draft draft;
    struct chance chance = {seed};
    uint32_t functions = 1 + chance_below(&chance, FUNCTIONS_MAX);
    uint32_t changes = 1 + chance_below(&chance, 3);

    draft.flavour = mutant->flavour = flavour;
    draft.count = draft.start_count = 0;
    for (uint32_t i = 0; i < functions; i++)
        add_function(&draft, &chance, listings);
    link_calls(&draft, &chance);
    for (uint32_t i = 0; i < changes; i++)
        change(&draft, &chance, listings);
    link_calls(&draft, &chance);
    write_text(mutant, &draft);
    if (one_in(&chance, 8))
        change_text(mutant, &chance);
}
