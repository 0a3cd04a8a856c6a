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

    if (piece->flavour == ORACLE_GS) {
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
    if (piece->flavour == ORACLE_GS) {
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
    struct oracle_rules rules = {.flavour = text->flavour,
                                 .imports_end = text->input.imports_end,
                                 .ftab_bytes = text->input.ftab_bytes};
    uint32_t rest = text->input.bytes - at;

    return oracle_insn_judge(&rules, text->input.text + at,
                             rest < ZYDIS_MAX_INSTRUCTION_LENGTH
                                 ? rest
                                 : ZYDIS_MAX_INSTRUCTION_LENGTH);
}

/* A function of the domain: an entry, or what one of its calls leads to. */
static uint32_t any_function(const struct dom_text *text)
{
    uint32_t at = text->input.entries[random_below(text->input.entry_count)] -
                  TP_TEXT_START;

    for (uint32_t steps = random_below(2000); steps > 0; steps--) {
        struct oracle_insn insn = judge(text, at);
        uint32_t target = (uint32_t)(at + insn.target);

        if (insn.flow == FLOW_CALL && random_chance(2))
            at = target;
        else
            at += insn.bytes ? insn.bytes : 1;
        if (at >= text->input.bytes)
            at = 0;
        if (insn.flow == FLOW_CALL && at == target && random_chance(3))
            return at;
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

    begin(piece, text->flavour);
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

void piece_from_snippet(struct piece *piece, const struct snippet *snippet)
{
    begin(piece, ORACLE_BASE);
    put(piece, snippet->text, snippet->bytes);
    piece->entries[1] = TP_TEXT_START + snippet->entry;
    piece->imports_end = TP_FTAB_START + 4 * 8;
    piece->ftab_bytes = TP_FTAB_MIN;
}

/*
 * Mixed digits: prefixes, REX, map, opcode, ModRM. What follows are the bytes
 * of a SIB at random and traps, so that the length shows in what is reached. A
 * push before it, half of the time, is for the pops.
 */
void piece_from_number(struct piece *piece, uint64_t number, uint32_t flavour)
{
    static const char *const prefixes[PREFIX_SETS] = {
        "",         "\x66",     "\xf2",     "\xf3",     "\xf0",    "\x2e",
        "\x3e",     "\x64",     "\x66\xf2", "\x66\xf3", "\x66\xf0",
        "\x65",     "\x67",     "\x65\x67", "\x67\x66\x65", "\xf2\x65\x67",
        "\x65\xf3\x67", "\xf0\x67\x65"};
    static const char *const maps[3] = {"", "\x0f", "\x0f\x38"};
    const char *prefix = prefixes[number % PREFIX_SETS];
    uint32_t rex = (uint32_t)(number / PREFIX_SETS % 17);
    const char *map = maps[number / PREFIX_SETS / 17 % 3];
    uint32_t rest = (uint32_t)(number / PREFIX_SETS / 17 / 3);

    begin(piece, flavour);
    if (random_chance(2))
        put_byte(piece, 0x50);
    put(piece, prefix, (uint32_t)strlen(prefix));
    if (rex < 16)
        put_byte(piece, (uint8_t)(0x40 | rex));
    put(piece, map, (uint32_t)strlen(map));
    put_byte(piece, (uint8_t)(rest >> 8));
    put_byte(piece, (uint8_t)rest);
    if ((rest & 7) == 4 && (rest & 0xc0) != 0xc0)
        put_byte(piece, random_chance(2) ? (uint8_t)random_bits()
                                         : random_chance(2) ? 0x2e : 0x1e);
    for (int i = 0; i < 14; i++)
        put_byte(piece, 0xcc);
}
