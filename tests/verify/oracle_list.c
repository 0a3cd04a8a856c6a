/* SPDX-License-Identifier: MIT */
/*
 * oracle_list.c - the whitelist, by Zydis's names for instructions.
 *
 * Integer arithmetic and moves, shifts, multiplication and division, cmov and
 * setcc, bit scans and tests, exchanges, push, pop, near branches, fences, nop,
 * prefetch, traps, and SSE and SSE2 without MMX registers and MXCSR. Of each,
 * only the encodings that the manual describes, not aliases that processors
 * also decode.
 * Source: docs/VERIFIER.md, "The rules"; design, section 2.
 */
#include "oracle_insn.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_map(const struct oracle_decoded *decoded, ZydisOpcodeMap map)
{
    return decoded->insn.opcode_map == map;
}

static bool is_opcode(const struct oracle_decoded *decoded, uint8_t first,
                      uint8_t last)
{
    return is_map(decoded, ZYDIS_OPCODE_MAP_DEFAULT) &&
           decoded->insn.opcode >= first && decoded->insn.opcode <= last;
}

static bool is_opcode_0f(const struct oracle_decoded *decoded, uint8_t first,
                         uint8_t last)
{
    return is_map(decoded, ZYDIS_OPCODE_MAP_0F) &&
           decoded->insn.opcode >= first && decoded->insn.opcode <= last;
}

/* No moffs, no segment, control or debug registers. */
static bool mov_is_plain(const struct oracle_decoded *decoded)
{
    return is_opcode(decoded, 0x88, 0x8b) || is_opcode(decoded, 0xb0, 0xbf) ||
           is_opcode(decoded, 0xc6, 0xc7);
}

/* 63 without REX.W is a mov that the manual advises against. */
static bool movsxd_is_wide(const struct oracle_decoded *decoded)
{
    return decoded->insn.operand_width == 64;
}

static bool test_is_documented(const struct oracle_decoded *decoded)
{
    return is_opcode(decoded, 0x84, 0x85) || is_opcode(decoded, 0xa8, 0xa9) ||
           decoded->insn.raw.modrm.reg == 0;
}

static bool shift_is_documented(const struct oracle_decoded *decoded)
{
    return decoded->insn.raw.modrm.reg != 6;
}

static bool setcc_is_documented(const struct oracle_decoded *decoded)
{
    return decoded->insn.raw.modrm.reg == 0;
}

/* With a register as the index, it reaches beyond a memory operand. */
static bool bit_index_is_bounded(const struct oracle_decoded *decoded)
{
    return is_opcode_0f(decoded, 0xba, 0xba) ||
           decoded->insn.raw.modrm.mod == 3;
}

static bool push_is_plain(const struct oracle_decoded *decoded)
{
    return is_opcode(decoded, 0x50, 0x57) || is_opcode(decoded, 0x68, 0x6a) ||
           is_opcode(decoded, 0xff, 0xff);
}

static bool pop_is_plain(const struct oracle_decoded *decoded)
{
    return is_opcode(decoded, 0x58, 0x5f);
}

static bool call_is_near(const struct oracle_decoded *decoded)
{
    return is_opcode(decoded, 0xe8, 0xe8) ||
           (is_opcode(decoded, 0xff, 0xff) && decoded->insn.raw.modrm.reg == 2);
}

static bool jump_is_near(const struct oracle_decoded *decoded)
{
    return is_opcode(decoded, 0xe9, 0xe9) || is_opcode(decoded, 0xeb, 0xeb) ||
           (is_opcode(decoded, 0xff, 0xff) && decoded->insn.raw.modrm.reg == 4);
}

static bool ret_is_plain(const struct oracle_decoded *decoded)
{
    return is_opcode(decoded, 0xc3, 0xc3);
}

static bool nop_is_documented(const struct oracle_decoded *decoded)
{
    return is_opcode(decoded, 0x90, 0x90) ||
           (is_opcode_0f(decoded, 0x1f, 0x1f) &&
            decoded->insn.raw.modrm.reg == 0);
}

static bool prefetch_is_documented(const struct oracle_decoded *decoded)
{
    return is_opcode_0f(decoded, 0x18, 0x18) &&
           decoded->insn.raw.modrm.mod != 3;
}

static bool fence_is_documented(const struct oracle_decoded *decoded)
{
    return decoded->insn.raw.modrm.rm == 0;
}

/* clang-format off */
/* A mnemonic; NULL where every form that Zydis knows is on the list. */
#define ROW(name, kind, only_if) {ZYDIS_MNEMONIC_##name, kind, only_if}
#define INTEGER(name) ROW(name, KIND_INTEGER, NULL)
#define SETCC(name) ROW(SET##name, KIND_INTEGER, setcc_is_documented)
#define SHIFT(name) ROW(name, KIND_INTEGER, shift_is_documented)
#define BIT(name) ROW(name, KIND_INTEGER, bit_index_is_bounded)
#define CONTROL(name) ROW(name, KIND_CONTROL, NULL)
#define CONDITION(cmov, setcc, jcc) INTEGER(cmov), SETCC(setcc), CONTROL(jcc)

static const struct listing {
    ZydisMnemonic mnemonic;
    enum oracle_kind kind;
    bool (*only_if)(const struct oracle_decoded *decoded);
} listings[] = {
    INTEGER(ADD), INTEGER(ADC), INTEGER(SUB), INTEGER(SBB), INTEGER(AND),
    INTEGER(OR), INTEGER(XOR), INTEGER(CMP), INTEGER(NOT), INTEGER(NEG),
    INTEGER(INC), INTEGER(DEC), INTEGER(MUL), INTEGER(IMUL), INTEGER(DIV),
    INTEGER(IDIV), INTEGER(MOVZX), INTEGER(MOVSX), INTEGER(XCHG),
    INTEGER(XADD), INTEGER(CMPXCHG), INTEGER(BSWAP), INTEGER(BSF),
    INTEGER(BSR), INTEGER(TZCNT), INTEGER(LZCNT), INTEGER(CBW), INTEGER(CWDE),
    INTEGER(CDQE), INTEGER(CWD), INTEGER(CDQ), INTEGER(CQO), INTEGER(SHLD), INTEGER(SHRD),
    ROW(MOV, KIND_INTEGER, mov_is_plain),
    ROW(MOVSXD, KIND_INTEGER, movsxd_is_wide),
    ROW(TEST, KIND_INTEGER, test_is_documented),
    SHIFT(SHL), SHIFT(SHR), SHIFT(SAR), SHIFT(ROL), SHIFT(ROR), SHIFT(RCL),
    SHIFT(RCR),
    BIT(BT), BIT(BTS), BIT(BTR), BIT(BTC),
    CONDITION(CMOVO, O, JO), CONDITION(CMOVNO, NO, JNO),
    CONDITION(CMOVB, B, JB), CONDITION(CMOVNB, NB, JNB),
    CONDITION(CMOVZ, Z, JZ), CONDITION(CMOVNZ, NZ, JNZ),
    CONDITION(CMOVBE, BE, JBE), CONDITION(CMOVNBE, NBE, JNBE),
    CONDITION(CMOVS, S, JS), CONDITION(CMOVNS, NS, JNS),
    CONDITION(CMOVP, P, JP), CONDITION(CMOVNP, NP, JNP),
    CONDITION(CMOVL, L, JL), CONDITION(CMOVNL, NL, JNL),
    CONDITION(CMOVLE, LE, JLE), CONDITION(CMOVNLE, NLE, JNLE),
    ROW(PUSH, KIND_STACK, push_is_plain), ROW(POP, KIND_STACK, pop_is_plain),
    ROW(CALL, KIND_CONTROL, call_is_near),
    ROW(JMP, KIND_CONTROL, jump_is_near),
    ROW(RET, KIND_CONTROL, ret_is_plain),
    CONTROL(INT3), CONTROL(UD2),
    ROW(NOP, KIND_NOP, nop_is_documented), ROW(PAUSE, KIND_NOP, NULL),
    ROW(LEA, KIND_LEA, NULL),
    ROW(LFENCE, KIND_FENCE, fence_is_documented),
    ROW(MFENCE, KIND_FENCE, fence_is_documented),
    ROW(SFENCE, KIND_FENCE, fence_is_documented),
    ROW(PREFETCHNTA, KIND_PREFETCH, prefetch_is_documented),
    ROW(PREFETCHT0, KIND_PREFETCH, prefetch_is_documented),
    ROW(PREFETCHT1, KIND_PREFETCH, prefetch_is_documented),
    ROW(PREFETCHT2, KIND_PREFETCH, prefetch_is_documented),
    ROW(MASKMOVDQU, KIND_UNLISTED, NULL), /* stores through %rdi */
    ROW(CVTPI2PS, KIND_UNLISTED, NULL), /* x87 state, from memory as well */
    ROW(CVTPI2PD, KIND_UNLISTED, NULL),
};
/* clang-format on */

/* SSE and SSE2 are whole sets: too many names to write out. */
static enum oracle_kind kind_of_set(const struct oracle_decoded *decoded)
{
    ZydisISASet set = decoded->insn.meta.isa_set;

    if (set != ZYDIS_ISA_SET_SSE && set != ZYDIS_ISA_SET_SSE2)
        return KIND_UNLISTED;
    for (int i = 0; i < decoded->insn.operand_count; i++) {
        const ZydisDecodedOperand *operand = &decoded->operands[i];

        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
            ZydisRegisterGetClass(operand->reg.value) == ZYDIS_REGCLASS_MMX)
            return KIND_UNLISTED;
    }
    return KIND_SSE;
}

/* The row of a mnemonic: filled in once, since there are 1,500 of them. */
static const struct listing *find_listing(ZydisMnemonic mnemonic)
{
    static uint8_t row_of[ZYDIS_MNEMONIC_MAX_VALUE + 1]; /* from 1 */

    if (row_of[listings[0].mnemonic] == 0)
        for (size_t i = 0; i < COUNT(listings); i++)
            row_of[listings[i].mnemonic] = (uint8_t)(i + 1);
    return row_of[mnemonic] ? &listings[row_of[mnemonic] - 1] : NULL;
}

enum oracle_kind oracle_list_kind(const struct oracle_decoded *decoded)
{
    const struct listing *listing;

    if (decoded->insn.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY)
        return KIND_UNLISTED;
    listing = find_listing(decoded->insn.mnemonic);
    if (listing == NULL)
        return kind_of_set(decoded);
    return listing->only_if == NULL || listing->only_if(decoded)
               ? listing->kind
               : KIND_UNLISTED;
}
