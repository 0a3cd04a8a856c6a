/* SPDX-License-Identifier: MIT */
/*
 * math.h - floating point, for domains: what can be done exactly.
 *
 * Contracts are the standard's (ISO C11, 7.12); every result is the one that
 * IEEE 754 gives, so it is the host's too. Not here: sin, exp, log, pow and
 * the like, whose results are approximations, and long double. There is no
 * errno, and nothing looks at the exception flags.
 */
#pragma once

#define HUGE_VAL __builtin_huge_val()
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")

#define M_E 2.7182818284590452354
#define M_LN2 0.69314718055994530942
#define M_PI 3.14159265358979323846
#define M_PI_2 1.57079632679489661923
#define M_PI_4 0.78539816339744830962
#define M_SQRT2 1.41421356237309504880
#define M_SQRT1_2 0.70710678118654752440

#define isnan(x) __builtin_isnan(x)
#define isinf(x) __builtin_isinf_sign(x)
#define isfinite(x) __builtin_isfinite(x)
#define isnormal(x) __builtin_isnormal(x)
#define signbit(x) __builtin_signbit(x)
#define isless(x, y) __builtin_isless(x, y)
#define isgreater(x, y) __builtin_isgreater(x, y)
#define isunordered(x, y) __builtin_isunordered(x, y)

static inline double fabs(double x)
{
    return __builtin_fabs(x);
}

static inline float fabsf(float x)
{
    return __builtin_fabsf(x);
}

static inline double sqrt(double x)
{
    return __builtin_sqrt(x);
}

static inline float sqrtf(float x)
{
    return __builtin_sqrtf(x);
}

static inline double copysign(double x, double sign)
{
    return __builtin_copysign(x, sign);
}

static inline float copysignf(float x, float sign)
{
    return __builtin_copysignf(x, sign);
}

double floor(double x);
double ceil(double x);
double trunc(double x);
double round(double x);
float floorf(float x);
float ceilf(float x);
float truncf(float x);
float roundf(float x);
long lround(double x);
long lroundf(float x);

double fmod(double x, double y);
float fmodf(float x, float y);
double fmin(double x, double y);
double fmax(double x, double y);
float fminf(float x, float y);
float fmaxf(float x, float y);

double frexp(double x, int *exponent);
double ldexp(double x, int exponent);
double scalbn(double x, int exponent);
double modf(double x, double *whole);
float frexpf(float x, int *exponent);
float ldexpf(float x, int exponent);
float modff(float x, float *whole);
