/* SPDX-License-Identifier: MIT */
/* piece_pool.c - single instructions, to make pieces of. */
#include <stdlib.h>
#include <string.h>

#include "oracle_insn.h"
#include "piece.h"
#include "tepal/abi.h"

#define POOL_RANDOM 16384
#define POOL_ROOM (2 * POOL_RANDOM)

struct pooled {
    uint8_t bytes;
    uint8_t text[ZYDIS_MAX_INSTRUCTION_LENGTH];
};

static struct pooled pool[POOL_ROOM];
static uint32_t pool_count;
static uint64_t random_state = 0x5eed;

void random_seed(uint64_t seed)
{
    random_state = seed;
}

/* splitmix64 */
uint64_t random_bits(void)
{
    uint64_t bits = random_state += 0x9e3779b97f4a7c15;

    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
}

uint32_t random_below(uint32_t end)
{
    return (uint32_t)((random_bits() >> 32) * end >> 32);
}

bool random_chance(uint32_t in)
{
    return random_below(in) == 0;
}

/* A ModRM byte and what belongs to it, mostly of a form that the flavour
 * allows; REX.B and REX.X are added to *@rex as it needs. */
static uint32_t put_operand(uint8_t *to, uint8_t *rex, uint32_t flavour)
{
    uint8_t reg = (uint8_t)(random_below(8) << 3);
    uint8_t mod = (uint8_t)(random_below(3) << 6);
    uint32_t disp = mod == 0x40 ? 1 : mod == 0x80 ? 4 : 0;

    if (random_chance(2)) {
        to[0] = (uint8_t)(0xc0 | reg | random_below(8));
        return 1;
    }
    if (flavour == TP_FLAVOUR_GS) {
        to[0] = (uint8_t)(mod | reg | random_below(8));
        return 6; /* SIB and displacement, random: perhaps immediates */
    }
    *rex |= 0x41;
    if (random_chance(3)) {
        to[0] = (uint8_t)(mod | reg | 6);
        return 1 + disp;
    }
    to[0] = (uint8_t)(mod | reg | 4);
    to[1] = random_chance(2) ? 0x2e : 0x1e;
    if (to[1] == 0x1e)
        *rex |= 0x42;
    return 2 + disp;
}

static uint32_t put_random_instruction(uint8_t *to, uint32_t flavour)
{
    static const uint8_t prefixes[] = {0x66, 0xf2, 0xf3, 0xf0};
    uint8_t operand[8], rex = 0;
    uint32_t at = 0, operand_bytes;
    bool is_0f = random_chance(2);

    for (int i = 0; i < 8; i++)
        operand[i] = (uint8_t)random_bits();
    operand_bytes = put_operand(operand, &rex, flavour);
    if (random_chance(3))
        to[at++] = prefixes[random_below(sizeof(prefixes))];
    if (flavour == TP_FLAVOUR_GS && operand[0] < 0xc0 && !random_chance(8)) {
        to[at++] = 0x65;
        to[at++] = 0x67;
    }
    if (random_chance(3))
        rex |= (uint8_t)(0x40 | random_below(16));
    if (rex)
        to[at++] = rex;
    if (is_0f)
        to[at++] = 0x0f;
    to[at++] = (uint8_t)random_bits();
    memcpy(to + at, operand, operand_bytes);
    for (at += operand_bytes; at < ZYDIS_MAX_INSTRUCTION_LENGTH; at++)
        to[at] = random_chance(4) ? 0 : (uint8_t)random_bits();
    return at;
}

/* Into the pool if the oracle has nothing against it, and it is only data. */
static void pool_offer(const uint8_t *text, uint32_t bytes, uint32_t flavour)
{
    struct oracle_rules rules = {.flavour = flavour,
                                 .imports_end = TP_FTAB_START + 32,
                                 .ftab_bytes = TP_FTAB_MIN};
    struct oracle_insn insn = oracle_insn_judge(&rules, text, bytes);

    if (insn.broken || insn.flow != FLOW_NEXT || insn.stack != 0 ||
        pool_count == POOL_ROOM)
        return;
    pool[pool_count].bytes = insn.bytes;
    memcpy(pool[pool_count].text, text, insn.bytes);
    pool_count++;
}

/* As many of each domain, so that all have their share. */
static void pool_offer_text(const struct dom_text *text, uint32_t flavour)
{
    for (int i = 0; i < 1024; i++) {
        uint32_t at = text->starts[random_below(text->start_count)];

        if (at + ZYDIS_MAX_INSTRUCTION_LENGTH <= text->input.bytes)
            pool_offer(text->input.text + at, ZYDIS_MAX_INSTRUCTION_LENGTH,
                       flavour);
    }
}

void pool_fill(uint32_t flavour, const struct dom_text *texts, int count)
{
    uint8_t text[ZYDIS_MAX_INSTRUCTION_LENGTH];

    pool_count = 0;
    while (pool_count < POOL_RANDOM) {
        put_random_instruction(text, flavour);
        pool_offer(text, sizeof(text), flavour);
    }
    for (int i = 0; i < count; i++)
        if (texts[i].input.flavour == flavour)
            pool_offer_text(&texts[i], flavour);
}

uint32_t pool_pick(uint8_t *to)
{
    const struct pooled *pooled = &pool[random_below(pool_count)];

    memcpy(to, pooled->text, pooled->bytes);
    return pooled->bytes;
}

uint32_t text_starts(const uint8_t *text, uint32_t bytes, uint32_t flavour,
                     uint32_t *starts)
{
    struct oracle_rules rules = {.flavour = flavour};
    uint32_t at = 0, count = 0;

    while (at < bytes) {
        struct oracle_insn insn =
            oracle_insn_judge(&rules, text + at,
                              bytes - at < ZYDIS_MAX_INSTRUCTION_LENGTH
                                  ? bytes - at
                                  : ZYDIS_MAX_INSTRUCTION_LENGTH);

        starts[count++] = at;
        at += insn.bytes ? insn.bytes : 1;
    }
    return count;
}

void dom_text_find_starts(struct dom_text *text)
{
    text->starts = calloc(text->input.bytes + 1, sizeof(*text->starts));
    if (text->starts == NULL)
        abort();
    text->start_count = text_starts(text->input.text, text->input.bytes,
                                    text->input.flavour, text->starts);
}
