/* SPDX-License-Identifier: MIT */
/*
 * deep.c - a domain that recurses without end: with a large local until its
 * data stack is used up, or (args "thin") without one until the trusted stack
 * is.
 */
#include "tepal/kernel.h"

int tp_main(void);
uint64_t fall(uint64_t depth);
uint64_t fall_thin(uint64_t depth);

/* volatile: or gcc makes loops of them. */
static volatile uint64_t more = 1;

__attribute__((noinline)) uint64_t fall(uint64_t depth)
{
    volatile uint64_t place[64];

    place[depth % 64] = depth;
    return more ? fall(depth + 1) + place[depth % 64] : depth;
}

__attribute__((noinline)) uint64_t fall_thin(uint64_t depth)
{
    return more ? fall_thin(depth + 1) + more : depth;
}

int tp_main(void)
{
    char how[8] = {0};
    bool thin = tp_arguments(how, sizeof(how)) == 4 && how[0] == 't';

    return (int)(thin ? fall_thin(1) : fall(1));
}
