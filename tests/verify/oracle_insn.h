/* SPDX-License-Identifier: MIT */
/* oracle_insn.h - what the rules say about one instruction by itself. */
#pragma once
#include <Zydis/Zydis.h>

#include "oracle.h"

/* Where control goes from an instruction. */
enum oracle_flow {
    FLOW_NEXT,
    FLOW_STOP,   /* a trap */
    FLOW_JUMP,   /* to target */
    FLOW_BRANCH, /* to target, or on */
    FLOW_CALL,   /* to target, and on */
    FLOW_RETURN,
    FLOW_IMPORT_CALL,
    FLOW_IMPORT_JUMP,
    FLOW_TABLE_CALL, /* only behind a mask */
    FLOW_TABLE_JUMP,
};

struct oracle_insn {
    uint32_t broken; /* 1 << rule, for each */
    uint8_t bytes;   /* 0 where the length is not known */
    uint8_t flow;    /* enum oracle_flow */
    int8_t stack;    /* words pushed: 1, 0 or -1 */
    bool is_mask;    /* and $mask, %r11d */
    int64_t target;  /* from its first byte */
};

/* What is known before the first instruction. */
struct oracle_rules {
    uint32_t flavour;
    uint32_t imports_end;
    uint32_t ftab_bytes;
};

/* The instruction at @text, of which @bytes are there, at least one. */
struct oracle_insn oracle_insn_judge(const struct oracle_rules *rules,
                                     const uint8_t *text, uint32_t bytes);

/* --- oracle_list.c, oracle_prefix.c, for oracle_insn.c ------------------- */

/* The bytes before the opcode. */
struct oracle_prefixes {
    uint8_t count[256]; /* how often each stands there, REX as well */
    uint8_t bytes;      /* up to the opcode */
    uint8_t rex;        /* 0 if there is none */
    bool twice;
    bool after_rex;
};

struct oracle_decoded {
    struct oracle_prefixes prefixes;
    ZydisDecodedInstruction insn;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

enum oracle_kind {
    KIND_UNLISTED,
    KIND_INTEGER,
    KIND_STACK,   /* push, pop */
    KIND_CONTROL, /* branches, calls, returns, traps */
    KIND_NOP,     /* memory operand not accessed */
    KIND_LEA,     /* the same */
    KIND_PREFETCH,
    KIND_FENCE,
    KIND_SSE,
};

/* What kind of instruction of the whitelist @decoded is. */
enum oracle_kind oracle_list_kind(const struct oracle_decoded *decoded);

void oracle_prefixes_scan(struct oracle_prefixes *prefixes, const uint8_t *text,
                          uint32_t bytes);
/* Whether all prefixes of @decoded, of @kind, are meant. */
bool oracle_prefixes_are_meant(const struct oracle_decoded *decoded,
                               enum oracle_kind kind);
/* The explicit memory operand, or NULL. */
const ZydisDecodedOperand *
oracle_memory_operand(const struct oracle_decoded *decoded);
