/* SPDX-License-Identifier: MIT */
/*
 * registers.h - the general registers and their names by size.
 *
 * Numbers are the machine's own; a register set is a bit mask of them.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    REG_RAX,
    REG_RCX,
    REG_RDX,
    REG_RBX,
    REG_RSP,
    REG_RBP,
    REG_RSI,
    REG_RDI,
    REG_R8,
    REG_R9,
    REG_R10,
    REG_R11,
    REG_R12,
    REG_R13,
    REG_R14,
    REG_R15,
    REG_RIP,
    REG_NONE = -1, /* absent, or not a general register */
};

typedef uint32_t register_set;
#define REGISTER_BIT(number) ((register_set)1 << (number))

struct reg {
    int number;
    int bits;  /* 8, 16, 32, 64; 0 for REG_NONE */
    bool high; /* %ah, %bh, %ch, %dh */
};

/* The register that @name is; without its '%'. */
struct reg register_named(const char *name);

/* The name of the 8-, 16-, 32- or 64-bit register @number, without '%'. */
const char *register_name(int number, int bits);
