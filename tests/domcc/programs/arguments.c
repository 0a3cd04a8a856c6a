/* SPDX-License-Identifier: MIT */
/* More than six arguments, structures by value in and out, varargs. */
#include "check.h"
#include <stdarg.h>
#include <stdint.h>

static __attribute__((noinline)) long ten(int a, long b, short c, char d, int e,
                                          int f, int g, long h, char i, int j)
{
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i +
           10 * j;
}

static __attribute__((noinline)) double many(double a, double b, double c,
                                             double d, double e, double f,
                                             double g, double h, double i,
                                             int j, double k)
{
    return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9 +
           j * 10 + k * 11;
}

struct pair {
    long one, two;
};

struct large {
    int list[40];
    char tail;
};

struct mixed {
    double d;
    int i;
};

static __attribute__((noinline)) struct pair swap(struct pair pair)
{
    return (struct pair){pair.two, pair.one};
}

static __attribute__((noinline)) struct mixed mix(struct mixed a, int by)
{
    return (struct mixed){a.d * by, a.i * by};
}

static __attribute__((noinline)) struct large change(struct large large, int at,
                                                     int value)
{
    large.list[at] = value;
    large.tail++;
    return large;
}

/* The stack arguments lie behind a structure that lies there too. */
static __attribute__((noinline)) int deep(struct large a, int b, int c, int d,
                                          int e, int f, int g, int h,
                                          struct pair p)
{
    return a.list[3] + b + c + d + e + f + 10 * g + 100 * h + (int)p.two;
}

static __attribute__((noinline)) long total(const char *kinds, ...)
{
    va_list list;
    long sum = 0;

    va_start(list, kinds);
    for (; *kinds; kinds++) {
        if (*kinds == 'i')
            sum += va_arg(list, int);
        else if (*kinds == 'l')
            sum += va_arg(list, long);
        else if (*kinds == 'd')
            sum += (long)(va_arg(list, double) * 2);
        else if (*kinds == 'p')
            sum += va_arg(list, struct pair).two;
    }
    va_end(list);
    return sum;
}

static __attribute__((noinline)) long relay(int count, va_list list)
{
    va_list again;
    long sum = 0;

    va_copy(again, list);
    for (int i = 0; i < count; i++)
        sum += va_arg(list, int);
    for (int i = 0; i < count; i++)
        sum += 1000 * va_arg(again, int);
    va_end(again);
    return sum;
}

static __attribute__((noinline)) long twice(int count, ...)
{
    va_list list;
    long sum;

    va_start(list, count);
    sum = relay(count, list);
    va_end(list);
    return sum;
}

static void structures(void)
{
    struct pair pair = swap((struct pair){hidden(1L), hidden(2L)});
    struct mixed mixed = mix((struct mixed){1.5, 7}, hidden(4));
    struct large large = {.list = {[3] = 3}, .tail = 5}, changed;

    CHECK(pair.one == 2 && pair.two == 1);
    CHECK(mixed.d == 6.0 && mixed.i == 28);
    changed = change(large, hidden(39), 77);
    CHECK(changed.list[39] == 77 && changed.tail == 6);
    CHECK(large.list[39] == 0 && large.tail == 5);
    CHECK(deep(large, 1, 1, 1, 1, 1, hidden(2), hidden(3), pair) == 329);
}

int tp_main(void)
{
    CHECK(ten(1, 1, 1, 1, 1, 1, hidden(2), hidden(3L), 4, 5) == 145);
    CHECK(many(1, 1, 1, 1, 1, 1, 1, 1, 2, hidden(3), 4.0) == 128.0);
    structures();
    CHECK(total("") == 0);
    CHECK(total("iliid", 1, 2L, 3, 4, 2.5) == 15);
    CHECK(total("iiiiiiiilll", 1, 2, 3, 4, 5, 6, 7, 8, 9L, 10L, 11L) == 66);
    CHECK(total("dddddddddd", 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.) == 20);
    CHECK(total("pip", (struct pair){1, 2}, 3, (struct pair){4, 5}) == 10);
    CHECK(twice(7, 1, 2, 3, 4, 5, 6, 7) == 28028);
    return check_failures;
}
