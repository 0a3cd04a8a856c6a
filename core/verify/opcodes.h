/* SPDX-License-Identifier: MIT */
/*
 * opcodes.h - the rows of the decoder's whitelist.
 *
 * A row says which operands an opcode has, what it writes and which prefixes
 * it may carry. Absent rows are zero and mean: refused.
 */
#pragma once
#include "decode.h"

/* clang-format off */
enum opcode_fact {
    /* Prefixes. A row lists every form that exists. */
    FORM_PLAIN = 1 << 0, /* without 66, F3, F2 */
    FORM_66 = 1 << 1,    /* 66 selects this SSE2 form */
    FORM_F3 = 1 << 2,
    FORM_F2 = 1 << 3,
    SIZED = 1 << 4,      /* 66 makes the operands 16-bit, REX.W 64-bit */
    LOCKABLE = 1 << 5,   /* lock is legal when the destination is memory */
    NO_REX = 1 << 6,     /* refuse a REX prefix */
    WIDE_ONLY = 1 << 7,  /* refuse without REX.W */
    PADDING = 1 << 8,    /* 2E is tolerated: assemblers pad so */

    /* Operands. */
    MODRM = 1 << 9,
    RM_GPR = 1 << 10,    /* rm, if a register, is a general one, else xmm */
    REG_GPR = 1 << 11,   /* so is reg */
    RM_WRITTEN = 1 << 12,
    REG_WRITTEN = 1 << 13,
    BYTE = 1 << 14,      /* 8-bit operands */
    RM_BYTE = 1 << 15,   /* rm is 8-bit, reg is not */
    STACK = 1 << 16,     /* 64-bit operands without REX.W */
    MEMORY_ONLY = 1 << 17,
    REGISTER_ONLY = 1 << 18,
    REG_ZERO = 1 << 19,  /* the reg field must be 0 */
    RM_ZERO = 1 << 20,   /* the rm field must be 0 */
    LOW_GPR = 1 << 21,   /* a register in the opcode's low three bits */
    LOW_WRITTEN = 1 << 22,
    RAX_WRITTEN = 1 << 23,
    RDX_WRITTEN = 1 << 24, /* not with BYTE: 8-bit mul and div use %ax alone */

    /* Immediates. */
    IMM8 = 1 << 25,     /* one byte */
    IMM = 1 << 26,      /* of operand size, but at most four bytes */
    IMM_FULL = 1 << 27, /* of operand size: mov $imm64 */
};
/* clang-format on */

/* Rows that depend on more than the opcode; 0 = no group. */
enum opcode_group {
    GROUP_NONE,
    GROUP_ALU, /* these are chosen by the reg field ... */
    GROUP_SHIFT,
    GROUP_UNARY,
    GROUP_INC_DEC,
    GROUP_FF,
    GROUP_BIT_TEST,
    GROUP_PREFETCH,
    GROUP_FENCE,
    GROUP_SHIFT_WORDS,
    GROUP_SHIFT_QUADS,
    GROUP_BY_PREFIX, /* ... these by the prefix: none, 66, F3, F2 */
    GROUP_90 = GROUP_BY_PREFIX,
    GROUP_0F12,
    GROUP_0F16,
    GROUP_0F7E,
    GROUP_COUNT
};

struct opcode {
    uint8_t class;  /* enum insn_class; a group's member overrides it */
    uint8_t group;  /* enum opcode_group */
    uint32_t facts; /* enum opcode_fact; a group's member adds to them */
};

extern const struct opcode opcodes[256];    /* one-byte opcodes */
extern const struct opcode opcodes_0f[256]; /* after 0F */
extern const struct opcode opcode_groups[GROUP_COUNT][8];
