/* SPDX-License-Identifier: MIT */
/* sections.c - which section the assembler is in ("Using as", section 7). */
#include "sections.h"
#include "arena.h"
#include <ctype.h>
#include <string.h>

/* What follows @name in @directive; NULL if it is another directive. */
static const char *after(const char *directive, const char *name)
{
    size_t length = strlen(name);

    if (strncmp(directive, name, length) != 0)
        return NULL;
    if (directive[length] && !isspace((unsigned char)directive[length]))
        return NULL;
    while (isspace((unsigned char)directive[length]))
        length++;
    return directive + length;
}

static void enter(struct sections *sections, const char *name)
{
    sections->previous = sections->current;
    sections->current = name;
}

static const char *first_word(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strcspn(text, ", \t"));
}

bool sections_take(struct sections *sections, struct arena *arena,
                   const char *directive)
{
    static const char *const plain[] = {".text", ".data", ".bss"};
    const char *rest;

    for (int i = 0; i < 3; i++) {
        if (after(directive, plain[i])) {
            enter(sections, plain[i]);
            return true;
        }
    }
    if ((rest = after(directive, ".section"))) {
        enter(sections, first_word(arena, rest));
    } else if ((rest = after(directive, ".pushsection"))) {
        if (sections->depth < SECTIONS_DEEP)
            sections->pushed[sections->depth] = sections->current;
        sections->depth++;
        enter(sections, first_word(arena, rest));
    } else if (after(directive, ".popsection")) {
        if (sections->depth > 0 && --sections->depth < SECTIONS_DEEP)
            enter(sections, sections->pushed[sections->depth]);
    } else if (after(directive, ".previous")) {
        enter(sections, sections->previous);
    } else {
        return false;
    }
    return true;
}

bool sections_debug(const struct sections *sections)
{
    return strncmp(sections->current, ".debug_", 7) == 0;
}
