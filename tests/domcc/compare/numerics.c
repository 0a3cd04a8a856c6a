/* SPDX-License-Identifier: MIT */
/*
 * Floating point: math.h, conversions, comparisons with NaN, sorting, sums of
 * products, variable arguments. Values are printed as their bits.
 */
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 0x9e3779b97f4a7c15u;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* All kinds of doubles, or those of a size that integers have. */
static double any_double(int moderate)
{
    uint64_t bits = next_random();
    double value;

    if (moderate)
        bits = (bits & 0x800fffffffffffffu) | (0x3f0 + bits % 0x80) << 52;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Whatever NaN it is, only that it is one is the standard's. */
static uint64_t bits_of(double value)
{
    uint64_t bits;

    if (isnan(value))
        return 0x7ff8000000000000u;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint64_t sum;

static void add(double value)
{
    sum = (sum << 7 | sum >> 57) + bits_of(value);
}

static const double special[] = {
    0.0,   -0.0,      0.5,       -0.5,      0.49999999999999994,
    1.5,   2.5,       -2.5,      1e300,     -1e-300,
    5e-324, -5e-324,  INFINITY,  -INFINITY, 4503599627370495.5,
    NAN,   2.2250738585072014e-308, 9007199254740993.0, -1e15 - 0.5, 3.0,
};

#define SPECIALS (sizeof special / sizeof *special)

static void whole_numbers(double x)
{
    float f = (float)x;

    add(floor(x)), add(ceil(x)), add(trunc(x)), add(round(x));
    add((double)floorf(f)), add((double)ceilf(f));
    add((double)truncf(f)), add((double)roundf(f));
    if (fabs(x) < 1e18)
        sum += (uint64_t)lround(x) + (uint64_t)lroundf(f);
}

static void parts(double x)
{
    int exponent = 0;
    float whole_float = 0;
    double whole = 0;

    add(modf(x, &whole)), add(whole);
    add((double)modff((float)x, &whole_float)), add((double)whole_float);
    if (!isfinite(x))
        return;
    add(frexp(x, &exponent)), add(exponent);
    for (int by = -2200; by <= 2200; by += 73)
        add(ldexp(x, by)), add((double)ldexpf((float)x, by));
    add(scalbn(x, exponent));
    add((double)frexpf((float)x, &exponent)), add(exponent);
    add(fabs(x)), add((double)fabsf((float)x));
    add(sqrt(fabs(x))), add((double)sqrtf(fabsf((float)x)));
}

static void pairs(double x, double y)
{
    add(fmod(x, y)), add((double)fmodf((float)x, (float)y));
    add(copysign(x, y)), add((double)copysignf((float)x, (float)y));
    if (x == 0 && y == 0)
        return; /* which zero is the lesser is not the standard's */
    add(fmin(x, y)), add(fmax(x, y));
    add((double)fminf((float)x, 2.5f)), add((double)fmaxf(2.5f, (float)y));
}

static void functions(void)
{
    for (size_t i = 0; i < SPECIALS; i++) {
        whole_numbers(special[i]);
        parts(special[i]);
        for (size_t j = 0; j < SPECIALS; j++)
            pairs(special[i], special[j]);
        printf("special %d: %016llx\n", (int)i, (unsigned long long)sum);
    }
    for (int i = 0; i < 3000; i++) {
        double x = any_double(i & 1), y = any_double(i & 2);

        whole_numbers(x);
        parts(x);
        pairs(x, y);
    }
    printf("functions: %016llx\n", (unsigned long long)sum);
}

/* A bit for each comparison that holds. */
static unsigned compare(double a, double b)
{
    volatile double x = a, y = b;
    volatile float f = (float)a, g = (float)b;

    return (unsigned)((x < y) | (x <= y) << 1 | (x == y) << 2 | (x != y) << 3 |
                      (x > y) << 4 | !(x >= y) << 5 | (f < g) << 6 |
                      (f == g) << 7 | !!isunordered(x, y) << 8 |
                      !!isless(x, y) << 9);
}

static void kinds(void)
{
    for (size_t i = 0; i < SPECIALS; i++) {
        volatile double x = special[i];
        uint64_t compared = 0;

        for (size_t j = 0; j < SPECIALS; j++)
            compared = compared * 1021 + compare(x, special[j]);
        printf("kind %d%d%d%d%d, compared %016llx\n", !!isnan(x), isinf(x),
               !!isfinite(x), !!isnormal(x), !!signbit(x),
               (unsigned long long)compared);
    }
}

/* Where the standard says what the result is. */
static void conversions(void)
{
    for (int i = 0; i < 2000; i++) {
        uint64_t whole = next_random() >> i % 64;
        unsigned __int128 wide = (unsigned __int128)whole << i % 64 | whole;
        double value = any_double(1);
        double small = value / 0x1p40;

        add((double)whole), add((double)(int64_t)whole);
        add((double)(float)whole), add((double)(float)(int64_t)whole);
        add((double)(uint32_t)whole), add((double)(float)(uint32_t)whole);
        add((double)(int)whole), add((double)(short)whole);
        add((double)wide), add((double)(float)wide);
        add((double)-(__int128)(wide >> 1));
        if (fabs(small) < 0x1p31)
            sum += (uint64_t)(int64_t)(int)small;
        if (fabs(value) < 0x1p63)
            sum += (uint64_t)(int64_t)value;
        if (fabs(value) < 0x1p64 && value > 0)
            sum += (uint64_t)value;
        if (fabs(value) < 0x1p126)
            sum += (uint64_t)((__int128)value >> 17);
    }
    printf("conversions: %016llx\n", (unsigned long long)sum);
}

static int by_value(const void *one, const void *two)
{
    const double *a = one, *b = two;

    return (*a > *b) - (*a < *b);
}

static void sorting(void)
{
    double list[300];

    for (int i = 0; i < 300; i++)
        list[i] = any_double(1);
    qsort(list, 300, sizeof *list, by_value);
    for (int i = 0; i < 300; i += 23)
        printf("sorted %d: %016llx\n", i, (unsigned long long)bits_of(list[i]));
}

static void matrices(void)
{
    static double one[24][24], two[24][24], product[24][24];
    static float small[24][24];

    for (int i = 0; i < 24 * 24; i++) {
        one[i / 24][i % 24] = any_double(1) / 0x1p60;
        two[i / 24][i % 24] = (double)(next_random() % 1000) / 7;
    }
    for (int i = 0; i < 24; i++)
        for (int j = 0; j < 24; j++)
            for (int k = 0; k < 24; k++) {
                product[i][j] += one[i][k] * two[k][j];
                small[i][j] += (float)(two[i][k] / 3) * (float)two[k][j];
            }
    for (int i = 0; i < 24 * 24; i++)
        add(product[i / 24][i % 24]), add((double)small[i / 24][i % 24]);
    printf("matrices: %016llx\n", (unsigned long long)sum);
}

/* Doubles and integers in turn, more of both than there are registers. */
static double total(int count, ...)
{
    double result = 0;
    va_list list;

    va_start(list, count);
    for (int i = 0; i < count; i++) {
        double factor = va_arg(list, double);

        result = result * 0.75 + factor * va_arg(list, int);
    }
    va_end(list);
    return result;
}

int tp_main(void);

int tp_main(void)
{
    functions();
    kinds();
    conversions();
    sorting();
    matrices();
    printf("total: %016llx\n",
           (unsigned long long)bits_of(
               total(12, 1.5, 1, 2.25, -2, 3.125, 3, 4.1, 4, 5.2, 5, 6.3, 6,
                     7.4, 7, 8.5, 8, 9.6, 9, 10.7, 10, 11.8, 11, 12.9, 12)));
    return 0;
}
