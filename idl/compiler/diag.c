/* SPDX-License-Identifier: MIT */
/* diag.c - see diag.h. */
#include "diag.h"
#include <stdarg.h>
#include <string.h>

/* What is shown of a line; the rest of a longer one is cut off. */
#define SHOWN_MAX 160u

struct place {
    uint32_t line, column; /* from 1 */
    uint32_t line_start, line_length;
};

static struct place place_of(const struct source *source, struct span at)
{
    struct place place = {.line = 1};
    uint32_t i, end = at.start;

    for (i = 0; i < at.start && i < source->bytes; i++) {
        if (source->text[i] == '\n') {
            place.line++;
            place.line_start = i + 1;
        }
    }
    while (end < source->bytes && source->text[end] != '\n')
        end++;
    place.column = at.start - place.line_start + 1;
    place.line_length = end - place.line_start;
    return place;
}

/* The line with what a terminal could choke on replaced, and a caret below. */
static void show_line(const struct diag *diag, struct span at,
                      struct place place)
{
    const char *line = diag->source->text + place.line_start;
    uint32_t skip = place.column > SHOWN_MAX ? place.column - SHOWN_MAX / 2 : 0;
    uint32_t i;

    fprintf(diag->out, "%5u | ", place.line);
    for (i = skip; i < place.line_length && i < skip + SHOWN_MAX; i++)
        fputc(line[i] >= ' ' && line[i] <= '~'     ? line[i]
              : line[i] == '\t' || line[i] == '\r' ? ' '
                                                   : '?',
              diag->out);
    fprintf(diag->out, "\n      | %*s", (int)(place.column - 1 - skip), "");
    for (i = 0; i < at.length; i++) {
        uint32_t column = place.column - 1 + i;

        if (i && (column >= place.line_length || column >= skip + SHOWN_MAX))
            break;
        fputc(i ? '~' : '^', diag->out);
    }
    fputc('\n', diag->out);
}

__attribute__((format(printf, 4, 0))) static void
report(const struct diag *diag, struct span at, const char *kind,
       const char *format, va_list args)
{
    struct place place = place_of(diag->source, at);

    fprintf(diag->out, "%s:%u:%u: %s: ", diag->source->path, place.line,
            place.column, kind);
    vfprintf(diag->out, format, args);
    fputc('\n', diag->out);
    show_line(diag, at, place);
}

void diag_error(struct diag *diag, struct span at, const char *format, ...)
{
    va_list args;

    diag->errors++;
    va_start(args, format);
    report(diag, at, "error", format, args);
    va_end(args);
    if (diag->errors == DIAG_ERRORS_MAX)
        fprintf(diag->out, "%s: too many errors, giving up\n",
                diag->source->path);
}

void diag_note(struct diag *diag, const char *format, ...)
{
    va_list args;

    fputs("      = note: ", diag->out);
    va_start(args, format);
    vfprintf(diag->out, format, args);
    va_end(args);
    fputc('\n', diag->out);
}

void diag_note_at(struct diag *diag, struct span at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    report(diag, at, "note", format, args);
    va_end(args);
}
