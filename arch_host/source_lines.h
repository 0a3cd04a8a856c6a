/* SPDX-License-Identifier: MIT */
/* source_lines.h - which line of which file an address of a domain is. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOURCE_FILE_MAX 256

struct source_place {
    char file[SOURCE_FILE_MAX]; /* printable; empty: not known */
    uint32_t line;
};

/*
 * @place is in the function that the symbol table names. Where another was
 * inlined into it, @inlined is the place in that.
 */
struct source_line {
    uint32_t address;
    struct source_place place, inlined;
};

/*
 * Fill in the lines of @count addresses of the domain file @bytes, as far as
 * its debug information says so.
 * Errors: false: nothing came of it, in a second at most, and no attempt with
 * this file will fare better.
 */
bool source_lines_find(const uint8_t *bytes, size_t size,
                       struct source_line *lines, uint32_t count);

/*
 * Fill in @lines by the output of "addr2line -ai" for them: each address, and
 * below it its places. @text ends with a 0, and is changed.
 * Errors: false: an address is missing.
 */
bool source_lines_read(char *text, struct source_line *lines, uint32_t count);
