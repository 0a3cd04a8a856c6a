/* SPDX-License-Identifier: MIT */
/* sections.h - which section the assembler is in. */
#pragma once
#include <stdbool.h>

enum { SECTIONS_DEEP = 32 };

struct sections {
    const char *current, *previous;
    const char *pushed[SECTIONS_DEEP];
    int depth;
};

struct arena;

/* Follow @directive. Returns false when it does not change the section. */
bool sections_take(struct sections *sections, struct arena *arena,
                   const char *directive);

/* Whether the current section holds debug information. */
bool sections_debug(const struct sections *sections);
