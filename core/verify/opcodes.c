/* SPDX-License-Identifier: MIT */
/*
 * opcodes.c - the whitelist: every opcode that a domain may use.
 *
 * Integer arithmetic, moves, shifts, bit tests, push and pop, near branches;
 * SSE and SSE2 on xmm registers; fences and prefetches. Aliases that no
 * assembler emits (shift /6, test /1, non-zero ignored fields) are left out.
 * Left out on purpose: whatever reaches memory without a ModRM operand
 * (strings, moffs, xlat, maskmov), moves %rsp otherwise than by 8 (enter,
 * leave, ret n, pop m), depends on or changes state beyond the general
 * registers, xmm and the arithmetic flags (x87, MMX, MXCSR, DF, segments,
 * system), and bit tests with a register index into memory, which reach
 * beyond their operand.
 *
 * Invariant: no row writes %rsp, %rbp, %r11 or %r14 implicitly.
 * Source: design, section 2; Intel SDM volume 2, appendix A.
 */
#include "opcodes.h"

/* clang-format off */
/* Operands of 16, 32 or 64 bits; of 8 bits. */
#define SIZES (FORM_PLAIN | SIZED)
#define BYTES (FORM_PLAIN | BYTE)
#define FORMS_66_NONE (FORM_PLAIN | FORM_66)
#define FORMS_ALL (FORM_PLAIN | FORM_66 | FORM_F3 | FORM_F2)

/* The general rm, the general reg, both. */
#define RM (MODRM | RM_GPR)
#define RM_REG (RM | REG_GPR)

/* xmm to xmm or memory, either way; xmm from or to a general register. */
#define XMM MODRM
#define XMM_FROM_GPR (MODRM | RM_GPR)
#define GPR_FROM_XMM (MODRM | REG_GPR | REG_WRITTEN)

/* The six encodings of a two-operand operation; @to_* say what is written. */
#define ALU(op, class, to_rm, to_reg, to_rax)                                  \
    [(op) + 0] = {class, 0, BYTES | RM_REG | (to_rm)},                         \
    [(op) + 1] = {class, 0, SIZES | RM_REG | (to_rm)},                         \
    [(op) + 2] = {class, 0, BYTES | RM_REG | (to_reg)},                        \
    [(op) + 3] = {class, 0, SIZES | RM_REG | (to_reg)},                        \
    [(op) + 4] = {class, 0, BYTES | IMM | (to_rax)},                           \
    [(op) + 5] = {class, 0, SIZES | IMM | (to_rax)}
#define ALU_WRITES(op, class)                                                  \
    ALU(op, class, RM_WRITTEN | LOCKABLE, REG_WRITTEN, RAX_WRITTEN)

const struct opcode opcodes[256] = {
    ALU_WRITES(0x00, INSN_ADD),   /* add */
    ALU_WRITES(0x08, INSN_PLAIN), /* or */
    ALU_WRITES(0x10, INSN_PLAIN), /* adc */
    ALU_WRITES(0x18, INSN_PLAIN), /* sbb */
    ALU_WRITES(0x20, INSN_AND),   /* and */
    ALU_WRITES(0x28, INSN_ADD),   /* sub */
    ALU_WRITES(0x30, INSN_PLAIN), /* xor */
    ALU(0x38, INSN_PLAIN, 0, 0, 0), /* cmp */

    [0x50 ... 0x57] = {INSN_PUSH, 0, FORM_PLAIN | STACK | LOW_GPR},
    [0x58 ... 0x5f] = {INSN_POP, 0, FORM_PLAIN | STACK | LOW_GPR | LOW_WRITTEN},
    /* movsxd; its narrower forms differ between makers */
    [0x63] = {INSN_PLAIN, 0, FORM_PLAIN | WIDE_ONLY | RM_REG | REG_WRITTEN},
    [0x68] = {INSN_PUSH, 0, FORM_PLAIN | STACK | IMM},
    [0x69] = {INSN_PLAIN, 0, SIZES | RM_REG | REG_WRITTEN | IMM},  /* imul */
    [0x6a] = {INSN_PUSH, 0, FORM_PLAIN | STACK | IMM8},
    [0x6b] = {INSN_PLAIN, 0, SIZES | RM_REG | REG_WRITTEN | IMM8}, /* imul */
    [0x70 ... 0x7f] = {INSN_BRANCH, 0, FORM_PLAIN | NO_REX | IMM8}, /* jcc */

    [0x80] = {0, GROUP_ALU, BYTES | RM | IMM},
    [0x81] = {0, GROUP_ALU, SIZES | RM | IMM},
    [0x83] = {0, GROUP_ALU, SIZES | RM | IMM8},
    [0x84] = {INSN_PLAIN, 0, BYTES | RM_REG}, /* test */
    [0x85] = {INSN_PLAIN, 0, SIZES | RM_REG},
    [0x86] = {INSN_PLAIN, 0, BYTES | RM_REG | RM_WRITTEN | REG_WRITTEN},
    [0x87] = {INSN_PLAIN, 0, SIZES | RM_REG | RM_WRITTEN | REG_WRITTEN},
    [0x88] = {INSN_MOVE, 0, BYTES | RM_REG | RM_WRITTEN},
    [0x89] = {INSN_MOVE, 0, SIZES | RM_REG | RM_WRITTEN},
    [0x8a] = {INSN_MOVE, 0, BYTES | RM_REG | REG_WRITTEN},
    [0x8b] = {INSN_MOVE, 0, SIZES | RM_REG | REG_WRITTEN},
    [0x8d] = {INSN_LEA, 0, SIZES | RM_REG | REG_WRITTEN | MEMORY_ONLY},

    [0x90] = {0, GROUP_90, 0},
    [0x91 ... 0x97] = {INSN_PLAIN, 0, /* xchg with %rax */
                       SIZES | LOW_GPR | LOW_WRITTEN | RAX_WRITTEN},
    [0x98] = {INSN_PLAIN, 0, SIZES | RAX_WRITTEN}, /* cbw cwde cdqe */
    [0x99] = {INSN_PLAIN, 0, SIZES | RDX_WRITTEN}, /* cwd cdq cqo */
    [0xa8] = {INSN_PLAIN, 0, BYTES | IMM},         /* test */
    [0xa9] = {INSN_PLAIN, 0, SIZES | IMM},
    [0xb0 ... 0xb7] = {INSN_MOVE, 0, BYTES | LOW_GPR | LOW_WRITTEN | IMM},
    [0xb8 ... 0xbf] = {INSN_MOVE, 0, SIZES | LOW_GPR | LOW_WRITTEN | IMM_FULL},

    [0xc0] = {0, GROUP_SHIFT, BYTES | RM | IMM8},
    [0xc1] = {0, GROUP_SHIFT, SIZES | RM | IMM8},
    [0xc3] = {INSN_RETURN, 0, FORM_PLAIN | NO_REX},
    [0xc6] = {INSN_MOVE, 0, BYTES | RM | RM_WRITTEN | REG_ZERO | IMM},
    [0xc7] = {INSN_MOVE, 0, SIZES | RM | RM_WRITTEN | REG_ZERO | IMM},
    [0xcc] = {INSN_STOP, 0, FORM_PLAIN | NO_REX}, /* int3 */
    [0xd0] = {0, GROUP_SHIFT, BYTES | RM},
    [0xd1] = {0, GROUP_SHIFT, SIZES | RM},
    [0xd2] = {0, GROUP_SHIFT, BYTES | RM},
    [0xd3] = {0, GROUP_SHIFT, SIZES | RM},
    [0xe8] = {INSN_CALL, 0, FORM_PLAIN | NO_REX | IMM},
    [0xe9] = {INSN_JUMP, 0, FORM_PLAIN | NO_REX | IMM},
    [0xeb] = {INSN_JUMP, 0, FORM_PLAIN | NO_REX | IMM8},
    [0xf6] = {0, GROUP_UNARY, BYTES | RM},
    [0xf7] = {0, GROUP_UNARY, SIZES | RM},
    [0xfe] = {0, GROUP_INC_DEC, BYTES | RM},
    [0xff] = {0, GROUP_FF, FORM_PLAIN | RM},
};

const struct opcode opcodes_0f[256] = {
    [0x0b] = {INSN_STOP, 0, FORM_PLAIN | NO_REX}, /* ud2 */
    [0x10] = {INSN_PLAIN, 0, FORMS_ALL | XMM},    /* movup* movs* */
    [0x11] = {INSN_PLAIN, 0, FORMS_ALL | XMM},
    [0x12] = {0, GROUP_0F12, XMM},
    [0x13] = {INSN_PLAIN, 0, FORMS_66_NONE | XMM | MEMORY_ONLY}, /* movlp* */
    [0x14] = {INSN_PLAIN, 0, FORMS_66_NONE | XMM},               /* unpckl */
    [0x15] = {INSN_PLAIN, 0, FORMS_66_NONE | XMM},               /* unpckh */
    [0x16] = {0, GROUP_0F16, XMM},
    [0x17] = {INSN_PLAIN, 0, FORMS_66_NONE | XMM | MEMORY_ONLY}, /* movhp* */
    [0x18] = {0, GROUP_PREFETCH, FORM_PLAIN | RM | MEMORY_ONLY},
    [0x1f] = {INSN_NOP, 0, SIZES | RM | REG_ZERO | PADDING},
    [0x28] = {INSN_PLAIN, 0, FORMS_66_NONE | XMM}, /* movaps movapd */
    [0x29] = {INSN_PLAIN, 0, FORMS_66_NONE | XMM},
    [0x2a] = {INSN_PLAIN, 0, FORM_F3 | FORM_F2 | XMM_FROM_GPR}, /* cvtsi2s* */
    [0x2b] = {INSN_PLAIN, 0, FORMS_66_NONE | XMM | MEMORY_ONLY}, /* movntp* */
    [0x2c] = {INSN_PLAIN, 0, FORM_F3 | FORM_F2 | GPR_FROM_XMM}, /* cvtts*2si */
    [0x2d] = {INSN_PLAIN, 0, FORM_F3 | FORM_F2 | GPR_FROM_XMM}, /* cvts*2si */
    [0x2e] = {INSN_PLAIN, 0, FORMS_66_NONE | XMM}, /* ucomis* */
    [0x2f] = {INSN_PLAIN, 0, FORMS_66_NONE | XMM}, /* comis* */

    [0x40 ... 0x4f] = {INSN_PLAIN, 0, SIZES | RM_REG | REG_WRITTEN}, /* cmov */
    [0x50] = {INSN_PLAIN, 0, /* movmsk */
              FORMS_66_NONE | GPR_FROM_XMM | REGISTER_ONLY},
    [0x51] = {INSN_PLAIN, 0, FORMS_ALL | XMM},                /* sqrt */
    [0x52 ... 0x53] = {INSN_PLAIN, 0, FORM_PLAIN | FORM_F3 | XMM}, /* r* */
    [0x54 ... 0x57] = {INSN_PLAIN, 0, FORMS_66_NONE | XMM},   /* and to xor */
    [0x58 ... 0x5a] = {INSN_PLAIN, 0, FORMS_ALL | XMM},       /* add mul cvt */
    [0x5b] = {INSN_PLAIN, 0, FORMS_66_NONE | FORM_F3 | XMM},  /* cvt with dq */
    [0x5c ... 0x5f] = {INSN_PLAIN, 0, FORMS_ALL | XMM},       /* sub to max */
    [0x60 ... 0x6d] = {INSN_PLAIN, 0, FORM_66 | XMM},         /* punpck pack */
    [0x6e] = {INSN_PLAIN, 0, FORM_66 | XMM_FROM_GPR},         /* movd movq */
    [0x6f] = {INSN_PLAIN, 0, FORM_66 | FORM_F3 | XMM},        /* movdq* */
    [0x70] = {INSN_PLAIN, 0, FORM_66 | FORM_F3 | FORM_F2 | XMM | IMM8},
    [0x71] = {0, GROUP_SHIFT_WORDS, FORM_66 | XMM | REGISTER_ONLY | IMM8},
    [0x72] = {0, GROUP_SHIFT_WORDS, FORM_66 | XMM | REGISTER_ONLY | IMM8},
    [0x73] = {0, GROUP_SHIFT_QUADS, FORM_66 | XMM | REGISTER_ONLY | IMM8},
    [0x74 ... 0x76] = {INSN_PLAIN, 0, FORM_66 | XMM}, /* pcmpeq */
    [0x7e] = {0, GROUP_0F7E, MODRM},
    [0x7f] = {INSN_PLAIN, 0, FORM_66 | FORM_F3 | XMM}, /* movdq* */

    [0x80 ... 0x8f] = {INSN_BRANCH, 0, FORM_PLAIN | NO_REX | IMM}, /* jcc */
    [0x90 ... 0x9f] = {INSN_PLAIN, 0, BYTES | RM | RM_WRITTEN | REG_ZERO},
    [0xa3] = {INSN_PLAIN, 0, SIZES | RM_REG | REGISTER_ONLY}, /* bt */
    [0xa4] = {INSN_PLAIN, 0, SIZES | RM_REG | RM_WRITTEN | IMM8}, /* shld */
    [0xa5] = {INSN_PLAIN, 0, SIZES | RM_REG | RM_WRITTEN},
    [0xab] = {INSN_PLAIN, 0, /* bts */
              SIZES | RM_REG | RM_WRITTEN | REGISTER_ONLY},
    [0xac] = {INSN_PLAIN, 0, SIZES | RM_REG | RM_WRITTEN | IMM8}, /* shrd */
    [0xad] = {INSN_PLAIN, 0, SIZES | RM_REG | RM_WRITTEN},
    [0xae] = {0, GROUP_FENCE, FORM_PLAIN | NO_REX | MODRM | REGISTER_ONLY},
    [0xaf] = {INSN_PLAIN, 0, SIZES | RM_REG | REG_WRITTEN}, /* imul */
    [0xb0] = {INSN_PLAIN, 0, /* cmpxchg */
              BYTES | RM_REG | RM_WRITTEN | RAX_WRITTEN | LOCKABLE},
    [0xb1] = {INSN_PLAIN, 0,
              SIZES | RM_REG | RM_WRITTEN | RAX_WRITTEN | LOCKABLE},
    [0xb3] = {INSN_PLAIN, 0, /* btr */
              SIZES | RM_REG | RM_WRITTEN | REGISTER_ONLY},
    [0xb6] = {INSN_PLAIN, 0, /* movzx */
              SIZES | RM_REG | RM_BYTE | REG_WRITTEN},
    [0xb7] = {INSN_PLAIN, 0, SIZES | RM_REG | REG_WRITTEN},
    [0xba] = {0, GROUP_BIT_TEST, SIZES | RM | IMM8},
    [0xbb] = {INSN_PLAIN, 0, /* btc */
              SIZES | RM_REG | RM_WRITTEN | REGISTER_ONLY},
    /* bsf bsr; with F3 tzcnt lzcnt */
    [0xbc ... 0xbd] = {INSN_PLAIN, 0, SIZES | FORM_F3 | RM_REG | REG_WRITTEN},
    [0xbe] = {INSN_PLAIN, 0, /* movsx */
              SIZES | RM_REG | RM_BYTE | REG_WRITTEN},
    [0xbf] = {INSN_PLAIN, 0, SIZES | RM_REG | REG_WRITTEN},

    [0xc0] = {INSN_PLAIN, 0, /* xadd */
              BYTES | RM_REG | RM_WRITTEN | REG_WRITTEN | LOCKABLE},
    [0xc1] = {INSN_PLAIN, 0,
              SIZES | RM_REG | RM_WRITTEN | REG_WRITTEN | LOCKABLE},
    [0xc2] = {INSN_PLAIN, 0, FORMS_ALL | XMM | IMM8},                /* cmp */
    [0xc3] = {INSN_PLAIN, 0, FORM_PLAIN | RM_REG | MEMORY_ONLY},  /* movnti */
    [0xc4] = {INSN_PLAIN, 0, FORM_66 | XMM_FROM_GPR | IMM8},      /* pinsrw */
    [0xc5] = {INSN_PLAIN, 0, /* pextrw */
              FORM_66 | GPR_FROM_XMM | REGISTER_ONLY | IMM8},
    [0xc6] = {INSN_PLAIN, 0, FORMS_66_NONE | XMM | IMM8},           /* shufp */
    [0xc8 ... 0xcf] = {INSN_PLAIN, 0, FORM_PLAIN | LOW_GPR | LOW_WRITTEN},
    [0xd1 ... 0xd6] = {INSN_PLAIN, 0, FORM_66 | XMM}, /* psrl to movq */
    [0xd7] = {INSN_PLAIN, 0, FORM_66 | GPR_FROM_XMM | REGISTER_ONLY},
    [0xd8 ... 0xe5] = {INSN_PLAIN, 0, FORM_66 | XMM}, /* psubus to pmulhw */
    [0xe6] = {INSN_PLAIN, 0, FORM_66 | FORM_F3 | FORM_F2 | XMM}, /* cvt */
    [0xe7] = {INSN_PLAIN, 0, FORM_66 | XMM | MEMORY_ONLY},       /* movntdq */
    [0xe8 ... 0xef] = {INSN_PLAIN, 0, FORM_66 | XMM}, /* psubs to pxor */
    [0xf1 ... 0xf6] = {INSN_PLAIN, 0, FORM_66 | XMM}, /* psll to psadbw */
    [0xf8 ... 0xfe] = {INSN_PLAIN, 0, FORM_66 | XMM}, /* psub padd */
};

#define IN_PLACE {INSN_PLAIN, 0, RM_WRITTEN}
#define IN_PLACE_LOCK {INSN_PLAIN, 0, RM_WRITTEN | LOCKABLE}
#define READS {INSN_PLAIN, 0, 0}
#define MUL_DIV {INSN_PLAIN, 0, RAX_WRITTEN | RDX_WRITTEN}

const struct opcode opcode_groups[GROUP_COUNT][8] = {
    [GROUP_ALU] = {{INSN_ADD, 0, RM_WRITTEN | LOCKABLE}, /* add */
                   IN_PLACE_LOCK,                        /* or */
                   IN_PLACE_LOCK,                        /* adc */
                   IN_PLACE_LOCK,                        /* sbb */
                   {INSN_AND, 0, RM_WRITTEN | LOCKABLE}, /* and */
                   {INSN_ADD, 0, RM_WRITTEN | LOCKABLE}, /* sub */
                   IN_PLACE_LOCK,                        /* xor */
                   READS},                               /* cmp */
    [GROUP_SHIFT] = {[0 ... 5] = IN_PLACE, [7] = IN_PLACE},
    [GROUP_UNARY] = {[0] = {INSN_PLAIN, 0, IMM}, /* test */
                     [2 ... 3] = IN_PLACE_LOCK,  /* not neg */
                     [4 ... 7] = MUL_DIV},
    [GROUP_INC_DEC] = {[0 ... 1] = IN_PLACE_LOCK},
    [GROUP_FF] = {[0 ... 1] = {INSN_PLAIN, 0, SIZED | RM_WRITTEN | LOCKABLE},
                  [2] = {INSN_CALL_INDIRECT, 0, STACK},
                  [4] = {INSN_JUMP_INDIRECT, 0, STACK},
                  [6] = {INSN_PUSH, 0, STACK}},
    [GROUP_BIT_TEST] = {[4] = READS, [5 ... 7] = IN_PLACE_LOCK},
    [GROUP_PREFETCH] = {[0 ... 3] = READS}, /* nta t0 t1 t2 */
    [GROUP_FENCE] = {[5 ... 7] = {INSN_PLAIN, 0, RM_ZERO}},
    [GROUP_SHIFT_WORDS] = {[2] = READS, [4] = READS, [6] = READS},
    [GROUP_SHIFT_QUADS] = {[2 ... 3] = READS, [6 ... 7] = READS},

    [GROUP_90] = {{INSN_NOP, 0, SIZES}, /* nop; pause */
                  {INSN_NOP, 0, SIZES},
                  {INSN_NOP, 0, FORM_F3 | NO_REX}},
    [GROUP_0F12] = {{INSN_PLAIN, 0, FORM_PLAIN}, /* movlps movhlps; movlpd */
                    {INSN_PLAIN, 0, FORM_66 | MEMORY_ONLY}},
    [GROUP_0F16] = {{INSN_PLAIN, 0, FORM_PLAIN}, /* movhps movlhps; movhpd */
                    {INSN_PLAIN, 0, FORM_66 | MEMORY_ONLY}},
    [GROUP_0F7E] = {[1] = {INSN_PLAIN, 0, FORM_66 | RM_GPR | RM_WRITTEN},
                    [2] = {INSN_PLAIN, 0, FORM_F3}}, /* movd; movq */
};
