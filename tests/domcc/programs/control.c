/* SPDX-License-Identifier: MIT */
/* Switches, recursion, tail calls, calls that do not return, deep nesting. */
#include "check.h"
#include <stdlib.h>
#include <tepal/kernel.h>

static __attribute__((noinline)) int classify(int value)
{
    switch (value) {
    case 0:
        return 5;
    case 1:
        return 17;
    case 2:
        return 3;
    case 3:
        return 99;
    case 4:
        return 42;
    case 5:
        return -1;
    case 6:
        return 1;
    case 7:
        return 2;
    case 8:
        return 8;
    case 100:
        return 12;
    case 1000:
        return 13;
    case -5:
        return 14;
    default:
        return 0;
    }
}

/* Dense cases with different code: would be a jump table elsewhere. */
static __attribute__((noinline)) int act(int what, int *state)
{
    switch (what) {
    case 0:
        *state += 1;
        break;
    case 1:
        *state *= 2;
        break;
    case 2:
        *state -= 3;
        break;
    case 3:
        *state ^= 5; /* fall through */
    case 4:
        *state |= 64;
        break;
    case 5:
        return *state;
    case 6:
        *state = classify(*state);
        break;
    case 7:
        *state <<= 1;
        break;
    default:
        return -1;
    }
    return 0;
}

static __attribute__((noinline)) int ackermann(int m, int n)
{
    if (m == 0)
        return n + 1;
    if (n == 0)
        return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

static int is_odd(unsigned n);

static __attribute__((noinline)) int is_even(unsigned n)
{
    return n == 0 ? 1 : is_odd(n - 1);
}

static __attribute__((noinline)) int is_odd(unsigned n)
{
    return n == 0 ? 0 : is_even(n - 1);
}

static __attribute__((noinline, noreturn)) void die(int why)
{
    printf("died %d\n", why);
    abort();
}

/* Calls that do not return stand between blocks of other depths. */
static __attribute__((noinline)) int guarded(int a, int b, int *c)
{
    int list[10];

    if (a < 0)
        die(a);
    for (int i = 0; i < 10; i++)
        list[i] = classify(a + i);
    if (list[b] == 12345)
        die(b);
    if (!c)
        return list[b];
    *c = list[b] + classify(b);
    if (*c == 54321)
        die(*c);
    return *c;
}

static __attribute__((noinline)) int unreachable_end(int a)
{
    if (a == 1)
        return classify(2);
    if (a == 2)
        return classify(3);
    __builtin_unreachable();
}

/* More live values than registers, across calls. */
static __attribute__((noinline)) long live(int a, int b, int c, int d, int e,
                                           int f)
{
    long p = classify(a), q = classify(b), r = classify(c), s = classify(d);
    long t = classify(e), u = classify(f), v = classify(a + 1);
    long w = classify(b + 1), x = classify(c + 1), y = classify(d + 1);

    return p + 2 * q + 3 * r + 4 * s + 5 * t + 6 * u + 7 * v + 8 * w + 9 * x +
           10 * y + a + b + c + d + e + f;
}

/* A service call with much that is live, and from a function with a frame. */
static __attribute__((noinline)) long around_service(const int *from, int n)
{
    int copy[16];
    long sum = 0;

    for (int i = 0; i < n; i++)
        copy[i] = from[i] * 3;
    for (int i = 0; i < n; i++) {
        sum += tp_cycles() ? copy[i] : 0;
        copy[i] = (int)sum;
    }
    return sum + copy[n - 1];
}

int tp_main(void)
{
    int state = 1, list[16], out = 0;

    CHECK(classify(hidden(4)) == 42 && classify(hidden(1000)) == 13);
    CHECK(classify(hidden(-5)) == 14 && classify(hidden(7777)) == 0);
    for (int i = 0; i < 8; i++)
        act(hidden(i), &state);
    CHECK(act(hidden(5), &state) == state && act(hidden(9), &state) == -1);
    CHECK(ackermann(2, hidden(9)) == 21);
    CHECK(is_even(hidden(10000u)) == 1 && is_odd(hidden(7u)) == 1);
    CHECK(guarded(hidden(0), 4, NULL) == 42);
    CHECK(guarded(hidden(0), 4, &out) == 84 && out == 84);
    CHECK(unreachable_end(hidden(2)) == 99);
    CHECK(live(hidden(0), 1, 2, 3, 4, 5) == 2117);
    for (int i = 0; i < 16; i++)
        list[i] = i;
    CHECK(around_service(list, hidden(16)) == 720);
    return check_failures;
}
