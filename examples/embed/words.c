/* SPDX-License-Identifier: MIT */
/*
 * words.c - the risky part: it counts words, and has three faults that certain
 * texts find. It is compiled by domcc and runs in a domain.
 */
#include "words.h"
#include <stdlib.h>
#include <string.h>

WORDS_EXPORT();

/* Fault 1: "!crash" is written to where nothing is. */
static void command(const char *text)
{
    static char *volatile nowhere;

    if (strncmp(text, "!crash", 6) == 0)
        *nowhere = text[0];
    /* Fault 2: this never ends. */
    while (strncmp(text, "!loop", 5) == 0)
        __asm__ volatile("");
    /* Fault 3: what is used up is not checked for. */
    while (strncmp(text, "!memory", 7) == 0)
        memset(malloc(4096), 1, 4096);
}

uint32_t words_impl_count(struct rref_text text, uint32_t *words)
{
    const struct text *t = rref_text_value(text);
    uint32_t length = t->length, i;
    bool in_word = false;

    if (length > sizeof(t->bytes))
        return WORDS_ERROR_TOO_LONG;
    command((const char *)t->bytes);
    for (i = 0; i < length; i++) {
        bool is_space = t->bytes[i] == ' ' || t->bytes[i] == '\n';

        *words += !is_space && !in_word;
        in_word = !is_space;
    }
    return 0;
}
