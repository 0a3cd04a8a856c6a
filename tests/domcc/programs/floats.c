/* SPDX-License-Identifier: MIT */
/* SSE2 arithmetic, conversions, vectors; locals and statics of 16 bytes. */
#include "check.h"
#include <emmintrin.h>
#include <stdint.h>

static double table[16];
static __m128i pattern = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

static __attribute__((noinline)) double polynomial(double x, int degree)
{
    double sum = 0;

    for (int i = degree; i >= 0; i--)
        sum = sum * x + table[i];
    return sum;
}

static __attribute__((noinline)) float mean(const float *from, int count)
{
    float sum = 0;

    for (int i = 0; i < count; i++)
        sum += from[i];
    return sum / (float)count;
}

static __attribute__((noinline)) int bytes_above(const unsigned char *from,
                                                 int limit)
{
    __m128i data = _mm_loadu_si128((const __m128i *)from);
    __m128i bound = _mm_set1_epi8((char)limit);

    return _mm_movemask_epi8(_mm_cmpgt_epi8(data, bound));
}

/* Vector registers are not kept by calls, so these live in the frame. */
static __attribute__((noinline)) double spill(double a, double b, double c)
{
    double x = a * b, y = b * c, z = a * c;

    x += polynomial(a, 3);
    y += polynomial(b, 3);
    z += polynomial(c, 3);
    return x * y - z;
}

static void conversions(void)
{
    CHECK((int)hidden(-7ll) / 2.0 == -3.5);
    CHECK((uint64_t)(double)hidden(1ull << 63) == 1ull << 63);
    CHECK((double)hidden(~0ull) == 18446744073709551616.0);
    CHECK((int)(float)hidden(16777217) == 16777216);
    CHECK((long)(1e15 + (double)hidden(3)) == 1000000000000003);
    CHECK(__builtin_sqrt((double)hidden(2025)) == 45.0);
}

int tp_main(void)
{
    float list[10];
    __m128i sum;

    for (int i = 0; i < 16; i++)
        table[i] = i + 0.5;
    for (int i = 0; i < 10; i++)
        list[i] = (float)i;
    CHECK(polynomial(2.0, hidden(3)) == 0.5 + 3 + 10 + 28);
    CHECK(mean(list, hidden(10)) == 4.5f);
    CHECK(spill(1.0, 2.0, 3.0) == (2 + 8) * (6 + 41.5) - (3 + 122));
    CHECK(bytes_above((const unsigned char *)&pattern, hidden(11)) == 0xf000);
    sum = _mm_add_epi32(pattern, pattern);
    CHECK(_mm_cvtsi128_si64(sum) == 0x0e0c0a0806040200);
    conversions();
    return check_failures;
}
