/* SPDX-License-Identifier: MIT */
/*
 * arena.h - memory of one compilation, freed as a whole.
 *
 * The syntax tree points in all directions and lives until the compiler ends,
 * so nothing in it is freed by itself. Running out of memory ends the program.
 */
#pragma once
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *newest;
};

/* Zeroed memory, aligned for any object. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* A copy of @length bytes of @text with a final 0. */
char *arena_string(struct arena *arena, const char *text, size_t length);

/* Like sprintf, into the arena. */
__attribute__((format(printf, 2, 3))) char *
arena_format(struct arena *arena, const char *format, ...);

void arena_free(struct arena *arena);
