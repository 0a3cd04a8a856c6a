/* SPDX-License-Identifier: MIT */
/*
 * wide.c - between 128-bit integers and floating point. The names are the
 * compiler's (GCC internals, 4.2). What does not fit is undefined in C, and
 * unpredictable here.
 */
#include <stdint.h>

float __floattisf(__int128 value);
double __floattidf(__int128 value);
float __floatuntisf(unsigned __int128 value);
double __floatuntidf(unsigned __int128 value);
__int128 __fixsfti(float value);
__int128 __fixdfti(double value);
unsigned __int128 __fixunssfti(float value);
unsigned __int128 __fixunsdfti(double value);

struct scaled {
    uint64_t top; /* its lowest bit also stands for any that were cut off */
    float factor; /* a power of two */
};

/* So that the one conversion of the top rounds as one of the whole would. */
static struct scaled scale(unsigned __int128 value)
{
    uint64_t high = (uint64_t)(value >> 64);
    struct scaled scaled = {(uint64_t)value, 1};
    int bits;

    if (!high)
        return scaled;
    bits = 64 - __builtin_clzll(high);
    scaled.top = (uint64_t)(value >> bits);
    scaled.top |= value << (128 - bits) != 0;
    scaled.factor = bits < 64 ? (float)(1ull << bits) : 0x1p64f;
    return scaled;
}

double __floatuntidf(unsigned __int128 value)
{
    struct scaled scaled = scale(value);

    return (double)scaled.top * (double)scaled.factor;
}

float __floatuntisf(unsigned __int128 value)
{
    struct scaled scaled = scale(value);

    return (float)scaled.top * scaled.factor;
}

double __floattidf(__int128 value)
{
    return value < 0 ? -__floatuntidf(-(unsigned __int128)value)
                     : __floatuntidf((unsigned __int128)value);
}

float __floattisf(__int128 value)
{
    return value < 0 ? -__floatuntisf(-(unsigned __int128)value)
                     : __floatuntisf((unsigned __int128)value);
}

/* The high half is exact, and so is what is left for the low one. */
unsigned __int128 __fixunsdfti(double value)
{
    uint64_t high = (uint64_t)(value * 0x1p-64);

    return (unsigned __int128)high << 64 |
           (uint64_t)(value - (double)high * 0x1p64);
}

unsigned __int128 __fixunssfti(float value)
{
    return __fixunsdfti(value);
}

__int128 __fixdfti(double value)
{
    return value < 0 ? -(__int128)__fixunsdfti(-value)
                     : (__int128)__fixunsdfti(value);
}

__int128 __fixsfti(float value)
{
    return __fixdfti(value);
}
