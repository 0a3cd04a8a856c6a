/* SPDX-License-Identifier: MIT */
/*
 * listings.h - code that mutants are made of: functions of built domains, what
 * the corpus accepts and refuses, and the lines that each of them consists of.
 */
#pragma once
#include "snippet.h"
#include <stdbool.h>
#include <stdint.h>

#define LINE_BYTES_MAX 15
#define LISTING_LINES_MAX 400
#define NO_TARGET (-1)
#define ELSEWHERE (-2)

/* An instruction, or bytes that are none. */
struct line {
    uint8_t length;
    uint8_t immediate, displacement; /* bytes of each, at the end; 0: none */
    int32_t target; /* of a direct branch: a line; NO_TARGET when it is none */
    uint8_t bytes[LINE_BYTES_MAX];
};

struct listing {
    const struct line *lines;
    uint32_t count;
};

struct listings {
    struct listing *functions, *hostile;
    uint32_t function_count, hostile_count;
};

/*
 * Of @flavour; the domains are read from the build folder.
 * Owns: never freed.
 */
const struct listings *listings_of(uint32_t flavour);

/* The instruction at @bytes as a line; of at least one byte. */
struct line line_read(const uint8_t *bytes, uint32_t available);
