/* SPDX-License-Identifier: MIT */
/* fuzz_lines.c - what addr2line prints of a domain's debug information. */
#include "fuzz.h"
#include "source_lines.h"
#include <string.h>

#define LINES 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source_line lines[LINES] = {{0}};
    char *text = malloc(size + 1);
    uint32_t count = size % LINES + 1, i;

    CLAIM(text);
    memcpy(text, data, size);
    text[size] = 0;
    source_lines_read(text, lines, count);
    free(text);
    for (i = 0; i < LINES; i++) {
        claim_is_text(lines[i].place.file, SOURCE_FILE_MAX);
        claim_is_text(lines[i].inlined.file, SOURCE_FILE_MAX);
        CLAIM(i < count || !lines[i].place.file[0]);
        CLAIM(!lines[i].place.file[0] == !lines[i].place.line);
    }
    return 0;
}
