/* SPDX-License-Identifier: MIT */
/*
 * foreign.h - what the drivers of other people's C share.
 *
 * A driver's tp_main() is its main() when it is built for the host. It prints
 * whole lines, which must be the same in a domain.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t foreign_seed = 88172645463325252u;

static inline uint32_t random_bits(void)
{
    foreign_seed ^= foreign_seed << 13;
    foreign_seed ^= foreign_seed >> 7;
    foreign_seed ^= foreign_seed << 17;
    return (uint32_t)(foreign_seed >> 16);
}

/* FNV-1a, of whatever a function made. */
static inline void print_sum(const char *what, const void *bytes, size_t count)
{
    const unsigned char *from = bytes;
    uint64_t sum = 0xcbf29ce484222325u;

    for (size_t i = 0; i < count; i++)
        sum = (sum ^ from[i]) * 0x100000001b3u;
    printf("%s: %d bytes, %016llx\n", what, (int)count,
           (unsigned long long)sum);
}

int tp_main(void);
