/* SPDX-License-Identifier: MIT */
/*
 * notes.c - what the compiler's directives say of the code beside them.
 *
 * The .cfi directives give the distance from the stack pointer to the
 * caller's frame (DWARF 5, 6.4.2; "Using as", CFI directives). The rewriter
 * uses it to tell whether a call returns: behind one that does not, the noted
 * depth is of another path.
 */
#include "notes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DWARF_RSP = 7,
    ENTRY_OFFSET = 8, /* the return address */
    DEPTH_MAX = 1 << 28,
};

/* Depths beyond any frame count as not known. */
static void set_depth(struct notes *notes, int offset)
{
    notes->depth =
        offset >= 0 && offset < DEPTH_MAX ? offset - ENTRY_OFFSET : -1;
}

static void define(struct notes *notes, int reg, int offset)
{
    notes->framed = reg != DWARF_RSP;
    set_depth(notes, offset);
}

static void adjust(struct notes *notes, int offset)
{
    if (notes->depth < 0 || offset > DEPTH_MAX || offset < -DEPTH_MAX)
        notes->depth = -1;
    else
        set_depth(notes, notes->depth + ENTRY_OFFSET + offset);
}

static void remember(struct notes *notes)
{
    int at = notes->remembered;

    if (at == NOTES_REMEMBERED)
        return;
    notes->saved_depth[at] = notes->depth;
    notes->saved_framed[at] = notes->framed;
    notes->remembered++;
}

static void restore(struct notes *notes)
{
    if (!notes->remembered)
        return;
    notes->remembered--;
    notes->depth = notes->saved_depth[notes->remembered];
    notes->framed = notes->saved_framed[notes->remembered];
}

/* gcc writes numbers, clang names; what is none of the two is not %rsp. */
static int dwarf_register(const char *text)
{
    int number;

    if (strncmp(text, "%rsp", 4) == 0)
        return DWARF_RSP;
    return sscanf(text, "%d", &number) == 1 ? number : -1;
}

static void take_cfi(struct notes *notes, const char *directive)
{
    char reg[16];
    int offset;

    if (sscanf(directive, ".cfi_def_cfa_offset %d", &offset) == 1)
        set_depth(notes, offset);
    else if (sscanf(directive, ".cfi_adjust_cfa_offset %d", &offset) == 1)
        adjust(notes, offset);
    else if (sscanf(directive, ".cfi_def_cfa_register %15s", reg) == 1)
        notes->framed = dwarf_register(reg) != DWARF_RSP;
    else if (sscanf(directive, ".cfi_def_cfa %15[^,], %d", reg, &offset) == 2)
        define(notes, dwarf_register(reg), offset);
    else if (strncmp(directive, ".cfi_escape", 11) == 0)
        notes->framed = true; /* an expression: stack aligned at run time */
    else if (strcmp(directive, ".cfi_startproc") == 0)
        define(notes, DWARF_RSP, ENTRY_OFFSET);
    else if (strcmp(directive, ".cfi_endproc") == 0)
        notes->depth = -1;
    else if (strcmp(directive, ".cfi_remember_state") == 0)
        remember(notes);
    else if (strcmp(directive, ".cfi_restore_state") == 0)
        restore(notes);
}

/* The last string of @text, without its quotes; NULL if there is none. */
static const char *last_string(struct arena *arena, const char *text)
{
    const char *close = strrchr(text, '"'), *open = close;

    while (open && open > text && open[-1] != '"')
        open--;
    if (!open || open == text)
        return NULL;
    return arena_copy(arena, open, (size_t)(close - open));
}

static void take_file(struct notes *notes, const char *directive)
{
    unsigned number = 0;
    const char *name = last_string(notes->arena, directive);

    if (sscanf(directive, ".file %u", &number) == 1 && name &&
        number < NOTES_FILES)
        notes->files[number] = name;
}

static void take_location(struct notes *notes, const char *directive)
{
    unsigned file, line;

    if (sscanf(directive, ".loc %u %u", &file, &line) != 2)
        return;
    notes->place.line = line;
    if (file < NOTES_FILES && notes->files[file])
        notes->place.file = notes->files[file];
}

bool notes_take(struct notes *notes, const char *directive)
{
    if (strncmp(directive, ".cfi_", 5) == 0)
        take_cfi(notes, directive);
    else if (strncmp(directive, ".file", 5) == 0)
        take_file(notes, directive);
    else if (strncmp(directive, ".loc", 4) == 0 &&
             (directive[4] == ' ' || directive[4] == '\t'))
        take_location(notes, directive);
    else
        return false;
    return true;
}

void notes_take_marker(struct notes *notes, const char *line)
{
    const char *name = last_string(notes->arena, line);
    unsigned number;

    if (!name || !*name || *name == '<' || sscanf(line, "# %u", &number) != 1)
        return;
    notes->place = (struct place){name, number};
}
