/* SPDX-License-Identifier: MIT */
/* symbols.c - names of one assembly file: a hash table with chains. */
#include "symbols.h"
#include <stdint.h>
#include <string.h>

static unsigned bucket_of(const char *name)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash % SYMBOL_BUCKETS;
}

struct symbol *symbols_find(const struct symbols *symbols, const char *name)
{
    struct symbol *symbol = symbols->buckets[bucket_of(name)];

    while (symbol && strcmp(symbol->name, name) != 0)
        symbol = symbol->next;
    return symbol;
}

struct symbol *symbols_intern(struct symbols *symbols, const char *name)
{
    struct symbol *symbol = symbols_find(symbols, name);
    unsigned bucket = bucket_of(name);

    if (symbol)
        return symbol;
    symbol = arena_alloc(symbols->arena, sizeof *symbol);
    symbol->name = name;
    symbol->next = symbols->buckets[bucket];
    symbols->buckets[bucket] = symbol;
    return symbol;
}
