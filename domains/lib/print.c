/* SPDX-License-Identifier: MIT */
/* print.c - formatted lines to the kernel's log. */
#include <stdio.h>
#include <string.h>
#include <tepal/kernel.h>

enum { LINE_BYTES = 512 };

/* One log line for each line of @text; a final newline starts none. */
static void log_lines(const char *text, size_t bytes)
{
    do {
        const char *newline = memchr(text, '\n', bytes);
        size_t length = newline ? (size_t)(newline - text) : bytes;

        tp_log(text, length);
        bytes -= length;
        text += length;
        if (newline) {
            bytes--;
            text++;
        }
    } while (bytes);
}

int vprintf(const char *restrict format, va_list list)
{
    char line[LINE_BYTES + 1];
    int length = vsnprintf(line, sizeof line, format, list);

    if (length >= 0)
        log_lines(line, strlen(line));
    return length;
}

int printf(const char *restrict format, ...)
{
    va_list list;
    int length;

    va_start(list, format);
    length = vprintf(format, list);
    va_end(list);
    return length;
}

int puts(const char *text)
{
    log_lines(text, strlen(text));
    return 0;
}
