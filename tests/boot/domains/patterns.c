/* SPDX-License-Identifier: MIT */
/*
 * patterns.c - works with as many registers as there are, the same again and
 * again, and fails when it does not come to the same: somebody else's values
 * have got into them. args: a number, from which its own are made.
 */
#include "tepal/kernel.h"

#define ROUNDS 150
#define TURNS 20000
#define WHOLE 9   /* lanes of integers */
#define BROKEN 14 /* and of floating point */

int tp_main(void);

/* volatile: or gcc sees that it comes to the same. */
static volatile uint64_t start;

static uint64_t work(uint64_t seed)
{
    uint64_t whole[WHOLE], sum = 0;
    double broken[BROKEN];
    int i, turn;

    for (i = 0; i < WHOLE; i++)
        whole[i] = seed + (uint64_t)i;
    for (i = 0; i < BROKEN; i++)
        broken[i] = (double)(seed % 1000) + i;
#pragma GCC unroll 16
    for (turn = 0; turn < TURNS; turn++) {
#pragma GCC unroll 16
        for (i = 0; i < WHOLE; i++)
            whole[i] = whole[i] * 6364136223846793005u + (uint64_t)turn;
#pragma GCC unroll 16
        for (i = 0; i < BROKEN; i++)
            broken[i] += (double)(turn + i); /* never forgets */
    }
    for (i = 0; i < WHOLE; i++)
        sum = sum * 31 + whole[i];
    for (i = 0; i < BROKEN; i++)
        sum = sum * 31 + (uint64_t)broken[i];
    return sum;
}

int tp_main(void)
{
    char text[8] = {0};
    uint64_t wanted;
    int round;

    tp_arguments(text, sizeof(text));
    start = (uint64_t)(unsigned char)text[0] * 0x9e3779b97f4a7c15u;
    wanted = work(start);
    for (round = 0; round < ROUNDS; round++)
        if (work(start) != wanted)
            return 1;
    return 0;
}
