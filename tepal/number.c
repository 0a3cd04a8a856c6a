/* SPDX-License-Identifier: MIT */
/* number.c - numbers as people write them. */
#include "number.h"
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

static bool add_digit(uint64_t *value, char digit)
{
    return !__builtin_mul_overflow(*value, 10u, value) &&
           !__builtin_add_overflow(*value, (uint64_t)(digit - '0'), value);
}

bool number_whole(const char *text, uint64_t *value)
{
    *value = 0;
    if (!*text || text[strspn(text, DIGITS)])
        return false;
    for (; *text; text++)
        if (!add_digit(value, *text))
            return false;
    return true;
}

bool number_real(const char *text, double *value)
{
    size_t whole = strspn(text, DIGITS), part = 0;

    if (whole && text[whole] == '.')
        part = 1 + strspn(text + whole + 1, DIGITS);
    if (!whole || part == 1 || text[whole + part])
        return false;
    *value = strtod(text, NULL);
    return true;
}

bool number_seconds(const char *text, uint64_t *nanoseconds)
{
    uint64_t value = 0;
    size_t i, digits = 0;
    double real;

    if (!number_real(text, &real))
        return false;
    for (i = 0; text[i] && text[i] != '.'; i++)
        if (!add_digit(&value, text[i]))
            return false;
    if (text[i] == '.')
        i++;
    for (; text[i]; i++, digits++)
        if (!add_digit(&value, text[i]))
            return false;
    for (; digits < 9; digits++)
        if (!add_digit(&value, '0'))
            return false;
    *nanoseconds = value;
    return digits == 9;
}
