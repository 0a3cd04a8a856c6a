/* SPDX-License-Identifier: MIT */
/* snippet.h - a piece of machine code and the verdict on it. */
#pragma once
#include "tepal_trusted/verify.h"

#define SNIPPET_BYTES_MAX 48

struct snippet {
    const char *name;
    enum verify_rule rule;
    uint32_t at;    /* index of the offending instruction */
    uint32_t entry; /* index of a second entry; the first is 0 */
    uint32_t bytes;
    uint8_t text[SNIPPET_BYTES_MAX];
};
