/* SPDX-License-Identifier: MIT */
/*
 * oracle_prefix.c - which prefixes are meant.
 *
 * Each at most once and before REX, and only where the manual says what it
 * selects: 66 a 16-bit operand or an SSE instruction, F2 and F3 an instruction,
 * F0 an atomic one, 2E nothing, on a long nop, 65 and 67 together the memory
 * operand of the gs flavour, REX a register or a width.
 */
#include <string.h>

#include "oracle_insn.h"

static bool is_legacy_prefix(uint8_t byte)
{
    static const uint8_t prefixes[] = {0x66, 0xf2, 0xf3, 0xf0, 0x2e, 0x36,
                                       0x3e, 0x26, 0x64, 0x65, 0x67};

    return memchr(prefixes, byte, sizeof(prefixes)) != NULL;
}

void oracle_prefixes_scan(struct oracle_prefixes *prefixes, const uint8_t *text,
                          uint32_t bytes)
{
    memset(prefixes, 0, sizeof(*prefixes));
    for (uint32_t i = 0; i < bytes && i < ZYDIS_MAX_INSTRUCTION_LENGTH; i++) {
        bool is_rex = (text[i] & 0xf0) == 0x40;

        if (!is_rex && !is_legacy_prefix(text[i]))
            break;
        if (prefixes->rex)
            prefixes->after_rex = true;
        if (prefixes->count[text[i]]++)
            prefixes->twice = true;
        if (is_rex)
            prefixes->rex = text[i];
        prefixes->bytes++;
    }
}

/* By Zydis the prefix is part of the opcode. */
static bool is_mandatory(const struct oracle_decoded *decoded, uint8_t prefix)
{
    for (int i = 0; i < decoded->insn.raw.prefix_count; i++)
        if (decoded->insn.raw.prefixes[i].value == prefix &&
            decoded->insn.raw.prefixes[i].type == ZYDIS_PREFIX_TYPE_MANDATORY)
            return true;
    return false;
}

/* REX.W overrules it where it is not part of the opcode. */
static bool width_is_meant(const struct oracle_decoded *decoded,
                           enum oracle_kind kind)
{
    if (is_mandatory(decoded, 0x66))
        return true;
    if (decoded->prefixes.rex & 8)
        return false;
    if (kind == KIND_NOP)
        return decoded->insn.mnemonic != ZYDIS_MNEMONIC_PAUSE;
    return (kind == KIND_INTEGER || kind == KIND_LEA) &&
           decoded->insn.operand_width == 16 &&
           decoded->insn.mnemonic != ZYDIS_MNEMONIC_BSWAP;
}

static bool is_long_nop(const struct oracle_decoded *decoded,
                        enum oracle_kind kind)
{
    return kind == KIND_NOP && decoded->insn.opcode_map == ZYDIS_OPCODE_MAP_0F;
}

/* Zydis has refused it where the manual does; xchg needs none. */
static bool lock_is_meant(const struct oracle_decoded *decoded)
{
    return decoded->insn.mnemonic != ZYDIS_MNEMONIC_XCHG;
}

const ZydisDecodedOperand *
oracle_memory_operand(const struct oracle_decoded *decoded)
{
    for (int i = 0; i < decoded->insn.operand_count_visible; i++)
        if (decoded->operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
            return &decoded->operands[i];
    return NULL;
}

/* Both, where memory is accessed; whether the flavour has them is asked with
 * the operand. */
static bool gs_is_meant(const struct oracle_decoded *decoded,
                        enum oracle_kind kind)
{
    return decoded->prefixes.count[0x65] == decoded->prefixes.count[0x67] &&
           kind != KIND_LEA && kind != KIND_NOP &&
           oracle_memory_operand(decoded) != NULL;
}

/* REX is nothing to an instruction that has no operand. nop has: 90 is the
 * exchange of %rax with itself. */
static bool rex_is_meant(const struct oracle_decoded *decoded,
                         enum oracle_kind kind)
{
    if (kind == KIND_FENCE || decoded->insn.mnemonic == ZYDIS_MNEMONIC_PAUSE)
        return false;
    return kind != KIND_CONTROL || decoded->insn.opcode == 0xff;
}

bool oracle_prefixes_are_meant(const struct oracle_decoded *decoded,
                               enum oracle_kind kind)
{
    const struct oracle_prefixes *prefixes = &decoded->prefixes;

    if (prefixes->twice || prefixes->after_rex)
        return false;
    if (prefixes->count[0x36] || prefixes->count[0x3e] ||
        prefixes->count[0x26] || prefixes->count[0x64])
        return false;
    return (!prefixes->count[0x66] || width_is_meant(decoded, kind)) &&
           (!prefixes->count[0xf2] || is_mandatory(decoded, 0xf2)) &&
           (!prefixes->count[0xf3] || is_mandatory(decoded, 0xf3)) &&
           (!prefixes->count[0xf0] || lock_is_meant(decoded)) &&
           (!prefixes->count[0x2e] || is_long_nop(decoded, kind)) &&
           ((!prefixes->count[0x65] && !prefixes->count[0x67]) ||
            gs_is_meant(decoded, kind)) &&
           (!prefixes->rex || rex_is_meant(decoded, kind));
}
