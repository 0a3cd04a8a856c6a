/* SPDX-License-Identifier: MIT */
/*
 * stdlib.h - memory, numbers, sorting, for domains.
 *
 * Contracts are the standard's (ISO C11, 7.22). There is no environment and
 * no exit: a domain ends when tp_main() returns, or by abort().
 */
#pragma once
#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX 0x7fffffff

/* From the domain's private heap. NULL when its quota is used up. */
void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *memory, size_t bytes);
void *aligned_alloc(size_t alignment, size_t bytes);
void free(void *memory);

/* Out of range: the nearest value there is. There is no errno. */
long strtol(const char *restrict text, char **restrict end, int base);
long long strtoll(const char *restrict text, char **restrict end, int base);
unsigned long strtoul(const char *restrict text, char **restrict end, int base);
unsigned long long strtoull(const char *restrict text, char **restrict end,
                            int base);
int atoi(const char *text);
long atol(const char *text);
long long atoll(const char *text);

/* In place; n log n steps at worst; not stable. */
void qsort(void *base, size_t count, size_t bytes,
           int (*compare)(const void *, const void *));
void *bsearch(const void *key, const void *base, size_t count, size_t bytes,
              int (*compare)(const void *, const void *));

/* The same numbers in each run; tp_random() gives others. */
int rand(void);
void srand(unsigned seed);

static inline int abs(int value)
{
    return value < 0 ? -value : value;
}

static inline long labs(long value)
{
    return value < 0 ? -value : value;
}

static inline long long llabs(long long value)
{
    return value < 0 ? -value : value;
}

typedef struct {
    int quot, rem;
} div_t;

typedef struct {
    long quot, rem;
} ldiv_t;

static inline div_t div(int value, int by)
{
    return (div_t){value / by, value % by};
}

static inline ldiv_t ldiv(long value, long by)
{
    return (ldiv_t){value / by, value % by};
}

/* The domain dies; its caller sees RPC_CRASHED. */
_Noreturn void abort(void);
