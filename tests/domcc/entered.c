/* SPDX-License-Identifier: MIT */
/*
 * entered.c - which functions of a domain were entered.
 *
 * Each function's first byte is the breakpoint instruction until it is
 * executed. The trap comes while the domain runs, so nothing here is called
 * from two places at once.
 */
#include "entered.h"
#include "elf.h"
#include <stdlib.h>
#include <string.h>

#define BREAKPOINT 0xcc

struct function {
    unsigned char *start;
    const char *name;
    unsigned char first; /* the byte that belongs there */
};

static struct function *functions;
static size_t function_count;
static FILE *output;

static void watch(unsigned char *start, const char *name)
{
    struct function *function = &functions[function_count++];

    *function = (struct function){start, name, *start};
    /* Two names of one function: the byte under the breakpoint is one. */
    for (size_t i = 0; i + 1 < function_count; i++)
        if (functions[i].start == start)
            function->first = functions[i].first;
    *start = BREAKPOINT;
}

bool entered_watch(const struct image *image, unsigned char *base, FILE *list)
{
    functions = calloc(image->symbol_count + 1, sizeof *functions);
    output = list;
    for (uint32_t i = 0; functions && i < image->symbol_count; i++) {
        struct elf_symbol symbol;

        memcpy(&symbol, image->file + image->symbols_offset + i * sizeof symbol,
               sizeof symbol);
        if ((symbol.info & 15) == ELF_STT_FUNC &&
            symbol.value >= image->text.address &&
            symbol.value - image->text.address < image->text.file_bytes &&
            symbol.name < image->strings_bytes)
            watch(base + symbol.value,
                  (const char *)image->file + image->strings_offset +
                      symbol.name);
    }
    return functions;
}

bool entered_at(const unsigned char *next)
{
    bool found = false;

    for (size_t i = 0; i < function_count; i++) {
        if (functions[i].start != next - 1)
            continue;
        *functions[i].start = functions[i].first;
        fprintf(output, "%s\n", functions[i].name);
        found = true;
    }
    return found;
}
