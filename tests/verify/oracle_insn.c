/* SPDX-License-Identifier: MIT */
/*
 * oracle_insn.c - the rules about one instruction, on Zydis's decoding of it.
 *
 * All rules that it breaks are collected, so that whichever one a verifier
 * names first is among them.
 * Source: docs/VERIFIER.md; docs/ABI.md, "Registers", "Function table".
 */
#include "oracle_insn.h"

#include <stdlib.h>
#include <string.h>

#include "tepal/abi.h"

#define BROKEN(rule) (1u << (rule))
#define OPCODE_OR_PREFIX (BROKEN(VERIFY_OPCODE) | BROKEN(VERIFY_PREFIX))

/*
 * A SIB byte without a base (its base 5, mod 0) has none whatever REX.B says
 * (Intel SDM volume 2, table 2-3, and processors). With a 32-bit address
 * Zydis 4.0 makes it %r13d, and forgets the displacement.
 */
static void mend_base(struct oracle_decoded *decoded)
{
    const ZydisDecodedInstructionRaw *raw = &decoded->insn.raw;

    if (raw->modrm.mod != 0 || raw->modrm.rm != 4 || (raw->sib.base & 7) != 5)
        return;
    for (int i = 0; i < decoded->insn.operand_count_visible; i++) {
        ZydisDecodedOperand *operand = &decoded->operands[i];

        if (operand->type != ZYDIS_OPERAND_TYPE_MEMORY)
            continue;
        operand->mem.base = ZYDIS_REGISTER_NONE;
        operand->mem.disp.value = raw->disp.value;
    }
}

static ZyanStatus decode(struct oracle_decoded *decoded, const uint8_t *text,
                         uint32_t bytes)
{
    static ZydisDecoder decoder;
    static bool is_ready;
    ZyanStatus status;

    if (!is_ready) {
        if (!ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64,
                                           ZYDIS_STACK_WIDTH_64)))
            abort();
        is_ready = true;
    }
    oracle_prefixes_scan(&decoded->prefixes, text, bytes);
    status = ZydisDecoderDecodeFull(&decoder, text, bytes, &decoded->insn,
                                    decoded->operands);
    if (ZYAN_SUCCESS(status) &&
        (decoded->insn.attributes & ZYDIS_ATTRIB_HAS_SIB))
        mend_base(decoded);
    return status;
}

static ZydisRegister whole_register(ZydisRegister part)
{
    return ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, part);
}

/* --- what is no instruction of the list ---------------------------------- */

/* Whether the bytes are an instruction of the list once prefixes are gone. */
static bool is_listed_without_prefixes(const uint8_t *text, uint32_t bytes,
                                       uint32_t prefixes)
{
    struct oracle_decoded decoded;

    return prefixes < bytes &&
           ZYAN_SUCCESS(decode(&decoded, text + prefixes, bytes - prefixes)) &&
           oracle_list_kind(&decoded) != KIND_UNLISTED;
}

/* 66, F2 and F3 select an instruction: whether that one is missing or the
 * prefix is one too many is the same. */
static bool selects(const struct oracle_prefixes *prefixes)
{
    return prefixes->count[0x66] || prefixes->count[0xf2] ||
           prefixes->count[0xf3];
}

/* Not decoded at all: the prefixes' fault, if it would be without them. */
static uint32_t judge_undecoded(const struct oracle_decoded *decoded,
                                const uint8_t *text, uint32_t bytes)
{
    if (decoded->prefixes.bytes == 0)
        return BROKEN(VERIFY_OPCODE);
    if (!selects(&decoded->prefixes) &&
        is_listed_without_prefixes(text, bytes, decoded->prefixes.bytes))
        return BROKEN(VERIFY_PREFIX);
    return OPCODE_OR_PREFIX;
}

/* Cut short: what else is wrong shows when zeros follow. */
static uint32_t judge_truncated(const struct oracle_rules *rules,
                                const uint8_t *text, uint32_t bytes)
{
    uint8_t longer[2 * ZYDIS_MAX_INSTRUCTION_LENGTH] = {0};
    struct oracle_insn insn;

    if (bytes > ZYDIS_MAX_INSTRUCTION_LENGTH)
        abort();
    memcpy(longer, text, bytes);
    insn = oracle_insn_judge(rules, longer, sizeof(longer));
    return BROKEN(VERIFY_TRUNCATED) | (insn.broken & OPCODE_OR_PREFIX);
}

/* --- registers ----------------------------------------------------------- */

static bool may_set_address(const struct oracle_decoded *decoded,
                            ZydisRegister written)
{
    ZydisMnemonic mnemonic = decoded->insn.mnemonic;

    if (ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, written) != 32)
        return false;
    return mnemonic == ZYDIS_MNEMONIC_MOV || mnemonic == ZYDIS_MNEMONIC_LEA ||
           mnemonic == ZYDIS_MNEMONIC_ADD || mnemonic == ZYDIS_MNEMONIC_SUB ||
           (mnemonic == ZYDIS_MNEMONIC_AND &&
            whole_register(written) == ZYDIS_REGISTER_R11);
}

static uint32_t judge_write(const struct oracle_decoded *decoded,
                            ZydisRegister written)
{
    switch ((int)whole_register(written)) {
    case ZYDIS_REGISTER_R14:
        return BROKEN(VERIFY_BASE_WRITE);
    case ZYDIS_REGISTER_RBP:
    case ZYDIS_REGISTER_R11:
        return may_set_address(decoded, written) ? 0
                                                 : BROKEN(VERIFY_ADDRESS_WRITE);
    default:
        return 0;
    }
}

static uint32_t judge_register(const struct oracle_rules *rules,
                               const struct oracle_decoded *decoded,
                               const ZydisDecodedOperand *operand)
{
    uint32_t broken = 0;

    if (operand->visibility != ZYDIS_OPERAND_VISIBILITY_HIDDEN &&
        whole_register(operand->reg.value) == ZYDIS_REGISTER_RSP)
        broken |= BROKEN(VERIFY_STACK_OPERAND);
    if (rules->flavour == TP_FLAVOUR_BASE &&
        (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE))
        broken |= judge_write(decoded, operand->reg.value);
    return broken;
}

/* --- memory -------------------------------------------------------------- */

/* disp(%r14), disp(%r14,%rbp), disp(%r14,%r11). */
static bool is_slot_operand(const ZydisDecodedOperandMem *memory)
{
    if (memory->base != ZYDIS_REGISTER_R14)
        return false;
    return memory->index == ZYDIS_REGISTER_NONE ||
           (memory->scale == 1 && (memory->index == ZYDIS_REGISTER_RBP ||
                                   memory->index == ZYDIS_REGISTER_R11));
}

static bool has_gs(const struct oracle_decoded *decoded)
{
    return decoded->prefixes.count[0x65] && decoded->prefixes.count[0x67];
}

static bool stays_in_slot(const struct oracle_rules *rules,
                          const struct oracle_decoded *decoded,
                          const ZydisDecodedOperandMem *memory)
{
    if (rules->flavour == TP_FLAVOUR_GS)
        return has_gs(decoded);
    return !has_gs(decoded) && is_slot_operand(memory);
}

static uint32_t judge_memory(const struct oracle_rules *rules,
                             const struct oracle_decoded *decoded,
                             enum oracle_kind kind,
                             const ZydisDecodedOperandMem *memory)
{
    uint32_t broken = 0;

    if (memory->base != ZYDIS_REGISTER_NONE &&
        whole_register(memory->base) == ZYDIS_REGISTER_RSP)
        broken |= BROKEN(VERIFY_STACK_OPERAND);
    if (kind == KIND_LEA) {
        if (memory->base == ZYDIS_REGISTER_RIP ||
            memory->base == ZYDIS_REGISTER_EIP)
            broken |= BROKEN(VERIFY_MEMORY);
    } else if (!stays_in_slot(rules, decoded, memory)) {
        broken |= BROKEN(VERIFY_MEMORY);
    }
    return broken;
}

static uint32_t judge_operands(const struct oracle_rules *rules,
                               const struct oracle_decoded *decoded,
                               enum oracle_kind kind)
{
    uint32_t broken = 0;

    for (int i = 0; i < decoded->insn.operand_count; i++) {
        const ZydisDecodedOperand *operand = &decoded->operands[i];
        bool is_hidden = operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN;

        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER)
            broken |= judge_register(rules, decoded, operand);
        else if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY && !is_hidden)
            broken |= judge_memory(rules, decoded, kind, &operand->mem);
        else if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
                 kind != KIND_STACK && kind != KIND_CONTROL)
            broken |= BROKEN(VERIFY_OPCODE);
    }
    return broken;
}

/* --- control ------------------------------------------------------------- */

static bool is_import(const struct oracle_rules *rules, int64_t entry)
{
    return entry >= TP_FTAB_START + 8 && entry < rules->imports_end &&
           entry % 8 == 0;
}

/* disp(%r14) in base, %gs:disp in gs. */
static bool is_constant_entry(const struct oracle_rules *rules,
                              const ZydisDecodedOperandMem *memory)
{
    ZydisRegister base = rules->flavour == TP_FLAVOUR_GS ? ZYDIS_REGISTER_NONE
                                                         : ZYDIS_REGISTER_R14;

    return memory->base == base && memory->index == ZYDIS_REGISTER_NONE &&
           is_import(rules, memory->disp.value);
}

/* 0x10000(%r14,%r11) in base, %gs:0x10000(%r11d) in gs. */
static bool is_table_entry(const struct oracle_rules *rules,
                           const ZydisDecodedOperandMem *memory)
{
    if (memory->disp.value != TP_FTAB_START)
        return false;
    if (rules->flavour == TP_FLAVOUR_GS)
        return memory->base == ZYDIS_REGISTER_R11D &&
               memory->index == ZYDIS_REGISTER_NONE;
    return memory->base == ZYDIS_REGISTER_R14 &&
           memory->index == ZYDIS_REGISTER_R11 && memory->scale == 1;
}

static void judge_indirect(const struct oracle_rules *rules,
                           const struct oracle_decoded *decoded,
                           struct oracle_insn *insn)
{
    const ZydisDecodedOperand *operand = oracle_memory_operand(decoded);
    bool is_call = decoded->insn.mnemonic == ZYDIS_MNEMONIC_CALL;

    if (operand == NULL || has_gs(decoded) != (rules->flavour == TP_FLAVOUR_GS))
        insn->broken |= BROKEN(VERIFY_INDIRECT);
    else if (is_constant_entry(rules, &operand->mem))
        insn->flow = is_call ? FLOW_IMPORT_CALL : FLOW_IMPORT_JUMP;
    else if (is_table_entry(rules, &operand->mem))
        insn->flow = is_call ? FLOW_TABLE_CALL : FLOW_TABLE_JUMP;
    else
        insn->broken |= BROKEN(VERIFY_INDIRECT);
}

static void judge_control(const struct oracle_rules *rules,
                          const struct oracle_decoded *decoded,
                          struct oracle_insn *insn)
{
    insn->target = decoded->insn.length + decoded->insn.raw.imm[0].value.s;
    switch ((int)decoded->insn.mnemonic) {
    case ZYDIS_MNEMONIC_INT3:
    case ZYDIS_MNEMONIC_UD2:
        insn->flow = FLOW_STOP;
        break;
    case ZYDIS_MNEMONIC_RET:
        insn->flow = FLOW_RETURN;
        break;
    case ZYDIS_MNEMONIC_CALL:
    case ZYDIS_MNEMONIC_JMP:
        if (decoded->insn.opcode == 0xff)
            judge_indirect(rules, decoded, insn);
        else if (decoded->insn.mnemonic == ZYDIS_MNEMONIC_CALL)
            insn->flow = FLOW_CALL;
        else
            insn->flow = FLOW_JUMP;
        break;
    default:
        insn->flow = FLOW_BRANCH;
    }
}

/* and $mask, %r11d with the mask of this table. */
static bool is_mask(const struct oracle_rules *rules,
                    const struct oracle_decoded *decoded)
{
    const ZydisDecodedOperand *operands = decoded->operands;

    return decoded->insn.mnemonic == ZYDIS_MNEMONIC_AND &&
           operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
           operands[0].reg.value == ZYDIS_REGISTER_R11D &&
           operands[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
           (uint32_t)operands[1].imm.value.u == rules->ftab_bytes - 8;
}

/* With a prefix that is not meant it is no instruction, and has no operands. */
static void judge_listed(const struct oracle_rules *rules,
                         const struct oracle_decoded *decoded,
                         enum oracle_kind kind, struct oracle_insn *insn)
{
    insn->bytes = decoded->insn.length;
    if (!oracle_prefixes_are_meant(decoded, kind)) {
        insn->broken = selects(&decoded->prefixes) ? OPCODE_OR_PREFIX
                                                   : BROKEN(VERIFY_PREFIX);
        return;
    }
    if (kind == KIND_CONTROL) {
        judge_control(rules, decoded, insn);
        return;
    }
    if (kind != KIND_NOP) /* whose operand is neither read nor written */
        insn->broken |= judge_operands(rules, decoded, kind);
    insn->is_mask = is_mask(rules, decoded);
    if (kind == KIND_STACK)
        insn->stack = decoded->insn.mnemonic == ZYDIS_MNEMONIC_PUSH ? 1 : -1;
}

struct oracle_insn oracle_insn_judge(const struct oracle_rules *rules,
                                     const uint8_t *text, uint32_t bytes)
{
    struct oracle_insn insn = {.flow = FLOW_NEXT};
    struct oracle_decoded decoded;
    ZyanStatus status = decode(&decoded, text, bytes);
    enum oracle_kind kind;

    if (status == ZYDIS_STATUS_NO_MORE_DATA) {
        insn.broken = judge_truncated(rules, text, bytes);
        return insn;
    }
    if (!ZYAN_SUCCESS(status)) {
        insn.broken = judge_undecoded(&decoded, text, bytes);
        return insn;
    }
    kind = oracle_list_kind(&decoded);
    if (kind == KIND_UNLISTED)
        insn.broken =
            decoded.prefixes.bytes ? OPCODE_OR_PREFIX : BROKEN(VERIFY_OPCODE);
    else
        judge_listed(rules, &decoded, kind, &insn);
    return insn;
}
