/* SPDX-License-Identifier: MIT */
/* piece.c - functions woven at random, and carved out of domains. */
#include "piece.h"

#include <stdlib.h>
#include <string.h>

#include "oracle_insn.h"
#include "tepal/abi.h"

#define WOVEN_MAX 300 /* bytes, before what ends it */

static void put(struct piece *piece, const void *bytes, uint32_t count)
{
    if (piece->bytes + count > PIECE_ROOM)
        abort();
    memcpy(piece->text + piece->bytes, bytes, count);
    piece->bytes += count;
}

static void put_byte(struct piece *piece, uint8_t byte)
{
    put(piece, &byte, 1);
}

static void put_word(struct piece *piece, uint32_t word)
{
    put(piece, &word, 4);
}

static void begin(struct piece *piece, uint32_t flavour)
{
    piece->bytes = 0;
    piece->entries[0] = TP_TEXT_START;
    piece->entries[1] = TP_TEXT_START;
    piece->flavour = flavour;
    piece->ftab_bytes = TP_FTAB_MIN << random_below(5);
    piece->imports_end = TP_FTAB_START + 8 * (2 + random_below(500));
}

static void put_pooled(struct piece *piece)
{
    uint8_t text[ZYDIS_MAX_INSTRUCTION_LENGTH];
    uint32_t bytes = pool_pick(text);

    put(piece, text, bytes);
}

static void put_plain(struct piece *piece, uint32_t count)
{
    while (count-- > 0)
        put_pooled(piece);
}

/* --- branches ------------------------------------------------------------ */

static void put_condition(struct piece *piece, int8_t distance)
{
    put_byte(piece, (uint8_t)(0x70 | random_below(16)));
    put_byte(piece, (uint8_t)distance);
}

static void put_branch_over(struct piece *piece)
{
    uint32_t at = piece->bytes;

    put_condition(piece, 0);
    put_plain(piece, 1 + random_below(3));
    piece->text[at + 1] = (uint8_t)(piece->bytes - at - 2);
}

static void put_loop(struct piece *piece)
{
    uint32_t at = piece->bytes;

    put_plain(piece, 1 + random_below(3));
    put_condition(piece, (int8_t)(at - piece->bytes - 2));
}

/* @digit: 2 a call, 4 a jump. */
static void put_import(struct piece *piece, uint8_t digit)
{
    uint32_t imports = (piece->imports_end - TP_FTAB_START) / 8;
    uint32_t entry = TP_FTAB_START + 8 * (1 + random_below(imports - 1));

    if (piece->flavour == TP_FLAVOUR_GS) {
        put(piece, "\x65\x67\xff", 3);
        put_byte(piece, (uint8_t)(4 | digit << 3));
        put_byte(piece, 0x25);
    } else {
        put(piece, "\x41\xff", 2);
        put_byte(piece, (uint8_t)(0x86 | digit << 3));
    }
    put_word(piece, entry);
}

static void put_table(struct piece *piece, uint8_t digit)
{
    put(piece, "\x41\x81\xe3", 3);
    put_word(piece, piece->ftab_bytes - 8);
    if (piece->flavour == TP_FLAVOUR_GS) {
        put(piece, "\x65\x67\x41\xff", 4);
        put_byte(piece, (uint8_t)(0x83 | digit << 3));
    } else {
        put(piece, "\x43\xff", 2);
        put_byte(piece, (uint8_t)(0x84 | digit << 3));
        put_byte(piece, 0x1e);
    }
    put_word(piece, TP_FTAB_START);
}

/* --- a woven function ---------------------------------------------------- */

/* What callee-saved registers are pushed, and what may be popped. */
static void put_push(struct piece *piece)
{
    static const uint8_t kept[] = {0x50, 0x51, 0x52, 0x53, 0x55, 0x56, 0x57};

    put_byte(piece, kept[random_below(sizeof(kept))]);
}

static void put_pop(struct piece *piece)
{
    static const uint8_t free_ones[] = {0x58, 0x59, 0x5a, 0x5b, 0x5e, 0x5f};

    put_byte(piece, free_ones[random_below(sizeof(free_ones))]);
}

/* To be led to the function's beginning or end: to where the depth is 0. */
static void put_local_call(struct piece *piece, uint32_t *call)
{
    if (*call == 0) {
        put_byte(piece, 0xe8);
        *call = piece->bytes;
        put_word(piece, 0);
    } else {
        put_byte(piece, 0xe8);
        put_word(piece, 0 - (piece->bytes + 4)); /* to 0: recursion */
    }
}

static void put_item(struct piece *piece, uint32_t *depth, uint32_t *call)
{
    switch (random_below(16)) {
    case 0:
    case 1:
        put_push(piece);
        ++*depth;
        break;
    case 2:
        if (*depth > 0) {
            put_pop(piece);
            --*depth;
        }
        break;
    case 3:
        put_branch_over(piece);
        break;
    case 4:
        put_loop(piece);
        break;
    case 5:
        put_import(piece, 2);
        break;
    case 6:
        put_table(piece, 2);
        break;
    case 7:
        put_local_call(piece, call);
        break;
    default:
        put_pooled(piece);
    }
}

static void put_end(struct piece *piece)
{
    switch (random_below(5)) {
    case 0:
        put_import(piece, 4);
        break;
    case 1:
        put_table(piece, 4);
        break;
    case 2:
        put(piece, "\x0f\x0b", 2);
        break;
    default:
        put_byte(piece, 0xc3);
    }
}

static void lead_call(struct piece *piece, uint32_t call, uint32_t to)
{
    uint32_t distance = to - (call + 4);

    memcpy(piece->text + call, &distance, 4);
}

void piece_weave(struct piece *piece, uint32_t flavour)
{
    uint32_t depth = 0, call = 0;

    begin(piece, flavour);
    for (uint32_t items = 1 + random_below(14);
         items > 0 && piece->bytes < WOVEN_MAX; items--)
        put_item(piece, &depth, &call);
    for (; depth > 0; depth--)
        put_pop(piece);
    put_end(piece);
    if (call) {
        lead_call(piece, call, piece->bytes);
        put_plain(piece, 1);
        put_end(piece);
    }
}

/* --- carved out of a domain ---------------------------------------------- */

static struct oracle_insn judge(const struct dom_text *text, uint32_t at)
{
    struct oracle_rules rules = {.flavour = text->input.flavour,
                                 .imports_end = text->input.imports_end,
                                 .ftab_bytes = text->input.ftab_bytes};
    uint32_t rest = text->input.bytes - at;

    return oracle_insn_judge(&rules, text->input.text + at,
                             rest < ZYDIS_MAX_INSTRUCTION_LENGTH
                                 ? rest
                                 : ZYDIS_MAX_INSTRUCTION_LENGTH);
}

/* A function of the domain: what one of its calls leads to. */
static uint32_t any_function(const struct dom_text *text)
{
    uint32_t first = random_below(text->start_count);

    for (uint32_t i = 0; i < text->start_count; i++) {
        uint32_t at = text->starts[(first + i) % text->start_count];
        struct oracle_insn insn;

        if (text->input.text[at] != 0xe8)
            continue;
        insn = judge(text, at);
        if (insn.flow == FLOW_CALL)
            return (uint32_t)(at + insn.target);
    }
    return text->input.entries[0] - TP_TEXT_START;
}

/* The branch of @insn at @at, which stays in the piece or is led to a place of
 * its own at the end: a return for a call, a trap for a jump. */
static void lead_branch(struct piece *piece, uint32_t at,
                        const struct oracle_insn *insn, uint32_t carved)
{
    int64_t target = at + insn->target;
    uint32_t distance = piece->bytes - (at + insn->bytes);
    bool is_short = insn->bytes == 2;

    if (target >= 0 && target < carved)
        return;
    if (is_short && distance > 127)
        return;
    memcpy(piece->text + at + insn->bytes - (is_short ? 1 : 4), &distance,
           is_short ? 1 : 4);
    put_byte(piece, insn->flow == FLOW_CALL ? 0xc3 : 0xcc);
}

void piece_carve(struct piece *piece, const struct dom_text *text)
{
    uint32_t from = any_function(text), at = from, carved;
    uint32_t end = from + 20 + random_below(140);
    struct oracle_insn insn;

    begin(piece, text->input.flavour);
    piece->ftab_bytes = text->input.ftab_bytes;
    piece->imports_end = text->input.imports_end;
    while (at < end && (insn = judge(text, at)).bytes > 0) {
        put(piece, text->input.text + at, insn.bytes);
        at += insn.bytes;
    }
    carved = piece->bytes;
    put_byte(piece, 0xcc);
    for (at = 0; at < carved; at += insn.bytes) {
        insn = judge(text, from + at);
        if (insn.flow == FLOW_CALL || insn.flow == FLOW_BRANCH ||
            insn.flow == FLOW_JUMP)
            lead_branch(piece, at, &insn, carved);
    }
}

/* --- others -------------------------------------------------------------- */

void piece_from_snippet(struct piece *piece, const struct snippet *snippet,
                        uint32_t flavour)
{
    begin(piece, flavour);
    put(piece, snippet->text, snippet->bytes);
    piece->entries[1] = TP_TEXT_START + snippet->entry;
    piece->imports_end = TP_FTAB_START + 4 * 8;
    piece->ftab_bytes = TP_FTAB_MIN;
}

static void put_any_prefixes(struct piece *piece)
{
    static const uint8_t prefixes[] = {0x66, 0xf2, 0xf3, 0xf0, 0x2e, 0x36,
                                       0x3e, 0x26, 0x64, 0x65, 0x67, 0x48};

    for (uint32_t count = 1 + random_below(3); count > 0; count--)
        put_byte(piece, prefixes[random_below(sizeof(prefixes))]);
}

/* Half of the time a memory operand is made one that the flavour allows. */
static uint8_t help_operand(uint8_t modrm, uint8_t *rex, uint32_t flavour)
{
    if (flavour != TP_FLAVOUR_BASE || modrm >= 0xc0 || random_chance(2))
        return modrm;
    *rex |= 0x41;
    return (uint8_t)((modrm & 0xf8) | (random_chance(2) ? 4 : 6));
}

static void put_opcode(struct piece *piece, bool is_0f, uint8_t opcode)
{
    if (is_0f)
        put_byte(piece, 0x0f);
    if (is_0f && random_chance(16))
        put_byte(piece, random_chance(2) ? 0x38 : 0x3a);
    put_byte(piece, opcode);
}

static void put_modrm(struct piece *piece, uint8_t modrm)
{
    static const uint8_t sibs[] = {0x2e, 0x1e, 0x26, 0x24};

    put_byte(piece, modrm);
    if ((modrm & 7) == 4 && modrm < 0xc0)
        put_byte(piece, random_chance(2) ? (uint8_t)random_bits()
                                         : sibs[random_below(sizeof(sibs))]);
}

/*
 * Mixed digits: prefixes, REX, map, opcode, ModRM. What follows are the bytes
 * of a SIB at random and traps, so that the length shows in what is reached. A
 * push before it, half of the time, is for the pops; now and then there are
 * more prefixes.
 */
void piece_from_number(struct piece *piece, uint64_t number, uint32_t flavour)
{
    /* clang-format off */
    static const char *const prefixes[PREFIX_SETS] = {
        "", "\x66", "\xf2", "\xf3", "\xf0", "\x2e", "\x64", "\x65", "\x67",
        "\x66\xf2", "\x66\xf3", "\x66\xf0", "\x65\x67", "\x67\x66\x65",
        "\xf2\x65\x67", "\x65\xf3\x67", "\xf0\x67\x65", "\x65\x67\x2e", "\x64\x67"};
    /* clang-format on */
    const char *prefix = prefixes[number % PREFIX_SETS];
    uint8_t rex = (uint8_t)(number / PREFIX_SETS % 17);
    bool is_0f = number / PREFIX_SETS / 17 % 2;
    uint32_t rest = (uint32_t)(number / PREFIX_SETS / 17 / 2);
    uint8_t modrm;

    begin(piece, flavour);
    rex = rex < 16 ? rex | 0x40 : 0;
    modrm = help_operand((uint8_t)rest, &rex, flavour);
    if (random_chance(2))
        put_byte(piece, 0x50);
    put(piece, prefix, (uint32_t)strlen(prefix));
    if (random_chance(8))
        put_any_prefixes(piece);
    if (rex)
        put_byte(piece, rex);
    put_opcode(piece, is_0f, (uint8_t)(rest >> 8));
    put_modrm(piece, modrm);
    for (int i = 0; i < 14; i++)
        put_byte(piece, 0xcc);
}
