/* SPDX-License-Identifier: MIT */
/* watch.h - an emulated domain, and who watches it. */
#pragma once
#include "blocks.h"
#include "emulate.h"
#include "tepal/abi.h"
#include <unicorn/unicorn.h>

#define SLOT 0x123400000000u
#define GUARD_BELOW 0x80000000u
#define ABOVE_BASE 0x180000010 /* 4 GiB, 2 GiB above it and an operand */
#define ABOVE_GS 0x10000000f
#define TEXT (SLOT + TP_TEXT_START)

/* The trusted stack: what callers use, what a domain uses, a guard. */
#define STACK_END 0x7f1200100000u
#define STACK_CALLERS 0x1000u
#define STACK_BYTES 0x20000u
#define STACK_GUARD 0x10000u
#define WORDS ((STACK_BYTES + STACK_GUARD) / 8)
#define FRAME_WORDS (TP_FRAME_MAX / 8)

/* The kernel's code, of which nothing is mapped: who goes there has left. */
#define KERNEL 0x555500000000u
#define CALLER (KERNEL + 0x10)
#define TRAP (KERNEL + 0x20)
#define GATE(import) (KERNEL + 0x100 + 0x40 * (uint64_t)(import))

#define MXCSR_DEFAULT 0x1f80u
#define MXCSR_STATUS 0x3fu
#define FLAGS_KEPT 0x7f7700u /* without CF, PF, AF, ZF, SF, OF */

struct emulator {
    uc_engine *uc;
    uc_context *fresh; /* the processor before any run */
    struct blocks *blocks;
    const struct mutant *mutant;
    const uint16_t *marks;
    uint8_t *text, *table, *data, *stack;
    struct emulated totals;
    char report[512];

    /* The run. */
    bool is_broken;
    uint64_t low, high; /* where accesses may begin; where they end */
    uint64_t kept_flags;
    uint32_t executed, limit;
    const struct block *block; /* being executed */
    uint64_t block_at;
    uint32_t step; /* next of the block's */
    bool in_gate;  /* this block was come to by one */
    /* The stack's model: %rsp; return addresses in it, 0 for other words; and
     * where each function began. */
    uint64_t sp;
    uint64_t returns[WORDS + 1];
    uint64_t frames[WORDS + 1];
    uint32_t frame;
};

enum {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    GPRS
};

extern const int watch_gprs[GPRS];

uint64_t watch_get(const struct emulator *emulator, int reg);
void watch_set(const struct emulator *emulator, int reg, uint64_t value);

/* The first thing that was broken; the run ends. */
void watch_broken(struct emulator *emulator, const char *what, uint64_t at);

/* What Unicorn calls. */
void watch_block(uc_engine *uc, uint64_t address, uint32_t size, void *data);
void watch_access(uc_engine *uc, uc_mem_type type, uint64_t address, int size,
                  int64_t value, void *data);
bool watch_fault(uc_engine *uc, uc_mem_type type, uint64_t address, int size,
                 int64_t value, void *data);
void watch_exception(uc_engine *uc, uint32_t number, void *data);

/*
 * Control went to @address, which is not mapped. Whether the run goes on, then
 * at @back.
 */
bool watch_leave(struct emulator *emulator, uint64_t address, uint64_t *back);

/* Of the trusted stack, by its distance to the top. */
uint32_t watch_word(uint64_t address);
