/* SPDX-License-Identifier: MIT */
/* source.c - see source.h. */
#include "source.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool read_text(struct source *source, struct arena *arena, FILE *file)
{
    char *text = arena_alloc(arena, SOURCE_BYTES_MAX + 1);
    size_t bytes = fread(text, 1, SOURCE_BYTES_MAX + 1, file);

    if (ferror(file)) {
        fprintf(stderr, "%s: error: %s\n", source->path, strerror(errno));
        return false;
    }
    if (bytes > SOURCE_BYTES_MAX) {
        fprintf(stderr, "%s: error: larger than %u bytes\n", source->path,
                SOURCE_BYTES_MAX);
        return false;
    }
    text[bytes] = 0;
    source->text = text;
    source->bytes = (uint32_t)bytes;
    return true;
}

/* The unit's name becomes a part of C identifiers. */
static bool name_unit(struct source *source, struct arena *arena)
{
    const char *slash = strrchr(source->path, '/');
    size_t length;

    source->file = slash ? slash + 1 : source->path;
    length = strspn(source->file, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (length == 0 || length > 32 || strcmp(source->file + length, ".idl") ||
        !strchr("abcdefghijklmnopqrstuvwxyz", source->file[0])) {
        fprintf(stderr,
                "%s: error: a file is named like 'net.idl': a lower-case "
                "letter, then letters, digits and '_', at most 32\n",
                source->path);
        return false;
    }
    source->unit = arena_string(arena, source->file, length);
    return true;
}

bool source_load(struct source *source, struct arena *arena, const char *path)
{
    FILE *file;
    bool ok;

    *source = (struct source){.path = path};
    if (!name_unit(source, arena))
        return false;
    file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "%s: error: %s\n", path, strerror(errno));
        return false;
    }
    ok = read_text(source, arena, file);
    fclose(file);
    return ok;
}
