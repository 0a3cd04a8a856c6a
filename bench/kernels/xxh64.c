/* SPDX-License-Identifier: MIT */
/* xxh64.c - the hash XXH64 of 4 KiB and a rest, after its specification. */
#include "kernels.h"
#include <string.h>

#define PRIME1 0x9e3779b185ebca87u
#define PRIME2 0xc2b2ae3d27d4eb4fu
#define PRIME3 0x165667b19e3779f9u
#define PRIME4 0x85ebca77c2b2ae63u
#define PRIME5 0x27d4eb2f165667c5u

static uint8_t message[4096 + 29];

void kernel_xxh64_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned i = 0; i < sizeof(message); i++)
        message[i] = (uint8_t)kernel_random(&state);
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static uint64_t word_at(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, 8);
    return word;
}

static uint64_t mix(uint64_t lane, uint64_t input)
{
    return rotate(lane + input * PRIME2, 31) * PRIME1;
}

static uint64_t merge(uint64_t hash, uint64_t lane)
{
    return (hash ^ mix(0, lane)) * PRIME1 + PRIME4;
}

static uint64_t finish(uint64_t hash, const uint8_t *at, uint32_t rest)
{
    for (; rest >= 8; rest -= 8, at += 8)
        hash = rotate(hash ^ mix(0, word_at(at)), 27) * PRIME1 + PRIME4;
    if (rest >= 4) {
        hash ^= (word_at(at - 4) >> 32) * PRIME1;
        hash = rotate(hash, 23) * PRIME2 + PRIME3;
        at += 4, rest -= 4;
    }
    for (; rest; rest--, at++)
        hash = rotate(hash ^ *at * PRIME5, 11) * PRIME1;
    hash = (hash ^ hash >> 33) * PRIME2;
    hash = (hash ^ hash >> 29) * PRIME3;
    return hash ^ hash >> 32;
}

/* Needs: @bytes is at least 32. */
static uint64_t xxh64(const uint8_t *at, uint32_t bytes, uint64_t seed)
{
    uint64_t a = seed + PRIME1 + PRIME2, b = seed + PRIME2, c = seed,
             d = seed - PRIME1, hash;
    uint32_t rest = bytes;

    for (; rest >= 32; rest -= 32, at += 32) {
        a = mix(a, word_at(at));
        b = mix(b, word_at(at + 8));
        c = mix(c, word_at(at + 16));
        d = mix(d, word_at(at + 24));
    }
    hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
    hash = merge(merge(merge(merge(hash, a), b), c), d);
    return finish(hash + bytes, at, rest);
}

uint32_t kernel_xxh64(uint32_t rounds)
{
    uint64_t hash = 0;

    while (rounds--)
        hash = xxh64(message, sizeof(message), hash);
    return kernel_fold(0, hash);
}
