/* SPDX-License-Identifier: MIT */
/* source.h - an IDL file in memory, and places in it. */
#pragma once
#include "arena.h"
#include <stdbool.h>
#include <stdint.h>

/* Larger files are refused: no interface needs them. */
#define SOURCE_BYTES_MAX 0x100000u

/* @text ends with a 0 that is not counted in @bytes. */
struct source {
    const char *path;
    const char *file; /* @path without its folders */
    const char *unit; /* @file without ".idl": the prefix of kernel symbols */
    const char *text;
    uint32_t bytes;
};

/* A stretch of the text; one byte at least. */
struct span {
    uint32_t start, length;
};

/* Errors: false, after a message on stderr. */
bool source_load(struct source *source, struct arena *arena, const char *path);
