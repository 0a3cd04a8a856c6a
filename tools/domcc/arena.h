/* SPDX-License-Identifier: MIT */
/*
 * arena.h - memory that lives until its arena is freed.
 *
 * A rewriting run makes many small strings and records that all die together;
 * an arena saves their book-keeping. Out of memory ends the program: nothing
 * that domcc does is worth half an output.
 */
#pragma once
#include <stddef.h>

struct arena {
    struct arena_block *blocks; /* newest first; NULL = empty */
};

/* @bytes of zeroed memory, aligned for any object. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* A copy of the @bytes at @text, with a final 0. */
char *arena_copy(struct arena *arena, const char *text, size_t bytes);

/* A string made as by printf. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Free everything; the arena is empty and usable afterwards. */
void arena_free(struct arena *arena);

/* realloc() for arrays outside arenas; ends the program when it fails. */
void *array_grow(void *array, size_t count, size_t element_bytes);
