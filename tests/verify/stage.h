/* SPDX-License-Identifier: MIT */
/*
 * stage.h - run a piece of machine code for real, and see what harm it does.
 *
 * The code runs on this processor, in a child process, in a slot as docs/ABI.md
 * lays it out. Around it lies what is not its own: a neighbour's slot, memory
 * of a kernel, low memory, a trusted stack with somebody's words above the
 * return address. It is stepped instruction by instruction, and judged by what
 * happens alone: nothing here knows the verifier, or decodes more than what is
 * a call, a return, or a branch.
 *
 * Reading is judged by doing all twice, in two worlds that are equal in all
 * that is the domain's and differ in all that is not: where the domain ends up
 * with something else, it has read what is not its own.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Where there is room for it under each sanitizer. */
#ifdef __SANITIZE_THREAD__
#define STAGE 0x4000000000ull
#else
#define STAGE 0x200000000000ull
#endif

#define STAGE_SLOT (STAGE + 0x200000000)
#define STAGE_VICTIM (STAGE_SLOT + 0x200000000) /* the next slot */
#define STAGE_KERNEL (STAGE + 0x2000000000)
#define STAGE_STACK (STAGE + 0x2120000000) /* its low half: an offset, too */
#define STAGE_GATES (STAGE + 0x2200004000) /* not mapped: they are played */
#define STAGE_RETURN (STAGE + 0x2300005000)
#define STAGE_LOW 0x20000000ull /* an address, and an offset in the slot */

#define STAGE_DATA 0x200000 /* in the slot, and in the victim's */
#define STAGE_TEXT_MAX 0x1000

/* clang-format off */
/* How the processor numbers its registers. */
enum gpr_number {
    RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI,
    R8,  R9,  R10, R11, R12, R13, R14, R15,
};
/* clang-format on */

/* What has been seen; bits. */
enum damage {
    DAMAGE_WRITE = 1 << 0,   /* memory has changed that is not the domain's */
    DAMAGE_READ = 1 << 1,    /* it holds what depends on what is not its own */
    DAMAGE_ACCESS = 1 << 2,  /* a page fault outside of slot, guards, stack */
    DAMAGE_CONTROL = 1 << 3, /* what came next was not in the text, no gate, and
                                no return to the caller */
    DAMAGE_OVERLAP = 1 << 4, /* a byte was executed in two instructions */
    DAMAGE_STACK = 1 << 5,   /* a return address was taken or changed, %rsp was
                                not restored */
    DAMAGE_BASE = 1 << 6,    /* %r14 is not the base; in gs it is free */
    DAMAGE_STATE = 1 << 7,   /* DF, AC, NT, a segment or its base, MXCSR's
                                control, x87, the upper parts of vectors,
                                protection keys */
    DAMAGE_PROTECTION = 1 << 8, /* #GP: the processor refused it in ring 3 */
    DAMAGE_UNDEFINED = 1 << 9,  /* #UD at what is not ud2 */
    DAMAGE_MACHINE = 1 << 10,   /* it holds the processor's name */
    DAMAGE_NONE = 1 << 11,      /* nothing of this, and nothing else */
};
#define DAMAGE_KINDS 12
extern const char *const damage_names[DAMAGE_KINDS];

/* What is run again, once the first run is over, as part of the same. */
enum again {
    AGAIN_NOT,
    AGAIN_ZF_CLEAR, /* other ways of conditional jumps */
    AGAIN_ENTRY,    /* from the second entry */
};

struct stage_run {
    uint32_t flavour;
    uint8_t text[STAGE_TEXT_MAX];
    uint32_t bytes;
    uint32_t entries[2]; /* indices; the function table has both */
    uint8_t start;       /* which of the two */
    bool is_zf_clear;
    enum again again;
    uint8_t behind;       /* what lies behind the text, in its pages */
    bool has_far_frame;   /* above the return address: CS, flags, RSP, SS */
    uint64_t gpr[16];     /* %rsp is the stage's; so is %r14 in base */
    uint64_t xmm;         /* the low half of each */
    uint64_t memory;      /* each word of the slot's memory */
    uint32_t steps;       /* how many instructions there were; an answer */
};

/* Map it all. False, with errno: it cannot be. */
bool stage_open(void);

/* Each word its own number: STAGE_NUMBERED as stage_run.memory. */
#define STAGE_NUMBERED 1

/* Registers as a hostile domain would have them: addresses outside, and in gs
 * such that their low halves are offsets of the slot's memory. */
void stage_defaults(struct stage_run *run, uint32_t flavour);

/* Run it. Returns what was seen. */
uint32_t stage_damage(struct stage_run *run);
