/* SPDX-License-Identifier: MIT */
/*
 * memory.c - the four functions that a compiler may call by itself. Only in
 * freestanding builds; on the host the C library has them.
 */
#include <stddef.h>

/* Keeps the compiler from seeing the idiom and calling the function itself. */
#define NOT_AN_IDIOM(bytes) __asm__ volatile("" : "+r"(bytes))

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    unsigned char *t = to;
    const unsigned char *f = from;

    while (bytes--) {
        *t++ = *f++;
        NOT_AN_IDIOM(bytes);
    }
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    unsigned char *t = to;
    const unsigned char *f = from;

    if (t <= f)
        return memcpy(to, from, bytes);
    while (bytes--) {
        t[bytes] = f[bytes];
        NOT_AN_IDIOM(bytes);
    }
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    unsigned char *t = to;

    while (bytes--) {
        *t++ = (unsigned char)value;
        NOT_AN_IDIOM(bytes);
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a, *y = b;

    for (; bytes--; x++, y++)
        if (*x != *y)
            return *x < *y ? -1 : 1;
    return 0;
}
