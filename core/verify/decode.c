/* SPDX-License-Identifier: MIT */
/*
 * decode.c - the whitelist decoder.
 *
 * An instruction is: prefixes (65, 66, 67, F0, F2, F3, each once, any order),
 * then at most one REX byte, an opcode or 0F and an opcode, and as the opcode's
 * row says a ModRM byte with SIB and displacement, and an immediate. Anything
 * that hardware merely tolerates is refused: a prefix twice, a prefix after
 * REX, other segment overrides (but 2E on a long nop, with which assemblers
 * pad), a 66 or F2 or F3 that selects nothing. 65 (gs) and 67 (32-bit address)
 * come as a pair, and only where memory is accessed.
 *
 * Invariants: the length is the hardware's; `named` and `writes` are no
 * smaller than what the hardware names and writes; every byte read lies below
 * the limit.
 *
 * Source: Intel SDM volume 2, chapter 2.
 */
#include "decode.h"
#include "opcodes.h"

#define INSN_BYTES_MAX 15

enum prefix {
    PREFIX_66 = 1 << 0,
    PREFIX_F3 = 1 << 1,
    PREFIX_F2 = 1 << 2,
    PREFIX_LOCK = 1 << 3,
    PREFIX_CS = 1 << 4,
    PREFIX_GS = 1 << 5,
    PREFIX_ADDRESS_32 = 1 << 6,
    PREFIX_IN_GS = PREFIX_GS | PREFIX_ADDRESS_32,
    PREFIX_STRAY = 1 << 7,
};

enum rex_bit { REX_B = 1, REX_X = 2, REX_R = 4, REX_W = 8 };

/* The instruction being read. */
struct reader {
    const uint8_t *at, *limit;
    unsigned prefixes;
    unsigned rex; /* 0, or the byte 0x40 to 0x4f */
    uint8_t opcode;
    unsigned facts; /* of the opcode's row and its group member */
    uint8_t mod, reg, rm;
};

/*
 * What a byte means before an opcode: nothing (it is one), a prefix, or one
 * that is never meant. So is a REX that another prefix or REX follows; that is
 * all that is left to be seen of them after read_prefixes().
 */
static const uint8_t prefix_bytes[256] = {
    [0x66] = PREFIX_66,   [0xf3] = PREFIX_F3, [0xf2] = PREFIX_F2,
    [0xf0] = PREFIX_LOCK, [0x2e] = PREFIX_CS, [0x65] = PREFIX_GS,
    [0x67] = PREFIX_ADDRESS_32,

    [0x26] = PREFIX_STRAY, [0x36] = PREFIX_STRAY, [0x3e] = PREFIX_STRAY,
    [0x64] = PREFIX_STRAY, [0x40 ... 0x4f] = PREFIX_STRAY,
};

/* Sign-extended integer of 1, 2, 4 or 8 bytes; code and host agree on order. */
static bool read_signed(struct reader *reader, unsigned bytes, int64_t *value)
{
    const uint8_t *at = reader->at;
    int16_t word;
    int32_t dword;

    if ((size_t)(reader->limit - at) < bytes)
        return false;
    reader->at += bytes;
    switch (bytes) {
    case 1:
        *value = (int8_t)*at;
        return true;
    case 2:
        __builtin_memcpy(&word, at, sizeof(word));
        *value = word;
        return true;
    case 4:
        __builtin_memcpy(&dword, at, sizeof(dword));
        *value = dword;
        return true;
    default:
        __builtin_memcpy(value, at, sizeof(*value));
        return true;
    }
}

static enum verify_rule read_prefixes(struct reader *reader)
{
    for (; reader->at < reader->limit; reader->at++) {
        unsigned prefix = prefix_bytes[*reader->at];

        if (prefix == 0 || prefix == PREFIX_STRAY)
            break;
        if (reader->prefixes & prefix)
            return VERIFY_PREFIX;
        reader->prefixes |= prefix;
    }
    if (reader->at < reader->limit && (*reader->at & 0xf0) == 0x40)
        reader->rex = *reader->at++;
    return VERIFY_OK;
}

static enum verify_rule read_opcode(struct reader *reader,
                                    const struct opcode **row)
{
    const struct opcode *table = opcodes;

    if (reader->at == reader->limit)
        return VERIFY_TRUNCATED;
    if (prefix_bytes[*reader->at] != 0)
        return VERIFY_PREFIX;
    if (*reader->at == 0x0f) {
        table = opcodes_0f;
        if (++reader->at == reader->limit)
            return VERIFY_TRUNCATED;
    }
    reader->opcode = *reader->at++;
    *row = &table[reader->opcode];
    /* With REX.B, 90 is no nop but xchg %rax, %r8, a row like the next. */
    if (*row == &opcodes[0x90] && (reader->rex & REX_B))
        *row = &opcodes[0x91];
    return VERIFY_OK;
}

/* Choose the group's member and collect the facts. */
static enum verify_rule resolve_row(struct reader *reader,
                                    const struct opcode *row, struct insn *insn)
{
    unsigned member = reader->reg;

    reader->facts = row->facts;
    insn->class = (enum insn_class)row->class;
    if (row->group != GROUP_NONE) {
        if (row->group >= GROUP_BY_PREFIX)
            member = reader->prefixes & PREFIX_F2   ? 3
                     : reader->prefixes & PREFIX_F3 ? 2
                     : reader->prefixes & PREFIX_66 ? 1
                                                    : 0;
        row = &opcode_groups[row->group][member];
        reader->facts |= row->facts;
        insn->class = (enum insn_class)row->class;
    }
    return insn->class == INSN_REFUSED ? VERIFY_OPCODE : VERIFY_OK;
}

/* The ModRM byte's fields, still without their REX bits. */
static enum verify_rule read_modrm(struct reader *reader)
{
    uint8_t modrm;

    if (reader->at == reader->limit)
        return VERIFY_TRUNCATED;
    modrm = *reader->at++;
    reader->mod = modrm >> 6;
    reader->reg = (modrm >> 3) & 7;
    reader->rm = modrm & 7;
    return VERIFY_OK;
}

/* Does the instruction read or write the memory that it names? */
static bool accesses_memory(const struct insn *insn)
{
    return insn->has_memory && insn->class != INSN_LEA &&
           insn->class != INSN_NOP;
}

/* Does each prefix select something that the row allows? */
static enum verify_rule check_prefixes(const struct reader *reader,
                                       const struct insn *insn)
{
    unsigned prefixes = reader->prefixes, facts = reader->facts, form;

    if ((prefixes & PREFIX_LOCK) && !((facts & LOCKABLE) && insn->has_memory))
        return VERIFY_PREFIX;
    if ((prefixes & PREFIX_CS) && !(facts & PADDING))
        return VERIFY_PREFIX;
    if ((prefixes & PREFIX_IN_GS) &&
        !((prefixes & PREFIX_IN_GS) == PREFIX_IN_GS && accesses_memory(insn)))
        return VERIFY_PREFIX;
    if ((facts & NO_REX) && reader->rex)
        return VERIFY_PREFIX;
    if (facts & SIZED) {
        if ((prefixes & PREFIX_66) && (reader->rex & REX_W))
            return VERIFY_PREFIX;
        prefixes &= ~(unsigned)PREFIX_66;
    }
    switch (prefixes & (PREFIX_66 | PREFIX_F3 | PREFIX_F2)) {
    case 0:
        form = FORM_PLAIN;
        break;
    case PREFIX_66:
        form = FORM_66;
        break;
    case PREFIX_F3:
        form = FORM_F3;
        break;
    case PREFIX_F2:
        form = FORM_F2;
        break;
    default:
        return VERIFY_PREFIX;
    }
    if (facts & form)
        return VERIFY_OK;
    return form == FORM_PLAIN ? VERIFY_OPCODE : VERIFY_PREFIX;
}

/* Fields that the row restricts. Needs: the row resolved, ModRM read. */
static bool fields_are_allowed(const struct reader *reader,
                               const struct insn *insn)
{
    unsigned facts = reader->facts;

    if ((facts & MEMORY_ONLY) && !insn->has_memory)
        return false;
    if ((facts & REGISTER_ONLY) && insn->has_memory)
        return false;
    if ((facts & REG_ZERO) && reader->reg != 0)
        return false;
    if ((facts & RM_ZERO) && reader->rm != 0)
        return false;
    return !(facts & WIDE_ONLY) || (reader->rex & REX_W);
}

static uint8_t operand_bytes(const struct reader *reader)
{
    if (reader->facts & BYTE)
        return 1;
    if ((reader->facts & STACK) || (reader->rex & REX_W))
        return 8;
    return (reader->facts & SIZED) && (reader->prefixes & PREFIX_66) ? 2 : 4;
}

/* SIB byte: scaled index plus base. Number 4 is no index, but r12 is one. */
static enum verify_rule read_sib(struct reader *reader, struct insn *insn)
{
    uint8_t sib;

    if (reader->at == reader->limit)
        return VERIFY_TRUNCATED;
    sib = *reader->at++;
    insn->scale = (uint8_t)(1 << (sib >> 6));
    insn->index = (sib >> 3) & 7;
    if (reader->rex & REX_X)
        insn->index |= 8;
    if (insn->index == 4)
        insn->index = GPR_NONE;
    insn->base = sib & 7;
    return VERIFY_OK;
}

/* The memory operand, and the displacement behind it. */
static enum verify_rule read_memory(struct reader *reader, struct insn *insn)
{
    unsigned bytes = reader->mod == 1 ? 1 : reader->mod == 2 ? 4 : 0;
    bool has_sib = reader->rm == 4;
    int64_t displacement = 0;

    insn->base = reader->rm;
    insn->index = GPR_NONE;
    insn->scale = 1;
    if (has_sib) {
        enum verify_rule rule = read_sib(reader, insn);

        if (rule != VERIFY_OK)
            return rule;
    }
    if (reader->mod == 0 && insn->base == 5) {
        /* The place of (%rbp) and (%r13), whatever REX.B says. */
        insn->base = has_sib ? GPR_NONE : GPR_RIP;
        bytes = 4;
    } else if (reader->rex & REX_B) {
        insn->base |= 8;
    }
    if (bytes != 0 && !read_signed(reader, bytes, &displacement))
        return VERIFY_TRUNCATED;
    insn->displacement = (int32_t)displacement;
    return VERIFY_OK;
}

/* The register that @number means: without REX, bytes 4 to 7 are ah to bh. */
static uint16_t gpr_set(const struct reader *reader, unsigned number,
                        unsigned rex_bit, bool is_byte)
{
    if (is_byte && reader->rex == 0 && number >= 4)
        number -= 4;
    if (reader->rex & rex_bit)
        number += 8;
    return GPR_BIT(number);
}

static void add_operand(struct insn *insn, uint16_t set, unsigned is_written)
{
    insn->named |= set;
    if (is_written)
        insn->writes |= set;
}

static void collect_registers(const struct reader *reader, struct insn *insn)
{
    unsigned facts = reader->facts;
    bool is_byte = facts & BYTE;
    bool rm_is_byte = facts & (BYTE | RM_BYTE);

    if ((facts & RM_GPR) && !insn->has_memory)
        add_operand(insn, gpr_set(reader, reader->rm, REX_B, rm_is_byte),
                    facts & RM_WRITTEN);
    if (facts & REG_GPR)
        add_operand(insn, gpr_set(reader, reader->reg, REX_R, is_byte),
                    facts & REG_WRITTEN);
    if (facts & LOW_GPR)
        add_operand(insn, gpr_set(reader, reader->opcode & 7, REX_B, is_byte),
                    facts & LOW_WRITTEN);
    if (facts & RAX_WRITTEN)
        insn->writes |= GPR_BIT(GPR_RAX);
    if ((facts & RDX_WRITTEN) && !is_byte)
        insn->writes |= GPR_BIT(GPR_RDX);
}

static enum verify_rule read_immediate(struct reader *reader, struct insn *insn)
{
    unsigned facts = reader->facts, bytes = 0;

    if (facts & IMM8)
        bytes = 1;
    else if (facts & IMM_FULL)
        bytes = insn->operand_bytes;
    else if (facts & IMM)
        bytes = insn->operand_bytes > 4 ? 4 : insn->operand_bytes;
    if (bytes != 0 && !read_signed(reader, bytes, &insn->immediate))
        return VERIFY_TRUNCATED;
    return VERIFY_OK;
}

/* ModRM to immediate, once the row is known. */
static enum verify_rule read_operands(struct reader *reader, struct insn *insn,
                                      const struct opcode *row)
{
    enum verify_rule rule = VERIFY_OK;

    if (row->facts & MODRM) {
        rule = read_modrm(reader);
        insn->has_memory = reader->mod != 3;
    }
    if (rule == VERIFY_OK)
        rule = resolve_row(reader, row, insn);
    if (rule == VERIFY_OK)
        rule = check_prefixes(reader, insn);
    if (rule != VERIFY_OK)
        return rule;
    if (!fields_are_allowed(reader, insn))
        return VERIFY_OPCODE;
    insn->operand_bytes = operand_bytes(reader);
    insn->in_gs = reader->prefixes & PREFIX_IN_GS;
    if (insn->has_memory)
        rule = read_memory(reader, insn);
    collect_registers(reader, insn);
    return rule == VERIFY_OK ? read_immediate(reader, insn) : rule;
}

enum verify_rule decode_insn(const uint8_t *bytes, size_t available,
                             struct insn *insn)
{
    struct reader reader = {.at = bytes};
    const struct opcode *row = NULL;
    enum verify_rule rule;

    if (available > INSN_BYTES_MAX)
        available = INSN_BYTES_MAX;
    reader.limit = bytes + available;
    *insn = (struct insn){.class = INSN_REFUSED};

    rule = read_prefixes(&reader);
    if (rule == VERIFY_OK)
        rule = read_opcode(&reader, &row);
    if (rule == VERIFY_OK)
        rule = read_operands(&reader, insn, row);
    insn->length = (uint8_t)(reader.at - bytes);
    return rule;
}
