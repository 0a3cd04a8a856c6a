/* SPDX-License-Identifier: MIT */
/* random.c - rand: a 64-bit linear congruential generator, high bits. */
#include <stdint.h>
#include <stdlib.h>

static uint64_t state = 1;

void srand(unsigned seed)
{
    state = seed;
}

int rand(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int)(state >> 33);
}
