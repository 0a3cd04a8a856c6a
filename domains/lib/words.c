/* SPDX-License-Identifier: MIT */
/* words.c - text in pieces, and without regard to case (C11, POSIX.1). */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int strncasecmp(const char *one, const char *two, size_t limit)
{
    for (; limit; limit--, one++, two++) {
        int a = tolower((unsigned char)*one), b = tolower((unsigned char)*two);

        if (a != b)
            return a < b ? -1 : 1;
        if (!a)
            break;
    }
    return 0;
}

int strcasecmp(const char *one, const char *two)
{
    return strncasecmp(one, two, SIZE_MAX);
}

char *strtok_r(char *restrict text, const char *restrict between,
               char **restrict rest)
{
    if (!text)
        text = *rest;
    text += strspn(text, between);
    *rest = text + strcspn(text, between);
    if (text == *rest)
        return NULL;
    if (**rest)
        *(*rest)++ = 0;
    return text;
}

char *strndup(const char *text, size_t limit)
{
    size_t length = strnlen(text, limit);
    char *copy = malloc(length + 1);

    if (!copy)
        return NULL;
    copy[length] = 0;
    return memcpy(copy, text, length);
}

void *memmem(const void *in, size_t bytes, const void *wanted, size_t length)
{
    const char *at = in;

    for (; bytes >= length; at++, bytes--)
        if (memcmp(at, wanted, length) == 0)
            return (void *)(uintptr_t)at;
    return NULL;
}
