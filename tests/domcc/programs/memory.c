/* SPDX-License-Identifier: MIT */
/* memcpy and its kin: all sizes and alignments, and what lies beside. */
#include "check.h"
#include <stdint.h>
#include <string.h>

enum { ROOM = 700 };

static unsigned char from[ROOM], to[ROOM];

static void prepare(void)
{
    for (int i = 0; i < ROOM; i++) {
        from[i] = (unsigned char)(i * 7 + 3);
        to[i] = 0xee;
    }
}

static int is_clean(int start, int bytes)
{
    for (int i = 0; i < ROOM; i++)
        if ((i < start || i >= start + bytes) && to[i] != 0xee)
            return 0;
    return 1;
}

static int copies(int source, int target, int bytes)
{
    prepare();
    if (memcpy(to + target, from + source, (size_t)bytes) != to + target)
        return 0;
    for (int i = 0; i < bytes; i++)
        if (to[target + i] != (unsigned char)((source + i) * 7 + 3))
            return 0;
    return is_clean(target, bytes);
}

static int fills(int target, int bytes)
{
    prepare();
    memset(to + target, 0x5a, (size_t)bytes);
    for (int i = 0; i < bytes; i++)
        if (to[target + i] != 0x5a)
            return 0;
    return is_clean(target, bytes);
}

static int moves(int source, int target, int bytes)
{
    prepare();
    memmove(from + target, from + source, (size_t)bytes);
    for (int i = 0; i < bytes; i++)
        if (from[target + i] != (unsigned char)((source + i) * 7 + 3))
            return 0;
    return 1;
}

static int sign(int value)
{
    return value < 0 ? -1 : value > 0;
}

static void compares(void)
{
    prepare();
    memcpy(to, from, 300);
    for (int bytes = 0; bytes < 70; bytes++)
        CHECK(memcmp(to + 1, from + 1, (size_t)bytes) == 0);
    for (int at = 0; at < 40; at++) {
        to[at] ^= 0x80;
        CHECK(sign(memcmp(to, from, 40)) == (to[at] < from[at] ? -1 : 1));
        CHECK(memcmp(to, from, (size_t)at) == 0);
        to[at] ^= 0x80;
    }
    CHECK(memchr(from, from[77], 300) == &from[77]);
    CHECK(memchr(from, from[77], 77) == NULL);
}

int tp_main(void)
{
    for (int bytes = 0; bytes <= 300; bytes++) {
        int a = bytes % 17, b = bytes * 5 % 19;

        CHECK(copies(a, b, bytes) && copies(0, b, bytes));
        CHECK(fills(b, bytes));
        CHECK(moves(20, 20 - a, bytes) && moves(20, 20 + a, bytes));
        CHECK(moves(100, 36, bytes) && moves(36, 100, bytes));
    }
    for (int a = 0; a < 16; a++)
        for (int b = 0; b < 16; b++)
            CHECK(copies(a, b, 77));
    compares();
    return check_failures;
}
