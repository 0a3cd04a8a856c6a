/* SPDX-License-Identifier: MIT */
/*
 * symbols.h - what is known about the names of one assembly file.
 */
#pragma once
#include "arena.h"
#include <stdbool.h>

struct symbol {
    const char *name;
    bool defined;      /* a label, .comm or .set of this file */
    bool global;       /* .globl or .weak */
    bool function;     /* .type says so, or it is an alias of one */
    bool code;         /* a label inside a function, not its name */
    bool has_entry;    /* its function-table entry is referred to */
    bool has_ref;      /* the linker has to decide: data or function */
    size_t at;         /* statement of the label, while @defined by one */
    const char *alias; /* .set to this symbol; NULL = not an alias */
    struct symbol *next;
};

enum { SYMBOL_BUCKETS = 1024 };

struct symbols {
    struct arena *arena; /* borrowed; names and records live there */
    struct symbol *buckets[SYMBOL_BUCKETS];
};

/* The record of @name, or NULL. */
struct symbol *symbols_find(const struct symbols *symbols, const char *name);

/* The record of @name, made if there is none. @name must outlive @symbols. */
struct symbol *symbols_intern(struct symbols *symbols, const char *name);
