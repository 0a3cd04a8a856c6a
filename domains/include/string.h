/* SPDX-License-Identifier: MIT */
/*
 * string.h - memory and strings, as in C11, for domains.
 *
 * Contracts are the standard's (ISO C11, 7.24). Not here: locales (strcoll,
 * strxfrm), strerror, and strtok, whose state the domain's threads would
 * share: use strtok_r.
 */
#pragma once
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *one, const void *two, size_t bytes);
void *memchr(const void *in, int value, size_t bytes);

size_t strlen(const char *text);
size_t strnlen(const char *text, size_t limit);
int strcmp(const char *one, const char *two);
int strncmp(const char *one, const char *two, size_t limit);
char *strcpy(char *restrict to, const char *restrict from);
char *strncpy(char *restrict to, const char *restrict from, size_t limit);
char *strcat(char *restrict to, const char *restrict from);
char *strncat(char *restrict to, const char *restrict from, size_t limit);
char *strchr(const char *in, int wanted);
char *strrchr(const char *in, int wanted);
char *strstr(const char *in, const char *wanted);
size_t strspn(const char *text, const char *accept);
size_t strcspn(const char *text, const char *reject);
char *strpbrk(const char *in, const char *accept);

/*
 * The compiler knows what these do: a copy of a few bytes of constant size is a
 * move or two, and the length of a literal a number. All else is a call of the
 * library's, and so is what is called through a pointer.
 */
#define STRING_KNOWN                                                           \
    extern __inline__                                                          \
        __attribute__((gnu_inline, always_inline, artificial))

STRING_KNOWN void *memcpy(void *restrict to, const void *restrict from,
                          size_t bytes)
{
    return __builtin_memcpy(to, from, bytes);
}

STRING_KNOWN void *memmove(void *to, const void *from, size_t bytes)
{
    return __builtin_memmove(to, from, bytes);
}

STRING_KNOWN void *memset(void *to, int value, size_t bytes)
{
    return __builtin_memset(to, value, bytes);
}

STRING_KNOWN int memcmp(const void *one, const void *two, size_t bytes)
{
    return __builtin_memcmp(one, two, bytes);
}

STRING_KNOWN size_t strlen(const char *text)
{
    return __builtin_strlen(text);
}
#undef STRING_KNOWN

/* The next word of @text, or of *@rest if that is NULL (POSIX.1). */
char *strtok_r(char *restrict text, const char *restrict between,
               char **restrict rest);

/* The first place of @wanted in @in; NULL when there is none. */
void *memmem(const void *in, size_t bytes, const void *wanted, size_t length);

/* A copy from malloc(); NULL when there is no memory. */
char *strdup(const char *text);
char *strndup(const char *text, size_t limit);
