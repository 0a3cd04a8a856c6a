/* SPDX-License-Identifier: MIT */
/*
 * verification.h - what it costs to verify the text of domain files. Beside it
 * two ways to read bytes, in turns of the same run: a memcpy of the same text,
 * and SHA-256 of as many bytes, by bench/kernels/sha256.c.
 */
#pragma once
#include "clock.h"
#include "tepal_trusted/image.h"
#include <stdbool.h>

#define VERIFICATION_TURNS 41u

enum verification_way {
    VERIFICATION_VERIFY,
    VERIFICATION_MEMCPY,
    VERIFICATION_SHA256,
    VERIFICATION_WAYS
};

/* One file. */
struct verification {
    char name[64];
    struct image image;
    /* Units: TSC cycles a byte of text. */
    struct sample cycles[VERIFICATION_WAYS];
    double values[VERIFICATION_WAYS][VERIFICATION_TURNS];
};

/*
 * Measure @count files, and fill in their cycles.
 * Needs:  a thread of its own, which stays pinned; images that image_parse()
 *         accepted.
 * Errors: why not, in words: no memory, or a text is refused; else NULL.
 */
const char *verification_measure(struct verification *files, uint32_t count);

/*
 * Of all files together, as if they were one: the mean by bytes.
 */
struct sample verification_total(const struct verification *files,
                                 uint32_t count, enum verification_way way);
