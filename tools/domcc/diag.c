/* SPDX-License-Identifier: MIT */
/* diag.c - messages to the user, on standard error. */
#include "diag.h"
#include <stdarg.h>
#include <stdio.h>

static unsigned message_count;

void diag_refuse(struct place place, const char *function,
                 const char *construct, const char *remedy)
{
    message_count++;
    fprintf(stderr, "%s:%u: ", place.file, place.line);
    if (function)
        fprintf(stderr, "function '%s': ", function);
    fprintf(stderr, "%s: %s\n", construct, remedy);
}

void diag_error(const char *format, ...)
{
    va_list list;

    message_count++;
    fputs("domcc: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

unsigned diag_count(void)
{
    return message_count;
}
