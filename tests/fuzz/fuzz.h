/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - what the targets for libFuzzer share. Each is a program of its own,
 * tests/fuzz/fuzz_NAME: it reads one kind of untrusted bytes as the system
 * does, in this process, under AddressSanitizer and UndefinedBehaviorSanitizer,
 * and says what must hold of the result. fuzz.campaign runs them.
 * Source: docs/SECURITY.md, "Hostile input".
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLAIM(claim)                                                           \
    do {                                                                       \
        if (!(claim)) {                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,         \
                    #claim);                                                   \
            abort();                                                           \
        }                                                                      \
    } while (0)

/* Ends within @room, and holds nothing that a terminal could act on. */
static inline void claim_is_text(const char *text, size_t room)
{
    size_t i;

    for (i = 0; i < room && text[i]; i++)
        CLAIM(text[i] >= ' ' && text[i] <= '~');
    CLAIM(i < room);
}

/* A generator for what is chosen besides the input; the same for the same. */
static inline uint64_t fuzz_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
