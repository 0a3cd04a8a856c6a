/* SPDX-License-Identifier: MIT */
/*
 * arithmetic.c - what the compiler calls for arithmetic that the instruction
 * set of a domain lacks. The names are the compiler's (GCC internals, 4.1).
 */
#include <stdint.h>

int __popcountdi2(int64_t value);
unsigned __int128 __udivti3(unsigned __int128 a, unsigned __int128 b);
unsigned __int128 __umodti3(unsigned __int128 a, unsigned __int128 b);
unsigned __int128 __udivmodti4(unsigned __int128 a, unsigned __int128 b,
                               unsigned __int128 *rest);
__int128 __divmodti4(__int128 a, __int128 b, __int128 *rest);
__int128 __divti3(__int128 a, __int128 b);
__int128 __modti3(__int128 a, __int128 b);
int __popcountti2(__int128 value);
int __paritydi2(int64_t value);

/* Bits set in @value: sums of ever wider groups. */
int __popcountdi2(int64_t value)
{
    uint64_t bits = (uint64_t)value;

    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (int)(bits * 0x0101010101010101u >> 56);
}

struct quotient {
    unsigned __int128 value, remainder;
};

/* Long division, one bit a step. */
static void divide(struct quotient *quotient, unsigned __int128 a,
                   unsigned __int128 b)
{
    unsigned __int128 value = 0, remainder = 0;

    if (!b)
        __builtin_trap();
    for (int bit = 127; bit >= 0; bit--) {
        int carry = (int)(remainder >> 127);

        remainder = remainder << 1 | (a >> bit & 1);
        if (carry || remainder >= b) {
            remainder -= b;
            value |= (unsigned __int128)1 << bit;
        }
    }
    *quotient = (struct quotient){value, remainder};
}

unsigned __int128 __udivti3(unsigned __int128 a, unsigned __int128 b)
{
    struct quotient quotient;

    divide(&quotient, a, b);
    return quotient.value;
}

unsigned __int128 __umodti3(unsigned __int128 a, unsigned __int128 b)
{
    struct quotient quotient;

    divide(&quotient, a, b);
    return quotient.remainder;
}

unsigned __int128 __udivmodti4(unsigned __int128 a, unsigned __int128 b,
                               unsigned __int128 *rest)
{
    struct quotient quotient;

    divide(&quotient, a, b);
    *rest = quotient.remainder;
    return quotient.value;
}

/* The magnitude, also of the least number there is. */
static unsigned __int128 magnitude(__int128 value)
{
    return value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
}

/* The quotient is cut towards zero; the rest has the sign of @a. */
__int128 __divmodti4(__int128 a, __int128 b, __int128 *rest)
{
    struct quotient quotient;

    divide(&quotient, magnitude(a), magnitude(b));
    *rest = (__int128)(a < 0 ? -quotient.remainder : quotient.remainder);
    return (__int128)((a < 0) != (b < 0) ? -quotient.value : quotient.value);
}

__int128 __divti3(__int128 a, __int128 b)
{
    __int128 rest;

    return __divmodti4(a, b, &rest);
}

__int128 __modti3(__int128 a, __int128 b)
{
    __int128 rest;

    __divmodti4(a, b, &rest);
    return rest;
}

int __popcountti2(__int128 value)
{
    return __popcountdi2((int64_t)value) +
           __popcountdi2((int64_t)(value >> 64));
}

int __paritydi2(int64_t value)
{
    return __popcountdi2(value) & 1;
}
