/* SPDX-License-Identifier: MIT */
/*
 * search.c - words found in a text, by Horspool's algorithm and by the
 * library's strstr, and the text's lines measured by its strcspn and strlen.
 */
#include "kernels.h"
#include <stddef.h>
#include <string.h>

#define TEXT 2048u
#define WORD 7u

static char text[TEXT + 1];
static char word[WORD + 1];

/* Seven letters; the word stands at the end only. */
void kernel_search_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned i = 0; i < TEXT; i++)
        text[i] = (char)('a' + kernel_random(&state) % 7);
    for (unsigned i = 20, next; i < TEXT; i = next) {
        next = i + 20 + (unsigned)(text[i] & 15) * 4;
        text[i] = '\n';
    }
    memcpy(text + TEXT - WORD, "gabcade", WORD);
    memcpy(word, "gabcade", WORD + 1);
}

static const char *horspool(const char *in, size_t bytes, const char *wanted,
                            size_t length)
{
    uint8_t shift[256];

    memset(shift, (int)length, sizeof(shift));
    for (size_t i = 0; i + 1 < length; i++)
        shift[(uint8_t)wanted[i]] = (uint8_t)(length - 1 - i);
    for (size_t at = 0; at + length <= bytes;
         at += shift[(uint8_t)in[at + length - 1]]) {
        size_t i = length;

        while (i && in[at + i - 1] == wanted[i - 1])
            i--;
        if (i == 0)
            return in + at;
    }
    return NULL;
}

static uint32_t measure_lines(const char *at)
{
    uint32_t sum = 0;

    while (*at) {
        size_t length = strcspn(at, "\n");

        sum = kernel_fold(sum, length);
        at += length + (at[length] == '\n');
    }
    return sum;
}

uint32_t kernel_search(uint32_t rounds)
{
    uint32_t sum = 0;

    while (rounds--) {
        size_t length = strlen(text);
        const char *one = horspool(text, length, word, WORD);
        const char *two = strstr(text, word);

        sum = kernel_fold(sum, (uint64_t)(one - text));
        sum = kernel_fold(sum, (uint64_t)(two - text));
        sum = kernel_fold(sum, measure_lines(text));
    }
    return sum;
}
