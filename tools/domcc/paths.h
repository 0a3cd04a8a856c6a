/* SPDX-License-Identifier: MIT */
/* paths.h - a walk over all paths of a function; for frame.c. */
#pragma once
#include "frame.h"

enum { RETURN_BYTES = 8 };

extern const char variable_array[], variable_array_remedy[];

struct edge {
    size_t at;
    const struct segment *stack;
};

struct edges {
    struct edge *list;
    size_t count, room;
};

struct walk {
    struct function *function;
    struct edges sure, falls;
    bool again;      /* a push was found to be data */
    bool uses_frame; /* the frame is addressed */
    bool calls;
};

/*
 * Fill in what is pushed at each statement that a path reaches. When a push
 * turns out to be data it is marked, @walk->again is set, and what was filled
 * in is not final.
 * Errors: false after a message.
 */
bool paths_walk(struct walk *walk);
void paths_free(struct walk *walk);

/* Bytes pushed in all; those of them that lie on the data stack. */
int stack_depth(const struct segment *stack);
int stack_data(const struct segment *stack);

/* Whether @insn writes %rsp as an operand. */
bool sets_stack_pointer(const struct insn *insn);

/*
 * For a function with a frame pointer (framepointer.c): before the walks, what
 * saves, sets and restores it; after them, what names it.
 * Errors: framepointer_resolve() false after a message.
 */
void framepointer_drop(struct function *function);
bool framepointer_resolve(struct walk *walk);

/* Report @construct of @statement. Returns false. */
bool walk_refuse(const struct walk *walk, const struct statement *statement,
                 const char *construct, const char *remedy);
