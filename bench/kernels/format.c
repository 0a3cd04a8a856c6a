/* SPDX-License-Identifier: MIT */
/* format.c - numbers and texts printed by the library's snprintf. */
#include "kernels.h"
#include <stdio.h>

#define LINES 16u

static uint64_t numbers[LINES];

void kernel_format_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned i = 0; i < LINES; i++)
        numbers[i] = kernel_random(&state);
}

uint32_t kernel_format(uint32_t rounds)
{
    static const char *const names[] = {"eth0", "loopback", "x"};
    char line[128];
    uint32_t sum = 0;

    while (rounds--)
        for (unsigned i = 0; i < LINES; i++) {
            uint64_t n = numbers[i];
            int length = snprintf(
                line, sizeof(line), "%-10s %5u %08x %llu.%03u %s%%\n",
                names[i % 3], (unsigned)(n & 0xffff), (unsigned)(n >> 32),
                (unsigned long long)(n >> 20), (unsigned)(n >> 10) % 1000,
                i % 2 ? "up" : "down");

            sum = kernel_fold(sum + (uint8_t)line[length / 2],
                              (uint64_t)length + (uint8_t)line[length - 5]);
        }
    return sum;
}
