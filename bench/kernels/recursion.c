/* SPDX-License-Identifier: MIT */
/* recursion.c - Fibonacci numbers and Ackermann's function: calls, no more. */
#include "kernels.h"

static uint32_t depth;

void kernel_recursion_prepare(void)
{
    depth = 16 + KERNEL_SEED;
}

/* As written: the compiler unrolls recursion, more or less. */
static __attribute__((noinline)) uint32_t fibonacci(uint32_t n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static __attribute__((noinline)) uint32_t ackermann(uint32_t m, uint32_t n)
{
    if (m == 0)
        return n + 1;
    return ackermann(m - 1, n ? ackermann(m, n - 1) : 1);
}

uint32_t kernel_recursion(uint32_t rounds)
{
    uint32_t sum = 0;

    while (rounds--) {
        sum = kernel_fold(sum, fibonacci(depth));
        sum = kernel_fold(sum, ackermann(2, depth));
    }
    return sum;
}
