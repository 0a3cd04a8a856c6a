/* SPDX-License-Identifier: MIT */
/* mutant.h - a text that is verified and, where accepted, executed. */
#pragma once
#include <stdint.h>

#define MUTANT_BYTES_MAX 0x8000
#define MUTANT_ENTRIES_MAX 6
#define MUTANT_FTAB_BYTES 0x1000u
#define MUTANT_IMPORTS 3u

struct mutant {
    uint32_t flavour, bytes, entry_count;
    uint32_t entries[MUTANT_ENTRIES_MAX]; /* slot offsets */
    uint8_t text[MUTANT_BYTES_MAX];
};

/* Chance that a seed repeats. */
struct chance {
    uint64_t state;
};

static inline uint64_t chance_bits(struct chance *chance)
{
    uint64_t mixed = chance->state += 0x9e3779b97f4a7c15;

    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

/* From 0 to @count - 1. */
static inline uint32_t chance_below(struct chance *chance, uint32_t count)
{
    return (uint32_t)(((chance_bits(chance) >> 32) * count) >> 32);
}
