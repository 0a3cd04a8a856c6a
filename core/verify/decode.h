/* SPDX-License-Identifier: MIT */
/*
 * decode.h - one machine instruction, as far as the verifier must know it.
 *
 * The decoder is a whitelist: what it does not know it refuses, so a new
 * instruction of a future CPU is refused too. It says what an instruction
 * does; whether a domain may do that is for memory_rules.c and
 * control_rules.c.
 *
 * Source: design, section 2; Intel SDM volume 2, chapter 2 and appendix A.
 */
#pragma once
#include "tepal_trusted/verify.h"

/* General registers by their number in an encoding. */
enum gpr {
    GPR_RAX = 0,
    GPR_RDX = 2,
    GPR_RSP = 4,
    GPR_RBP = 5,
    GPR_R11 = 11,
    GPR_R14 = 14,
    GPR_NONE = 16, /* no base, or no index */
    GPR_RIP = 17,  /* a base only */
};

/* What the rules tell apart. */
enum insn_class {
    INSN_REFUSED = 0, /* an empty row of the opcode tables */
    INSN_PLAIN,       /* nothing special but its operands */
    INSN_NOP,         /* accesses nothing, whatever its operand says */
    INSN_MOVE,        /* mov */
    INSN_ADD,         /* add, sub */
    INSN_AND,         /* and */
    INSN_LEA,         /* computes its operand's address, no access */
    INSN_PUSH,
    INSN_POP,
    INSN_CALL,          /* to @immediate, relative to the next instruction */
    INSN_JUMP,          /* so is this */
    INSN_BRANCH,        /* and this, a conditional jump */
    INSN_CALL_INDIRECT, /* through a register or memory operand */
    INSN_JUMP_INDIRECT,
    INSN_RETURN,
    INSN_STOP, /* ud2, int3: traps */
};

/* Sets of registers are masks: bit n is register n in all its widths. */
#define GPR_BIT(gpr) ((uint16_t)(1u << (gpr)))

struct insn {
    enum insn_class class;
    uint8_t length;        /* 1 to 15 */
    uint8_t operand_bytes; /* width of a general register operand */
    bool has_memory;       /* its ModRM byte names memory ... */
    bool in_gs;            /* ... by an address of 32 bits, relative to %gs */
    uint8_t base, index;   /* enum gpr; valid with has_memory */
    uint8_t scale;         /* 1, 2, 4, 8 */
    int32_t displacement;
    uint16_t named;    /* registers that are operands; addresses not counted */
    uint16_t writes;   /* registers written, implicit ones too, %rsp of push,
                          pop, call and ret not */
    int64_t immediate; /* sign-extended; 0 when there is none */
};

/*
 * Decode the instruction at the start of @bytes.
 * Errors: VERIFY_TRUNCATED, VERIFY_OPCODE or VERIFY_PREFIX; @insn is then
 *         unspecified. Reads no more than @available bytes, and at most 15.
 */
enum verify_rule decode_insn(const uint8_t *bytes, size_t available,
                             struct insn *insn);
