/* SPDX-License-Identifier: MIT */
/*
 * notes.h - what the compiler's directives say of the code beside them: the
 * source line (.file, .loc), and how deep the stack is (.cfi_*).
 */
#pragma once
#include "assembly.h"

enum { NOTES_FILES = 1024, NOTES_REMEMBERED = 32 };

struct notes {
    struct arena *arena; /* borrowed */
    struct place place;
    const char *files[NOTES_FILES];
    int depth; /* -1 = not known */
    bool framed;
    int remembered;
    int saved_depth[NOTES_REMEMBERED];
    bool saved_framed[NOTES_REMEMBERED];
};

/* Take note of @directive. Returns false when it is of another kind. */
bool notes_take(struct notes *notes, const char *directive);

/* Take note of a line marker of the preprocessor: # 12 "file.c" */
void notes_take_marker(struct notes *notes, const char *line);
