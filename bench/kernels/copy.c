/* SPDX-License-Identifier: MIT */
/* copy.c - the library's memcpy, memmove, memset and memcmp in many sizes. */
#include "kernels.h"
#include <stddef.h>
#include <string.h>

static const uint16_t sizes[] = {1, 4, 7, 8, 13, 16, 24, 31, 64, 100, 128, 256,
                                 333, 512, 1024, 1500, 2048, 4096};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static uint8_t from[4096 + 64], to[4096 + 64];

void kernel_copy_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned i = 0; i < sizeof(from); i++)
        from[i] = (uint8_t)kernel_random(&state);
    memset(to, 0, sizeof(to));
}

/* The compiler does not know how much. */
static size_t size_of(unsigned i)
{
    size_t size = sizes[i];

    __asm__ volatile("" : "+r"(size));
    return size;
}

uint32_t kernel_copy(uint32_t rounds)
{
    uint32_t sum = 0;

    while (rounds--)
        for (unsigned i = 0; i < SIZES; i++) {
            size_t bytes = size_of(i);

            memcpy(to, from + i, bytes);
            sum = kernel_fold(sum, (uint32_t)(memcmp(to, from, bytes) < 0));
            memmove(to + 5, to, bytes);
            sum = kernel_fold(sum, to[bytes - 1]);
            memset(to + 9, (int)i, bytes);
            sum = kernel_fold(sum, to[bytes]);
        }
    return sum;
}
