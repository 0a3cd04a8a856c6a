/* SPDX-License-Identifier: MIT */
/* text.h - output while it grows. It reaches a file whole or not at all. */
#pragma once
#include "arena.h"
#include <stdbool.h>

struct text {
    char *bytes;
    size_t length, room;
};

__attribute__((format(printf, 2, 3))) void text_add(struct text *text,
                                                    const char *format, ...);

/* @words: pairs of a name and its value, ended by NULL. In @pattern, each
 * "$name$" is replaced by the value. */
void text_fill(struct text *text, const char *pattern,
               const char *const *words);

/* "-" is standard output. Errors: false, after a message on stderr. */
bool text_write(const struct text *text, const char *path);

void text_free(struct text *text);
