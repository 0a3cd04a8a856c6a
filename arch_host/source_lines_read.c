/* SPDX-License-Identifier: MIT */
/*
 * source_lines_read.c - what addr2line printed, read: debug information is a
 * domain's word, and so is this.
 */
#include "source_lines.h"
#include <stdlib.h>
#include <string.h>

/* "FILE:NUMBER", and perhaps " (discriminator N)"; or "??:0", or anything. */
static bool read_place(char *text, struct source_place *place)
{
    char *colon, *end;
    unsigned long number;
    size_t i;

    end = strstr(text, " (discriminator ");
    if (end)
        *end = 0;
    colon = strrchr(text, ':');
    if (!colon || colon == text || text[0] == '?' ||
        colon - text >= SOURCE_FILE_MAX)
        return false;
    number = strtoul(colon + 1, &end, 10);
    if (end == colon + 1 || *end || number == 0 || number > UINT32_MAX)
        return false;
    for (i = 0; text + i < colon; i++)
        place->file[i] = text[i] > ' ' && text[i] <= '~' ? text[i] : '.';
    place->file[i] = 0;
    place->line = (uint32_t)number;
    return true;
}

/* Of one address the innermost comes first, the function around it last. */
static void add_place(char *text, struct source_line *line)
{
    struct source_place place;

    if (!read_place(text, &place))
        return;
    if (line->place.file[0] && !line->inlined.file[0])
        line->inlined = line->place;
    line->place = place;
}

bool source_lines_read(char *text, struct source_line *lines, uint32_t count)
{
    uint32_t begun = 0;
    char *end;

    for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
        *end = 0;
        if (strncmp(text, "0x", 2) == 0)
            begun += begun < count;
        else if (begun)
            add_place(text, &lines[begun - 1]);
    }
    return begun == count;
}
