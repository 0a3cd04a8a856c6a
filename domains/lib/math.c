/* SPDX-License-Identifier: MIT */
/*
 * math.c - floating point that is exact (ISO C11, 7.12).
 *
 * Doubles are read and made as their bits: IEEE 754, binary64. The float
 * versions go through double, which holds every result of theirs; ldexpf
 * alone rounds, and once, for the power of two is exact in double.
 */
#include <math.h>
#include <stdint.h>

#define FRACTION_BITS 52
#define FRACTION ((1ull << FRACTION_BITS) - 1)
#define BIAS 1023

static uint64_t bits_of(double x)
{
    union {
        double value;
        uint64_t bits;
    } both = {.value = x};

    return both.bits;
}

static double from_bits(uint64_t bits)
{
    union {
        uint64_t bits;
        double value;
    } both = {.bits = bits};

    return both.value;
}

/* Of a normal number; below all of them for zero and the subnormal ones. */
static int exponent_of(double x)
{
    return (int)(bits_of(x) >> FRACTION_BITS & 0x7ff) - BIAS;
}

double trunc(double x)
{
    int exponent = exponent_of(x);

    if (exponent < 0)
        return copysign(0, x);
    if (exponent >= FRACTION_BITS)
        return x;
    return from_bits(bits_of(x) & ~(FRACTION >> exponent));
}

double floor(double x)
{
    double whole = trunc(x);

    return whole > x ? whole - 1 : whole;
}

double ceil(double x)
{
    double whole = trunc(x);

    return whole < x ? copysign(whole + 1, x) : whole;
}

double round(double x)
{
    double whole = trunc(x);

    return fabs(x - whole) >= 0.5 ? whole + copysign(1, x) : whole;
}

float floorf(float x)
{
    return (float)floor(x);
}

float ceilf(float x)
{
    return (float)ceil(x);
}

float truncf(float x)
{
    return (float)trunc(x);
}

float roundf(float x)
{
    return (float)round(x);
}

long lround(double x)
{
    return (long)round(x);
}

long lroundf(float x)
{
    return (long)round(x);
}

/* 2 to the power of @exponent, which is that of a normal number. */
static double power_of_two(int exponent)
{
    return from_bits((uint64_t)(BIAS + exponent) << FRACTION_BITS);
}

/*
 * In at most three steps. The small ones leave room for all bits of the
 * fraction, so that only the last of them rounds.
 */
double ldexp(double x, int exponent)
{
    const int up = 1023, down = -1022 + FRACTION_BITS + 1;

    for (int step = 0; step < 2 && exponent > up; step++) {
        x *= power_of_two(up);
        exponent -= up;
    }
    for (int step = 0; step < 2 && exponent < -1022; step++) {
        x *= power_of_two(down);
        exponent -= down;
    }
    if (exponent > up)
        exponent = up;
    if (exponent < -1022)
        exponent = -1022;
    return x * power_of_two(exponent);
}

double scalbn(double x, int exponent)
{
    return ldexp(x, exponent);
}

float ldexpf(float x, int exponent)
{
    return (float)ldexp(x, exponent);
}

double frexp(double x, int *exponent)
{
    int scaled = 0;

    *exponent = 0;
    if (x == 0 || !isfinite(x))
        return x;
    if (!isnormal(x)) {
        scaled = 64;
        x *= 0x1p64;
    }
    *exponent = exponent_of(x) + 1 - scaled;
    return from_bits((bits_of(x) & ~(0x7ffull << FRACTION_BITS)) |
                     (uint64_t)(BIAS - 1) << FRACTION_BITS);
}

float frexpf(float x, int *exponent)
{
    return (float)frexp(x, exponent);
}

double modf(double x, double *whole)
{
    *whole = trunc(x);
    return copysign(isinf(x) ? 0 : x - *whole, x);
}

float modff(float x, float *whole)
{
    double part, rest = modf(x, &part);

    *whole = (float)part;
    return (float)rest;
}

/*
 * Long division by multiples of |y| that are powers of two. Each difference
 * is exact: what is taken away is more than half of what is there.
 */
double fmod(double x, double y)
{
    double rest = fabs(x), by = fabs(y);
    int high, low;

    if (by == 0 || isnan(y) || !isfinite(x))
        return x * y / (x * y);
    if (isinf(y))
        return x;
    frexp(rest, &high);
    frexp(by, &low);
    for (int power = high - low; power >= 0; power--) {
        double multiple = ldexp(by, power);

        if (rest >= multiple)
            rest -= multiple;
    }
    return copysign(rest, x);
}

float fmodf(float x, float y)
{
    return (float)fmod(x, y);
}

/* A NaN is no number to choose. */
double fmin(double x, double y)
{
    return isnan(x) || y < x ? y : x;
}

double fmax(double x, double y)
{
    return isnan(x) || y > x ? y : x;
}

float fminf(float x, float y)
{
    return isnan(x) || y < x ? y : x;
}

float fmaxf(float x, float y)
{
    return isnan(x) || y > x ? y : x;
}
