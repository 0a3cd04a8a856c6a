/* SPDX-License-Identifier: MIT */
/* number.c - numbers from text (ISO C11, 7.22.1), without errno. */
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct number {
    uint64_t magnitude; /* UINT64_MAX also for all that is larger */
    bool negative;
    const char *end; /* where the text went on; the start if no number */
};

static int digit_value(char c)
{
    if (isdigit(c))
        return c - '0';
    if (isalpha(c))
        return tolower(c) - 'a' + 10;
    return INT_MAX;
}

/* Skip "0x" if a digit follows, and settle base 0. */
static const char *skip_prefix(const char *text, int *base)
{
    bool hex = text[0] == '0' && tolower(text[1]) == 'x' && isxdigit(text[2]);

    if (hex && (*base == 0 || *base == 16)) {
        *base = 16;
        return text + 2;
    }
    if (*base == 0)
        *base = text[0] == '0' ? 8 : 10;
    return text;
}

static struct number scan(const char *text, int base)
{
    struct number number = {.end = text};

    if (base < 0 || base == 1 || base > 36)
        return number;
    while (isspace(*text))
        text++;
    if (*text == '-' || *text == '+')
        number.negative = *text++ == '-';
    text = skip_prefix(text, &base);
    for (; digit_value(*text) < base; text++) {
        uint64_t next;

        if (__builtin_mul_overflow(number.magnitude, (uint64_t)base, &next) ||
            __builtin_add_overflow(next, (uint64_t)digit_value(*text), &next))
            next = UINT64_MAX;
        number.magnitude = next;
        number.end = text + 1;
    }
    return number;
}

unsigned long long strtoull(const char *restrict text, char **restrict end,
                            int base)
{
    struct number number = scan(text, base);

    if (end)
        *end = (char *)(uintptr_t)number.end;
    return number.negative ? -number.magnitude : number.magnitude;
}

long long strtoll(const char *restrict text, char **restrict end, int base)
{
    struct number number = scan(text, base);

    if (end)
        *end = (char *)(uintptr_t)number.end;
    if (number.negative)
        return number.magnitude > LLONG_MAX ? LLONG_MIN
                                            : -(long long)number.magnitude;
    return number.magnitude > LLONG_MAX ? LLONG_MAX
                                        : (long long)number.magnitude;
}

unsigned long strtoul(const char *restrict text, char **restrict end, int base)
{
    return strtoull(text, end, base);
}

long strtol(const char *restrict text, char **restrict end, int base)
{
    return strtoll(text, end, base);
}

int atoi(const char *text)
{
    return (int)strtoll(text, NULL, 10);
}

long atol(const char *text)
{
    return strtoll(text, NULL, 10);
}

long long atoll(const char *text)
{
    return strtoll(text, NULL, 10);
}
