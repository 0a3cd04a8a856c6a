/* SPDX-License-Identifier: MIT */
/* kernels.c - all kernels by their numbers; see kernels.h. */
#include "kernels.h"

uint32_t kernel_run(uint32_t kernel, uint32_t rounds)
{
#define KERNEL_PREPARE(name, turn) kernel_##name##_prepare,
#define KERNEL_FUNCTION(name, turn) kernel_##name,
    static void (*const prepare[])(void) = {KERNELS(KERNEL_PREPARE)};
    static uint32_t (*const run[])(uint32_t) = {KERNELS(KERNEL_FUNCTION)};

    if (kernel >= KERNEL_COUNT)
        return 0;
    if (rounds)
        return run[kernel](rounds);
    prepare[kernel]();
    return 0;
}
