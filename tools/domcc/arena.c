/* SPDX-License-Identifier: MIT */
/*
 * arena.c - memory that lives until its arena is freed.
 *
 * Blocks are chained newest first; a request too large for the newest block
 * starts another one.
 */
#include "arena.h"
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

static void out_of_memory(void)
{
    fputs("domcc: out of memory\n", stderr);
    exit(1);
}

static struct arena_block *block_new(struct arena *arena, size_t bytes)
{
    size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    struct arena_block *block = calloc(1, sizeof *block + size);

    if (!block)
        out_of_memory();
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    const size_t unit = alignof(max_align_t);
    struct arena_block *block = arena->blocks;
    void *result;

    if (bytes > SIZE_MAX / 2)
        out_of_memory();
    bytes = (bytes + unit - 1) / unit * unit;
    if (!block || block->size - block->used < bytes)
        block = block_new(arena, bytes);
    result = block->bytes + block->used;
    block->used += bytes;
    return result;
}

char *arena_copy(struct arena *arena, const char *text, size_t bytes)
{
    char *copy = arena_alloc(arena, bytes + 1);

    memcpy(copy, text, bytes);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list list, again;
    char *text, first[1];
    int length;

    va_start(list, format);
    va_copy(again, list);
    length = vsnprintf(first, sizeof first, format, list);
    va_end(list);
    if (length < 0)
        out_of_memory();
    text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void arena_free(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;

        arena->blocks = block->next;
        free(block);
    }
}

void *array_grow(void *array, size_t count, size_t element_bytes)
{
    void *grown = NULL;

    if (count <= SIZE_MAX / element_bytes)
        grown = realloc(array, count * element_bytes);
    if (!grown)
        out_of_memory();
    return grown;
}
