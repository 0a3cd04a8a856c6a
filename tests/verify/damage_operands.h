/* SPDX-License-Identifier: MIT */
/* damage_operands.h - the damage of attacks_operands.h. */
#pragma once
#include "damage.h"

#define STAYS_SMALL "clears the upper half, or leaves it as it is: small still"
/* The kernel's address as a double, which has the number exactly. */
#define DOUBLE_BITS(x, log) ((1023ull + (log)) << 52 |                         \
                             ((x) - (1ull << (log))) << (52 - (log)))
#define KERNEL_DOUBLE                                                          \
    (STAGE_KERNEL >> 45 ? DOUBLE_BITS(STAGE_KERNEL, 45)                        \
                        : DOUBLE_BITS(STAGE_KERNEL, 38))

/* A write of %r14, and a store through it. */
#define MOVES_BASE(name, kinds, ...)                                           \
    SHOW(name, kinds, .follow = FOLLOW_STORE_BASE, __VA_ARGS__)
/* A few bytes further, and the table is read between its entries. */
#define SHIFTS_BASE(name, ...)                                                 \
    SHOW(name, DAMAGE_CONTROL, .follow = FOLLOW_IMPORT, __VA_ARGS__)

/* clang-format off */
static const struct damage_row operands_damage[] = {
    /* VERIFY_MEMORY: registers hold addresses of the kernel. */
    SHOW("a plain pointer", DAMAGE_READ),
    SHOW("a store through a pointer", DAMAGE_WRITE),
    STRICT("rip-relative load", "ends in the slot or its guards"),
    SHOW("absolute load", DAMAGE_ACCESS),
    SHOW("base alone is rbp", DAMAGE_READ),
    SHOW("base alone is r11", DAMAGE_READ),
    STRICT("r14 as the index", "the same address as %rbp as the index"),
    SHOW("a wrong index", DAMAGE_READ, SET1(RAX, OVER)),
    SHOW("index r12", DAMAGE_READ, SET1(R12, OVER)),
    SHOW("a scaled index", DAMAGE_READ, SET1(R11, OVER / 8)),
    SHOW("index rbp scaled by two", DAMAGE_READ,
         SET1(RBP, (OVER - 0x7ffffffe) / 2)),
    SHOW("r6 where r14 is meant", DAMAGE_READ),
    SHOW("r13 as base", DAMAGE_READ),
    SHOW("an index and no base", DAMAGE_READ),
    SHOW("push from a pointer", DAMAGE_CONTROL),
    SHOW("locked add through a pointer", DAMAGE_WRITE),
    SHOW("SSE load through a pointer", DAMAGE_READ),
    SHOW("SSE store through a pointer", DAMAGE_WRITE),
    SHOW("non-temporal store", DAMAGE_WRITE),
    TIMING("prefetch of a pointer", "a line of the kernel's enters the cache"),
    SHOW("cmov reads its source always", DAMAGE_READ),
    SHOW("setcc to a pointer", DAMAGE_WRITE),
    SHOW("index r11 on a base of r11", DAMAGE_READ, SET1(R11, STAGE_LOW / 2)),
    SHOW("bit set in a pointer", DAMAGE_WRITE),
    STRICT("a code address by lea", "%r14 and a constant give the same"),
    SHOW("divide by a pointer", DAMAGE_READ, SET1(RAX, -1ull)),
    SHOW("exchange with a pointer", DAMAGE_WRITE),

    /* VERIFY_STACK_OPERAND */
    SHOW("rsp moved", DAMAGE_STACK),
    SHOW("rsp read", DAMAGE_READ),
    SHOW("rsp lowered", DAMAGE_STACK),
    SHOW("rsp aligned", DAMAGE_STACK),
    SHOW("push of rsp", DAMAGE_STACK),
    SHOW("pop into rsp", DAMAGE_STACK),
    SHOW("load from the stack", DAMAGE_READ),
    SHOW("store to the stack", DAMAGE_STACK),
    SHOW("lea on the stack", DAMAGE_STACK),
    SHOW("address of the stack", DAMAGE_READ),
    SHOW("esp written", DAMAGE_STACK),
    SHOW("spl written", DAMAGE_STACK),
    SHOW("sp written", DAMAGE_STACK),
    SHOW("exchange with rsp", DAMAGE_STACK),
    SHOW("rsp as a cmov source", DAMAGE_READ),
    SHOW("rsp out of xmm", DAMAGE_STACK),
    SHOW("rsp into xmm", DAMAGE_READ),
    SHOW("mask of bytes into esp", DAMAGE_STACK),
    SHOW("rsp swapped", DAMAGE_STACK),
    SHOW("return address overwritten", DAMAGE_STACK),
    SHOW("spl by setcc", DAMAGE_STACK),
    SHOW("rsp by conversion", DAMAGE_STACK),

    /* VERIFY_BASE_WRITE */
    MOVES_BASE("mov: mov", DAMAGE_WRITE),
    MOVES_BASE("32-bit mov: ", DAMAGE_ACCESS),
    SHIFTS_BASE("byte: "),
    SHIFTS_BASE("word: "),
    MOVES_BASE("pop: ", DAMAGE_WRITE),
    MOVES_BASE("xchg, as rm", DAMAGE_WRITE),
    MOVES_BASE("xchg, as reg", DAMAGE_WRITE),
    MOVES_BASE("xadd, as reg", DAMAGE_WRITE),
    MOVES_BASE("xadd, as rm", DAMAGE_WRITE, SET1(RAX, OVER)),
    MOVES_BASE("cmov: ", DAMAGE_WRITE),
    SHIFTS_BASE("setcc: "),
    SHIFTS_BASE("lea: "),
    SHIFTS_BASE("inc: "),
    MOVES_BASE("xor: ", DAMAGE_ACCESS),
    MOVES_BASE("movzx: ", DAMAGE_ACCESS),
    MOVES_BASE("imul: ", DAMAGE_WRITE, /* a third, in 64 bits */
               SET1(RAX, STAGE_KERNEL * 0xaaaaaaaaaaaaaaab)),
    MOVES_BASE("bsf: ", DAMAGE_ACCESS),
    MOVES_BASE("bswap: ", DAMAGE_ACCESS),
    MOVES_BASE("shift: ", DAMAGE_ACCESS),
    MOVES_BASE("shld: ", DAMAGE_ACCESS),
    MOVES_BASE("cmpxchg: ", DAMAGE_WRITE, SET1(RAX, STAGE_SLOT)),
    SHIFTS_BASE("btc: "),
    MOVES_BASE("out of xmm", DAMAGE_WRITE),
    MOVES_BASE("mask of signs", DAMAGE_ACCESS),
    MOVES_BASE("word of xmm", DAMAGE_ACCESS),
    MOVES_BASE("conversion: ", DAMAGE_WRITE, .xmm = KERNEL_DOUBLE),
    MOVES_BASE("movabs: ", DAMAGE_BASE), /* no address at all: #GP */
    SHIFTS_BASE("adc, short form"),

    /* VERIFY_ADDRESS_WRITE: the next slot is in reach. */
    STRICT("or %eax,%r11d", STAYS_SMALL),
    SHOW("64-bit mov to rbp", DAMAGE_WRITE, SET1(RAX, OVER),
         .follow = FOLLOW_STORE_RBP),
    SHOW("64-bit mov to r11", DAMAGE_WRITE, SET1(RAX, OVER),
         .follow = FOLLOW_STORE_R11),
    SHOW("64-bit load to r11", DAMAGE_WRITE, .memory = OVER,
         .follow = FOLLOW_STORE_R11),
    SHOW("movabs to r11", DAMAGE_WRITE, .follow = FOLLOW_STORE_R11),
    SHOW("sign-extended constant", DAMAGE_ACCESS,
         .follow = FOLLOW_STORE_LOW_RBP),
    SHOW("64-bit lea to r11", DAMAGE_WRITE, SET1(RAX, OVER / 2),
         .follow = FOLLOW_STORE_R11),
    SHOW("64-bit add to rbp", DAMAGE_WRITE, SET2(RAX, OVER, RBP, 0),
         .follow = FOLLOW_STORE_RBP),
    SHOW("64-bit sub to r11", DAMAGE_ACCESS, SET1(R11, 0),
         .follow = FOLLOW_STORE_LOW_R11),
    SHOW("pop to rbp", DAMAGE_WRITE, SET1(RAX, OVER),
         .follow = FOLLOW_STORE_RBP),
    SHOW("pop to r11", DAMAGE_WRITE, SET1(RAX, OVER),
         .follow = FOLLOW_STORE_R11),
    STRICT("16-bit mov to rbp", STAYS_SMALL),
    STRICT("8-bit mov to bpl", STAYS_SMALL),
    STRICT("8-bit mov to r11b", STAYS_SMALL),
    STRICT("and of rbp", STAYS_SMALL),
    STRICT("64-bit and of r11", STAYS_SMALL),
    STRICT("xor of r11", STAYS_SMALL),
    STRICT("inc of rbp", STAYS_SMALL),
    STRICT("shift of r11", STAYS_SMALL),
    STRICT("cmov to r11", STAYS_SMALL),
    STRICT("movzx to r11", STAYS_SMALL),
    SHOW("movsxd to r11", DAMAGE_ACCESS, SET1(RAX, 0x80000000),
         .follow = FOLLOW_STORE_LOW_R11),
    STRICT("xchg with rbp", STAYS_SMALL),
    STRICT("xadd into r11", STAYS_SMALL),
    STRICT("imul to r11", STAYS_SMALL),
    STRICT("neg of rbp", STAYS_SMALL),
    STRICT("adc to rbp", STAYS_SMALL),
    SHOW("bswap of r11", DAMAGE_WRITE, SET1(R11, 0x1e000000),
         .follow = FOLLOW_STORE_R11),
    STRICT("setcc to bpl", STAYS_SMALL),
    SHOW("movq out of xmm", DAMAGE_WRITE, .xmm = OVER,
         .follow = FOLLOW_STORE_R11),
    SHOW("conversion to rbp", DAMAGE_ACCESS, .xmm = KERNEL_DOUBLE,
         .follow = FOLLOW_STORE_RBP),
    STRICT("bsf to r11", STAYS_SMALL),
    STRICT("16-bit lea to r11", STAYS_SMALL),
    STRICT("16-bit add to rbp", STAYS_SMALL),
};
