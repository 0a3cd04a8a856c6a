/* SPDX-License-Identifier: MIT */
/* string.c - strings (ISO C11, 7.24). Simple loops; nothing hot uses them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t strlen(const char *text)
{
    const char *end = text;

    while (*end)
        end++;
    return (size_t)(end - text);
}

size_t strnlen(const char *text, size_t limit)
{
    size_t length = 0;

    while (length < limit && text[length])
        length++;
    return length;
}

int strncmp(const char *one, const char *two, size_t limit)
{
    for (; limit; limit--, one++, two++) {
        unsigned char a = (unsigned char)*one, b = (unsigned char)*two;

        if (a != b)
            return a < b ? -1 : 1;
        if (!a)
            break;
    }
    return 0;
}

int strcmp(const char *one, const char *two)
{
    return strncmp(one, two, SIZE_MAX);
}

char *strcpy(char *restrict to, const char *restrict from)
{
    return memcpy(to, from, strlen(from) + 1);
}

char *strncpy(char *restrict to, const char *restrict from, size_t limit)
{
    size_t length = strnlen(from, limit);

    memcpy(to, from, length);
    memset(to + length, 0, limit - length);
    return to;
}

char *strncat(char *restrict to, const char *restrict from, size_t limit)
{
    char *end = to + strlen(to);
    size_t length = strnlen(from, limit);

    memcpy(end, from, length);
    end[length] = 0;
    return to;
}

char *strcat(char *restrict to, const char *restrict from)
{
    strcpy(to + strlen(to), from);
    return to;
}

char *strchr(const char *in, int wanted)
{
    for (;; in++) {
        if (*in == (char)wanted)
            return (char *)(uintptr_t)in;
        if (!*in)
            return NULL;
    }
}

char *strrchr(const char *in, int wanted)
{
    const char *found = NULL;

    for (;; in++) {
        if (*in == (char)wanted)
            found = in;
        if (!*in)
            return (char *)(uintptr_t)found;
    }
}

char *strstr(const char *in, const char *wanted)
{
    size_t length = strlen(wanted);

    for (;; in++) {
        if (strncmp(in, wanted, length) == 0)
            return (char *)(uintptr_t)in;
        if (!*in)
            return NULL;
    }
}

size_t strspn(const char *text, const char *accept)
{
    size_t length = 0;

    while (text[length] && strchr(accept, text[length]))
        length++;
    return length;
}

size_t strcspn(const char *text, const char *reject)
{
    size_t length = 0;

    while (text[length] && !strchr(reject, text[length]))
        length++;
    return length;
}

char *strpbrk(const char *in, const char *accept)
{
    in += strcspn(in, accept);
    return *in ? (char *)(uintptr_t)in : NULL;
}

char *strdup(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);

    return copy ? memcpy(copy, text, bytes) : NULL;
}
