/* SPDX-License-Identifier: MIT */
/* text.c - see text.h. */
#include "text.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void reserve(struct text *text, size_t more)
{
    char *bytes;

    if (text->room - text->length > more)
        return;
    text->room = (text->room + more) * 2 + 4096;
    bytes = realloc(text->bytes, text->room);
    if (!bytes) {
        fputs("idlc: out of memory\n", stderr);
        exit(2);
    }
    text->bytes = bytes;
}

static void add_bytes(struct text *text, const char *bytes, size_t length)
{
    reserve(text, length);
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

void text_add(struct text *text, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    reserve(text, (size_t)length);
    va_start(args, format);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, args);
    va_end(args);
    text->length += (size_t)length;
}

static const char *value_of(const char *name, size_t length,
                            const char *const *words)
{
    for (; *words; words += 2)
        if (strlen(words[0]) == length && !memcmp(words[0], name, length))
            return words[1];
    fprintf(stderr, "idlc: no word '%.*s' for a pattern\n", (int)length, name);
    abort();
}

void text_fill(struct text *text, const char *pattern, const char *const *words)
{
    for (;;) {
        const char *start = strchr(pattern, '$');
        const char *end = start ? strchr(start + 1, '$') : NULL;
        const char *value;

        if (!end)
            break;
        add_bytes(text, pattern, (size_t)(start - pattern));
        value = value_of(start + 1, (size_t)(end - start - 1), words);
        add_bytes(text, value, strlen(value));
        pattern = end + 1;
    }
    add_bytes(text, pattern, strlen(pattern));
}

/* Half a file is taken away again, but never what is no file: a device. */
static void remove_half(const char *path)
{
    struct stat status;

    if (lstat(path, &status) == 0 && S_ISREG(status.st_mode))
        remove(path);
}

bool text_write(const struct text *text, const char *path)
{
    bool is_stdout = strcmp(path, "-") == 0;
    FILE *file = is_stdout ? stdout : fopen(path, "wb");
    bool ok = file != NULL;
    int error;

    if (ok && text->length)
        ok = fwrite(text->bytes, text->length, 1, file) == 1;
    error = errno;
    if (file && (is_stdout ? fflush(file) : fclose(file)) && ok) {
        ok = false;
        error = errno;
    }
    if (!ok) {
        fprintf(stderr, "%s: error: %s\n", path, strerror(error));
        if (file && !is_stdout)
            remove_half(path);
    }
    return ok;
}

void text_free(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}
