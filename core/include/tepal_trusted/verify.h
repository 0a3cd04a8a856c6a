/* SPDX-License-Identifier: MIT */
/* verify.h - decide whether machine code may run in a slot. Trusted only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why text was refused; one value a rule. verify_rule_name() prints them. */
enum verify_rule {
    VERIFY_OK = 0,
    VERIFY_TRUNCATED,      /* an instruction runs past the end of the text */
    VERIFY_OPCODE,         /* not on the whitelist */
    VERIFY_PREFIX,         /* a prefix that is not meant, or stands twice */
    VERIFY_MEMORY,         /* a memory operand that may leave the slot */
    VERIFY_STACK_OPERAND,  /* names %rsp */
    VERIFY_BASE_WRITE,     /* writes %r14 */
    VERIFY_ADDRESS_WRITE,  /* writes %rbp or %r11 other than as allowed */
    VERIFY_TARGET,         /* a branch out of the text */
    VERIFY_OVERLAP,        /* a branch into the middle of an instruction */
    VERIFY_DEPTH,          /* two stack depths at one place */
    VERIFY_UNDERFLOW,      /* a pop of what was not pushed */
    VERIFY_FRAME,          /* more trusted stack than a function may use */
    VERIFY_RETURN,         /* a return or tail jump with something pushed */
    VERIFY_INDIRECT,       /* an indirect branch other than the allowed forms */
    VERIFY_FALLTHROUGH,    /* execution runs off the end of the text */
    VERIFY_ENTRY,          /* an entry outside the text */
};

/* What is verified. Nothing is kept after the call. */
struct verify_input {
    const uint8_t *text;
    uint32_t bytes;
    uint32_t address;     /* slot offset of text[0] */
    uint32_t imports_end; /* imports: TP_FTAB_START + 8 up to here */
    uint32_t ftab_bytes;  /* size of the table, a power of two */
    const uint32_t *entries; /* slot offsets of all entry points */
    uint32_t entry_count;
    uint32_t flavour; /* TP_FLAVOUR_BASE or TP_FLAVOUR_GS */
};

struct verify_result {
    enum verify_rule rule;
    uint32_t address; /* slot offset of the offending instruction */
};

/* Bytes of scratch that verify_text() needs for @text_bytes of text. */
size_t verify_scratch_bytes(uint32_t text_bytes);

/*
 * Verify @input by following every path from its entries.
 * Needs:  @scratch of verify_scratch_bytes(), 8-byte aligned; afterwards
 *         verify_reached() reads from it.
 * Errors: result.rule says which rule was broken first, and where.
 * Cost:   linear in the text; no allocation.
 * Source: design, section 2; docs/ABI.md.
 */
struct verify_result verify_text(const struct verify_input *input,
                                 void *scratch);

/* Whether byte @index of the text is part of a verified instruction. */
bool verify_reached(const void *scratch, uint32_t index);

/* A rule in words, for example "writes %r14". */
const char *verify_rule_name(enum verify_rule rule);
