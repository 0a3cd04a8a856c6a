/* SPDX-License-Identifier: MIT */
/*
 * classes.h - the sizes in which shared objects come: every granule up to 8,
 * then four steps to each doubling, up to a whole chunk.
 */
#pragma once
#include "tepal_trusted/heap.h"

/* Units: granules. */
static inline uint32_t class_granules(uint32_t class)
{
    uint32_t step, part;

    if (class < 8)
        return class + 1;
    step = (class - 8) / 4 + 1;
    part = (class - 8) % 4;
    return (part + 5) << step;
}

/* The smallest class for @bytes, 1 up to the chunk size. */
static inline uint32_t class_for(uint32_t bytes)
{
    uint32_t last = (bytes - 1) / TP_GRANULE; /* granules, less one */
    uint32_t exponent;

    if (last < 8)
        return last;
    exponent = 31 - (uint32_t)__builtin_clz(last);
    return 8 + (exponent - 3) * 4 + (last >> (exponent - 2)) - 4;
}
