/* SPDX-License-Identifier: MIT */
/* arena.c - see arena.h. */
#include "arena.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 65536u

struct arena_block {
    struct arena_block *older;
    size_t used, bytes;
    _Alignas(max_align_t) unsigned char memory[];
};

static struct arena_block *block_new(struct arena *arena, size_t bytes)
{
    struct arena_block *block = calloc(1, sizeof(*block) + bytes);

    if (!block) {
        fputs("idlc: out of memory\n", stderr);
        exit(2);
    }
    block->bytes = bytes;
    block->older = arena->newest;
    arena->newest = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    size_t align = _Alignof(max_align_t);
    size_t rounded = (bytes + align - 1) / align * align;
    struct arena_block *block = arena->newest;
    void *memory;

    if (!block || block->bytes - block->used < rounded)
        block = block_new(arena, rounded > BLOCK_BYTES ? rounded : BLOCK_BYTES);
    memory = block->memory + block->used;
    block->used += rounded;
    return memory;
}

char *arena_string(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);

    memcpy(copy, text, length);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list args;
    int length;
    char *text;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = arena_alloc(arena, (size_t)length + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

void arena_free(struct arena *arena)
{
    while (arena->newest) {
        struct arena_block *older = arena->newest->older;

        free(arena->newest);
        arena->newest = older;
    }
}
