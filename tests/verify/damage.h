/* SPDX-License-Identifier: MIT */
/*
 * damage.h - what an attack of the corpus does when nobody refuses it.
 *
 * Each attack has one row: what has to be seen, and with which registers and
 * memory; or why nothing can be seen, which is then checked too: exactly what
 * the row says may happen, and no harm beside it.
 */
#pragma once
#include "stage.h"

enum reason {
    REASON_SHOWN,      /* damage, seen on this processor */
    REASON_PRIVILEGED, /* the processor refuses it in ring 3; not in ring 0 */
    REASON_UNDEFINED,  /* #UD: no instruction of this processor's (yet) */
    REASON_TOLERATED,  /* runs as if its odd part were not there; no manual
                          promises that */
    REASON_MAKERS,     /* makers differ in its length */
    REASON_TIMING,     /* acts on a cache line of others: seen in time alone */
    REASON_STRICT,     /* no attack: harmless, and refused because the verifier
                          knows few forms */
    REASON_COUNT
};

/* What follows the attack in the text; it is accepted itself. */
enum follow {
    FOLLOW_NOTHING,
    FOLLOW_STORE_BASE,   /* movl $..., (%r14) */
    FOLLOW_STORE_RBP,    /* movl $..., (%r14,%rbp) */
    FOLLOW_STORE_R11,    /* movl $..., (%r14,%r11) */
    FOLLOW_STORE_LOW_RBP, /* movl $..., -0x80000000(%r14,%rbp) */
    FOLLOW_STORE_LOW_R11, /* movl $..., -0x80000000(%r14,%r11) */
    FOLLOW_IMPORT,       /* call *0x10008(%r14) */
};

struct damage_row {
    const char *attack; /* how its name begins, and no other's */
    enum reason reason;
    uint32_t damage;  /* what has to be seen: one of these if it is SHOWN,
                         else this alone */
    uint32_t or_else; /* what may be seen in its place, elsewhere */
    const char *why;  /* unless it is SHOWN */
    struct {
        uint8_t gpr; /* 1 more than the number */
        uint64_t value;
    } set[4];
    uint64_t xmm, memory; /* 0: as the stage has it */
    enum follow follow;
    enum again again;
    uint8_t start, behind;
    bool is_zf_clear, has_far_frame;
};

/* Rows. */
#define SHOW(name, kinds, ...)                                                 \
    {.attack = (name), .damage = (kinds), __VA_ARGS__}
#define PRIVILEGED(name, ...)                                                  \
    {.attack = (name), .reason = REASON_PRIVILEGED,                            \
     .damage = DAMAGE_PROTECTION,                                              \
     .why = "needs ring 0, where domains run on bare metal", __VA_ARGS__}
#define UNDEFINED(name, text, ...)                                             \
    {.attack = (name), .reason = REASON_UNDEFINED, .damage = DAMAGE_UNDEFINED, \
     .why = (text), __VA_ARGS__}
#define TOLERATED(name, text, ...)                                             \
    {.attack = (name), .reason = REASON_TOLERATED, .damage = DAMAGE_NONE,      \
     .why = (text), __VA_ARGS__}
#define MAKERS(name, text, ...)                                                \
    {.attack = (name), .reason = REASON_MAKERS, .damage = DAMAGE_NONE,         \
     .or_else = DAMAGE_CONTROL | DAMAGE_STACK, .why = (text), __VA_ARGS__}
#define TIMING(name, text, ...)                                                \
    {.attack = (name), .reason = REASON_TIMING, .damage = DAMAGE_NONE,         \
     .why = (text), __VA_ARGS__}
#define STRICT(name, text, ...)                                                \
    {.attack = (name), .reason = REASON_STRICT, .damage = DAMAGE_NONE,         \
     .why = (text), __VA_ARGS__}

#define SET1(a, x) .set = {{(a) + 1, (x)}}
#define SET2(a, x, b, y) .set = {{(a) + 1, (x)}, {(b) + 1, (y)}}
#define SET3(a, x, b, y, c, z)                                                 \
    .set = {{(a) + 1, (x)}, {(b) + 1, (y)}, {(c) + 1, (z)}}
#define SET4(a, x, b, y, c, z, d, w)                                           \
    .set = {{(a) + 1, (x)}, {(b) + 1, (y)}, {(c) + 1, (z)}, {(d) + 1, (w)}}

/* Where this processor may lack the instruction. */
#define OR_UNDEFINED .or_else = DAMAGE_UNDEFINED

/* From the slot's base to the next slot's data. */
#define OVER (STAGE_VICTIM + STAGE_DATA - STAGE_SLOT)
/* An index of the function table that is memory of the slot's own. */
#define OFF_TABLE (STAGE_LOW - 0x10000)
