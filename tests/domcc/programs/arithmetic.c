/* SPDX-License-Identifier: MIT */
/* 64-bit and 128-bit division, byte registers, bit fields, shifts. */
#include "check.h"
#include <stdbool.h>
#include <stdint.h>

struct fields {
    unsigned a : 3, b : 9, c : 1;
    int d : 5;
    uint64_t e : 40, f : 24;
    bool g : 1;
    unsigned char bytes[4];
};

static __attribute__((noinline)) int64_t divide(int64_t a, int64_t b,
                                                int64_t *rest)
{
    *rest = a % b;
    return a / b;
}

static __attribute__((noinline)) uint64_t divide_unsigned(uint64_t a,
                                                          uint64_t b)
{
    return a / b * 1000 + a % b;
}

/* The compiler likes %ah and its like here. */
static __attribute__((noinline)) void split(uint32_t value, unsigned char *to)
{
    to[0] = (unsigned char)(value >> 8);
    to[1] = (unsigned char)value;
    to[2] = (unsigned char)(to[0] ^ (value >> 8));
}

static __attribute__((noinline)) unsigned high_bytes(unsigned a, unsigned b,
                                                     const unsigned char *p)
{
    unsigned char x = (unsigned char)(a >> 8), y = (unsigned char)(b >> 8);

    x = (unsigned char)(x + p[0]);
    y ^= p[1];
    return x * 256u + y;
}

static __attribute__((noinline)) void pack(struct fields *to, unsigned seed)
{
    to->a = seed;
    to->b = seed * 3;
    to->c = seed & 1;
    to->d = -(int)(seed & 7);
    to->e = 0x123456789aull + seed;
    to->f = 0xabcdef;
    to->g = seed > 4;
    to->bytes[seed & 3] = (unsigned char)(seed >> 8);
}

static __attribute__((noinline)) uint16_t checksum(const unsigned char *from,
                                                   int bytes)
{
    uint32_t sum = 0;

    for (; bytes > 1; bytes -= 2, from += 2)
        sum += (uint32_t)(from[0] << 8 | from[1]);
    if (bytes)
        sum += (uint32_t)(from[0] << 8);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void wide(void)
{
    unsigned __int128 a = (unsigned __int128)hidden(0x123456789abcdefull)
                              << 64 |
                          hidden(0xfedcba9876543210ull);
    unsigned __int128 b = hidden(0xffffffffffull);

    CHECK(a / b * b + a % b == a && a % b < b);
    CHECK((uint64_t)((unsigned __int128)hidden(~0ull) * 3 >> 64) == 2);
    CHECK(-(__int128)a / (__int128)b == -(__int128)(a / b));
    CHECK(-(__int128)a % (__int128)b == -(__int128)(a % b));
    CHECK(a / hidden(7ull) == a / 7 && a % hidden(7ull) == a % 7);
    CHECK((a % b) * 2 + a / b == hidden(2) * (a % b) + a / b);
    CHECK((__int128)a % -(__int128)b == (__int128)(a % b));
}

static void bits(void)
{
    CHECK(__builtin_popcountll(hidden(0xf0f0f0f0f0f0f0f1ull)) == 33);
    CHECK(__builtin_popcount(hidden(7u)) == 3);
    CHECK(__builtin_ctzll(hidden(0x1000ull)) == 12);
    CHECK(__builtin_clz(hidden(1u)) == 31);
    CHECK(__builtin_bswap32(hidden(0x01020304u)) == 0x04030201);
    CHECK(__builtin_bswap64(hidden(1ull)) == 1ull << 56);
    CHECK((hidden(0x80000001u) << hidden(1) |
           hidden(0x80000001u) >> (32 - hidden(1))) == 3);
    CHECK(hidden(-8ll) >> hidden(1) == -4);
}

int tp_main(void)
{
    unsigned char out[4] = {1, 2, 3, 4};
    struct fields fields = {0};
    int64_t rest;

    CHECK(divide(hidden(-1000000000007ll), 10, &rest) == -100000000000ll);
    CHECK(rest == -7);
    CHECK(divide_unsigned(~0ull, hidden(10ull)) ==
          1844674407370955161ull * 1000 + 5);
    split(hidden(0x12345678u), out);
    CHECK(out[0] == 0x56 && out[1] == 0x78 && out[2] == 0);
    CHECK(high_bytes(hidden(0x1200u), 0x3400, out) == 0x684c);
    pack(&fields, hidden(0x305u));
    CHECK(fields.a == 5 && fields.b == (0x305 * 3 & 511) && fields.c == 1);
    CHECK(fields.d == -5 && fields.e == 0x123456789aull + 0x305);
    CHECK(fields.f == 0xabcdef && fields.g && fields.bytes[1] == 3);
    CHECK(checksum((const unsigned char *)"ab", 2) == 0x9e9d);
    wide();
    bits();
    return check_failures;
}
