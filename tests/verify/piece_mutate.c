/* SPDX-License-Identifier: MIT */
/* piece_mutate.c - changes of machine code that know what an instruction is. */
#include <string.h>

#include "piece.h"
#include "tepal/abi.h"

/* Bytes that mean much: prefixes, escapes, branches, stack, traps. */
static const uint8_t telling[] = {0x66, 0xf2, 0xf3, 0xf0, 0x2e, 0x3e,
                                  0x64, 0x65, 0x67, 0x40, 0x41, 0x43,
                                  0x48, 0x49, 0x4d, 0x0f, 0xff, 0xe8,
                                  0xe9, 0xeb, 0x74, 0xc3, 0xcc, 0x50,
                                  0x58, 0x8d, 0x89, 0x81, 0x83, 0x90,
                                  0x1e, 0x2e, 0xe3, 0x00, 0x01, 0x24};

static uint8_t telling_byte(void)
{
    return telling[random_below(sizeof(telling))];
}

/* --- in place ------------------------------------------------------------ */

static bool is_branch(const uint8_t *text, uint32_t rest)
{
    if (rest < 6)
        return false;
    return text[0] == 0xe8 || text[0] == 0xe9 || text[0] == 0xeb ||
           (text[0] & 0xf0) == 0x70 ||
           (text[0] == 0x0f && (text[1] & 0xf0) == 0x80);
}

/* A target a little, or much, beside the one that it was. */
static void shift_branch(uint8_t *text)
{
    uint32_t at = text[0] == 0x0f ? 2 : 1;

    if (random_chance(8))
        text[at] = (uint8_t)random_bits();
    else
        text[at] = (uint8_t)(text[at] + random_below(9) - 4);
}

static void change_some_branch(uint8_t *text, uint32_t bytes,
                               const uint32_t *starts, uint32_t count)
{
    uint32_t first = random_below(count);

    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = starts[(first + i) % count];

        if (is_branch(text + at, bytes - at)) {
            shift_branch(text + at);
            return;
        }
    }
}

/* The two registers of a ModRM byte, or the opcode's direction. */
static void swap_operands(uint8_t *text, uint32_t rest)
{
    uint32_t at = random_below(rest < 5 ? rest : 5);
    uint8_t byte = text[at];

    if (random_chance(3))
        text[at] ^= 2;
    else
        text[at] = (uint8_t)((byte & 0xc0) | (byte & 7) << 3 | (byte >> 3 & 7));
}

/* To where the ModRM byte would be, if there is one; *@rex to the REX byte. */
static uint8_t *find_modrm(uint8_t *text, uint32_t rest, uint8_t **rex)
{
    uint32_t at = 0;

    while (at < rest && memchr("\x66\xf2\xf3\xf0\x65\x67", text[at], 6))
        at++;
    if (at < rest && (text[at] & 0xf0) == 0x40)
        *rex = &text[at++];
    if (at < rest && text[at] == 0x0f)
        at++;
    return at + 1 < rest ? &text[at + 1] : NULL;
}

/* In one of its two places: of %rsp, %rbp, %r11 and %r14. */
static void name_kept_register(uint8_t *text, uint32_t rest)
{
    static const uint8_t kept[] = {4, 5, 11, 14};
    uint8_t number = kept[random_below(sizeof(kept))], *rex = NULL;
    uint8_t *modrm = find_modrm(text, rest, &rex);
    bool as_reg = random_chance(2);
    uint8_t bit = as_reg ? 4 : 1, shift = as_reg ? 3 : 0;

    if (modrm == NULL)
        return;
    *modrm = (uint8_t)((*modrm & ~(7 << shift)) | (number & 7) << shift);
    if (rex)
        *rex = (uint8_t)(number < 8 ? *rex & ~bit : *rex | bit);
}

static void replace_instruction(uint8_t *text, uint32_t bytes,
                                const uint32_t *starts, uint32_t count)
{
    uint8_t other[16];
    uint32_t which = random_below(count), other_bytes = pool_pick(other);
    uint32_t at = starts[which];
    uint32_t end = which + 1 < count ? starts[which + 1] : bytes;

    if (at + other_bytes > end)
        return;
    memset(text + at, 0x90, end - at);
    memcpy(text + at, other, other_bytes);
}

void text_mutate(uint8_t *text, uint32_t bytes, const uint32_t *starts,
                 uint32_t start_count)
{
    uint32_t at = starts[random_below(start_count)];
    uint32_t near = at + random_below(bytes - at < 6 ? bytes - at : 6);

    switch (random_below(9)) {
    case 0:
        text[random_below(bytes)] ^= (uint8_t)(1 << random_below(8));
        break;
    case 1:
        text[random_below(bytes)] = (uint8_t)random_bits();
        break;
    case 2:
        text[near] = telling_byte();
        break;
    case 3:
        text[near] ^= (uint8_t)(1 << random_below(8));
        break;
    case 4:
    case 5:
        change_some_branch(text, bytes, starts, start_count);
        break;
    case 6:
        swap_operands(text + at, bytes - at);
        break;
    case 7:
        name_kept_register(text + at, bytes - at);
        break;
    default:
        replace_instruction(text, bytes, starts, start_count);
    }
}

/* --- of another length --------------------------------------------------- */

static void insert(struct piece *piece, uint32_t at, const uint8_t *bytes,
                   uint32_t count)
{
    if (piece->bytes + count > PIECE_ROOM)
        return;
    memmove(piece->text + at + count, piece->text + at, piece->bytes - at);
    memcpy(piece->text + at, bytes, count);
    piece->bytes += count;
}

static void take_out(struct piece *piece, uint32_t at, uint32_t count)
{
    if (count >= piece->bytes - at)
        return;
    memmove(piece->text + at, piece->text + at + count,
            piece->bytes - at - count);
    piece->bytes -= count;
}

/* Two instructions one after the other, in the other order. */
static void swap_instructions(struct piece *piece, uint32_t at, uint32_t middle,
                              uint32_t end)
{
    uint8_t first[PIECE_ROOM];

    memcpy(first, piece->text + at, middle - at);
    memmove(piece->text + at, piece->text + middle, end - middle);
    memcpy(piece->text + at + end - middle, first, middle - at);
}

/* Another REX byte, if there is one. */
static void change_rex(uint8_t *text, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        if ((text[i] & 0xf0) == 0x40) {
            text[i] = (uint8_t)(0x40 | random_below(16));
            return;
        }
    }
}

/* A call of an import, or through the table, as one flavour or the other has
 * it, or nearly so. */
static void insert_call(struct piece *piece, uint32_t at)
{
    enum { IMPORTS = 3 };
    static const struct {
        uint32_t bytes;
        uint8_t text[10];
    } calls[] = {{7, {0x41, 0xff, 0x96, 8, 0, 1, 0}},
                 {9, {0x65, 0x67, 0xff, 0x14, 0x25, 8, 0, 1, 0}},
                 {10, {0x65, 0x67, 0x40, 0xff, 0x14, 0x25, 8, 0, 1, 0}},
                 {8, {0x43, 0xff, 0x94, 0x1e, 0, 0, 1, 0}},
                 {9, {0x65, 0x67, 0x41, 0xff, 0x93, 0, 0, 1, 0}},
                 {10, {0x65, 0x67, 0x41, 0xff, 0x94, 0x23, 0, 0, 1, 0}}};
    const uint32_t which = random_below(sizeof(calls) / sizeof(calls[0]));
    const uint32_t mask = piece->ftab_bytes - 8;
    uint8_t text[17] = {0x41, 0x81, 0xe3};

    memcpy(text + 3, &mask, sizeof(mask));
    memcpy(text + 7, calls[which].text, calls[which].bytes);
    if (random_chance(2))
        change_rex(text + 7, calls[which].bytes);
    if (which < IMPORTS)
        insert(piece, at, text + 7, calls[which].bytes);
    else
        insert(piece, at, text, 7 + calls[which].bytes);
}

static void insert_something(struct piece *piece, uint32_t at)
{
    uint8_t bytes[16] = {telling_byte()};

    if (random_chance(2))
        insert(piece, at, bytes, pool_pick(bytes));
    else
        insert(piece, at, bytes, 1);
}

static void change_surroundings(struct piece *piece)
{
    switch (random_below(3)) {
    case 0:
        piece->entries[1] = TP_TEXT_START + random_below(piece->bytes + 8) - 4;
        break;
    case 1:
        piece->imports_end = TP_FTAB_START + 8 + 8 * random_below(64);
        break;
    default:
        piece->ftab_bytes = TP_FTAB_MIN << random_below(5);
    }
}

void piece_mutate(struct piece *piece)
{
    uint32_t starts[PIECE_ROOM];
    uint32_t count =
        text_starts(piece->text, piece->bytes, piece->flavour, starts);
    uint32_t which = random_below(count), at = starts[which];

    switch (random_below(16)) {
    case 0:
        insert_something(piece, at);
        break;
    case 1:
        take_out(piece, random_below(piece->bytes), 1);
        break;
    case 2:
        if (which + 1 < count)
            take_out(piece, at, starts[which + 1] - at);
        break;
    case 3:
        if (which + 2 < count)
            swap_instructions(piece, at, starts[which + 1], starts[which + 2]);
        break;
    case 4:
        change_surroundings(piece);
        break;
    case 5:
        insert_call(piece, at);
        break;
    default:
        text_mutate(piece->text, piece->bytes, starts, count);
    }
}
