/* SPDX-License-Identifier: MIT */
/*
 * interpreter.c - a machine of 13 instructions, one switch a step: it counts
 * the primes below a limit with a sieve in its memory.
 */
#include "kernels.h"
#include <string.h>

enum operation {
    LOAD_CONSTANT, /* r[a] = constant */
    MOVE,          /* r[a] = r[b] */
    ADD,
    SUBTRACT,
    MULTIPLY,
    XOR,
    SHIFT_RIGHT,
    LOAD,  /* r[a] = memory[r[b]] */
    STORE, /* memory[r[b]] = r[a] */
    JUMP,
    JUMP_IF_BELOW, /* r[a] < r[b] */
    JUMP_IF_ZERO,
    STOP,
};

struct instruction {
    uint8_t operation, a, b;
    uint8_t constant; /* or where a jump leads */
};

#define LIMIT 240u
#define MEMORY 256u

/* r0 sum, r1 limit, r2 candidate, r3 multiple, r4 scratch, r5 one */
static const struct instruction program[] = {
    {LOAD_CONSTANT, 2, 0, 2},
    {LOAD_CONSTANT, 5, 0, 1},
    {LOAD, 4, 2, 0}, /* 2: next candidate */
    {JUMP_IF_ZERO, 4, 0, 6},
    {ADD, 2, 5, 0}, /* 4: */
    {JUMP, 0, 0, 15},
    {MOVE, 4, 2, 0}, /* 6: a prime */
    {SHIFT_RIGHT, 4, 5, 0},
    {XOR, 0, 4, 0},
    {ADD, 0, 2, 0},
    {MOVE, 3, 2, 0},
    {MULTIPLY, 3, 2, 0},
    {JUMP_IF_BELOW, 1, 3, 4}, /* 12: */
    {STORE, 5, 3, 0},
    {JUMP, 0, 0, 17},
    {JUMP_IF_BELOW, 2, 1, 2}, /* 15: */
    {STOP, 0, 0, 0},
    {ADD, 3, 2, 0}, /* 17: */
    {JUMP, 0, 0, 12},
};

static uint8_t memory[MEMORY];
static uint32_t start;

void kernel_interpreter_prepare(void)
{
    start = KERNEL_SEED;
}

static uint32_t interpret(const struct instruction *code, uint32_t *r)
{
    for (uint32_t at = 0, steps = 0;; steps++) {
        const struct instruction *i = &code[at++];

        switch ((enum operation)i->operation) {
        case LOAD_CONSTANT:
            r[i->a] = i->constant;
            break;
        case MOVE:
            r[i->a] = r[i->b];
            break;
        case ADD:
            r[i->a] += r[i->b];
            break;
        case SUBTRACT:
            r[i->a] -= r[i->b];
            break;
        case MULTIPLY:
            r[i->a] *= r[i->b];
            break;
        case XOR:
            r[i->a] ^= r[i->b];
            break;
        case SHIFT_RIGHT:
            r[i->a] >>= r[i->b] & 31;
            break;
        case LOAD:
            r[i->a] = memory[r[i->b] % MEMORY];
            break;
        case STORE:
            memory[r[i->b] % MEMORY] = (uint8_t)r[i->a];
            break;
        case JUMP:
            at = i->constant;
            break;
        case JUMP_IF_BELOW:
            at = r[i->a] < r[i->b] ? i->constant : at;
            break;
        case JUMP_IF_ZERO:
            at = r[i->a] ? at : i->constant;
            break;
        case STOP:
            return steps;
        }
    }
}

uint32_t kernel_interpreter(uint32_t rounds)
{
    uint32_t r[8] = {start, LIMIT}, sum = 0;

    while (rounds--) {
        memset(memory, 0, sizeof(memory));
        sum = kernel_fold(sum, interpret(program, r));
        sum = kernel_fold(sum, r[0]);
    }
    return sum;
}
