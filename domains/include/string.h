/* SPDX-License-Identifier: MIT */
/*
 * string.h - memory and strings, as in C11, for domains.
 *
 * Contracts are the standard's (ISO C11, 7.24). Not here: locales (strcoll,
 * strxfrm), strtok, strerror.
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

/* A copy from malloc(); NULL when there is no memory. */
char *strdup(const char *text);
