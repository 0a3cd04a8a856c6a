/* SPDX-License-Identifier: MIT */
/*
 * memory.c - copying, filling and comparing memory.
 *
 * Built for blocks of up to a few KiB: 64 bytes a step through four vector
 * registers, loads before stores so that each address is computed once a
 * step; the rest by moves that overlap instead of loops over single bytes.
 * A domain has no string instructions (design, section 2).
 */
#include <stdint.h>
#include <string.h>

/* Unaligned views of memory that may be of any type. */
typedef long long vector16
    __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t word8 __attribute__((aligned(1), may_alias));
typedef uint32_t word4 __attribute__((aligned(1), may_alias));
typedef uint16_t word2 __attribute__((aligned(1), may_alias));

#define AT(type, base, offset) (*(type *)((base) + (offset)))
#define GET(type, base, offset) (*(const type *)((base) + (offset)))

/* Copy below 16 bytes; everything is loaded before anything is stored. */
static void copy_small(unsigned char *to, const unsigned char *from,
                       size_t bytes)
{
    if (bytes >= 8) {
        uint64_t head = GET(word8, from, 0);
        uint64_t tail = GET(word8, from, bytes - 8);

        AT(word8, to, 0) = head;
        AT(word8, to, bytes - 8) = tail;
    } else if (bytes >= 4) {
        uint32_t head = GET(word4, from, 0);
        uint32_t tail = GET(word4, from, bytes - 4);

        AT(word4, to, 0) = head;
        AT(word4, to, bytes - 4) = tail;
    } else if (bytes >= 2) {
        uint16_t head = GET(word2, from, 0);
        uint16_t tail = GET(word2, from, bytes - 2);

        AT(word2, to, 0) = head;
        AT(word2, to, bytes - 2) = tail;
    } else if (bytes) {
        *to = *from;
    }
}

/* Copy 64 bytes, loads first. */
static inline void copy_step(unsigned char *to, const unsigned char *from)
{
    vector16 a = GET(vector16, from, 0), b = GET(vector16, from, 16);
    vector16 c = GET(vector16, from, 32), d = GET(vector16, from, 48);

    AT(vector16, to, 0) = a;
    AT(vector16, to, 16) = b;
    AT(vector16, to, 32) = c;
    AT(vector16, to, 48) = d;
}

/* Correct for overlap when @to is below @from. */
static void copy_up(unsigned char *to, const unsigned char *from, size_t bytes)
{
    vector16 tail = GET(vector16, from, bytes - 16);
    unsigned char *last = to + bytes - 16;

    for (; bytes >= 64; bytes -= 64, to += 64, from += 64)
        copy_step(to, from);
    for (; bytes > 16; bytes -= 16, to += 16, from += 16)
        AT(vector16, to, 0) = GET(vector16, from, 0);
    AT(vector16, last, 0) = tail;
}

/* Correct for overlap when @to is above @from. */
static void copy_down(unsigned char *to, const unsigned char *from,
                      size_t bytes)
{
    vector16 head = GET(vector16, from, 0);

    for (; bytes >= 64; bytes -= 64)
        copy_step(to + bytes - 64, from + bytes - 64);
    for (; bytes > 16; bytes -= 16)
        AT(vector16, to, bytes - 16) = GET(vector16, from, bytes - 16);
    AT(vector16, to, 0) = head;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    if (bytes < 16)
        copy_small(to, from, bytes);
    else
        copy_up(to, from, bytes);
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    if (bytes < 16)
        copy_small(to, from, bytes);
    else if ((uintptr_t)to - (uintptr_t)from >= bytes)
        copy_up(to, from, bytes);
    else
        copy_down(to, from, bytes);
    return to;
}

static void fill_small(unsigned char *to, uint64_t pattern, size_t bytes)
{
    if (bytes >= 8) {
        AT(word8, to, 0) = pattern;
        AT(word8, to, bytes - 8) = pattern;
    } else if (bytes >= 4) {
        AT(word4, to, 0) = (uint32_t)pattern;
        AT(word4, to, bytes - 4) = (uint32_t)pattern;
    } else if (bytes >= 2) {
        AT(word2, to, 0) = (uint16_t)pattern;
        AT(word2, to, bytes - 2) = (uint16_t)pattern;
    } else if (bytes) {
        *to = (unsigned char)pattern;
    }
}

void *memset(void *to, int value, size_t bytes)
{
    uint64_t pattern = (unsigned char)value * 0x0101010101010101u;
    vector16 vector = {(long long)pattern, (long long)pattern};
    unsigned char *at = to;

    if (bytes < 16) {
        fill_small(to, pattern, bytes);
        return to;
    }
    AT(vector16, at, bytes - 16) = vector;
    for (; bytes >= 64; bytes -= 64, at += 64) {
        AT(vector16, at, 0) = vector;
        AT(vector16, at, 16) = vector;
        AT(vector16, at, 32) = vector;
        AT(vector16, at, 48) = vector;
    }
    for (; bytes > 16; bytes -= 16, at += 16)
        AT(vector16, at, 0) = vector;
    return to;
}

int memcmp(const void *one, const void *two, size_t bytes)
{
    const unsigned char *a = one, *b = two;

    for (; bytes >= 8; bytes -= 8, a += 8, b += 8) {
        uint64_t x = GET(word8, a, 0), y = GET(word8, b, 0);

        if (x == y)
            continue;
        x = __builtin_bswap64(x); /* the first byte decides */
        y = __builtin_bswap64(y);
        return x < y ? -1 : 1;
    }
    for (; bytes; bytes--, a++, b++)
        if (*a != *b)
            return *a < *b ? -1 : 1;
    return 0;
}

void *memchr(const void *in, int value, size_t bytes)
{
    const unsigned char *at = in;

    for (; bytes; bytes--, at++)
        if (*at == (unsigned char)value)
            return (void *)(uintptr_t)at;
    return NULL;
}
