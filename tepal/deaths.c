/* SPDX-License-Identifier: MIT */
/*
 * deaths.c - takes obituaries out of the kernel, names their addresses, says
 * them, and keeps them for the report.
 *
 * Functions come from the symbol table of the bytes that were loaded, lines
 * from addr2line (source_lines.c), which is asked once for a death and file. A
 * domain that dies again where it died before is not looked up again, and a
 * file that addr2line came to nothing with is not tried again.
 */
#include "deaths.h"
#include "death.h"
#include "tepal_trusted/domain.h"
#include <stdlib.h>
#include <string.h>

#define DEATHS_MAX 256

/* One in a process. */
static struct {
    struct death *kept[DEATHS_MAX];
    uint32_t count;
    uint64_t left_out;
} deaths;

/* Version @number of @domain's file; NULL: none that we know. */
static struct version *version_of(const struct running *running,
                                  const struct domain *domain, uint32_t number)
{
    uint32_t i;

    for (i = 0; i < running->loaded; i++)
        if (running->domains[i].domain == domain)
            return version_find(
                __atomic_load_n(&running->domains[i].latest, __ATOMIC_ACQUIRE),
                number);
    return NULL;
}

static bool is_same_file(const struct death_frame *a,
                         const struct death_frame *b)
{
    return a->domain == b->domain && a->version == b->version;
}

/* Names of files are the user's, but may hold anything. */
static void copy_printable(char *to, size_t room, const char *from)
{
    size_t i;

    for (i = 0; from[i] && i + 1 < room; i++)
        to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '.';
    to[i] = 0;
}

/* The first is there even when the chain has none. */
static uint32_t frames_of(const struct death *death)
{
    uint32_t length = death->obituary.death.chain_length;

    if (length == 0)
        return 1;
    return length < DEATH_CHAIN_MAX ? length : DEATH_CHAIN_MAX;
}

static void name_function(struct place *place, const struct death_frame *frame,
                          const struct version *version)
{
    const char *function;

    place->source.address = frame->address;
    if (!frame->address || !version)
        return;
    function = image_symbol(&version->image, frame->address, &place->offset);
    if (function)
        copy_printable(place->function, sizeof(place->function), function);
}

/* The line of the same place in an earlier death. */
static bool find_line(const struct death_frame *frame,
                      struct source_line *line)
{
    uint32_t i, f;

    for (i = deaths.count; i-- > 0;)
        for (f = 0; f < frames_of(deaths.kept[i]); f++) {
            const struct death *old = deaths.kept[i];

            if (!is_same_file(&old->obituary.death.chain[f], frame) ||
                old->places[f].source.address != line->address)
                continue;
            *line = old->places[f].source;
            return true;
        }
    return false;
}

/* Lines for all frames of @death that are in the file of @wanted. */
static void find_lines_in(struct death *death, struct version *version,
                          const struct death_frame *wanted)
{
    struct source_line lines[DEATH_CHAIN_MAX];
    uint32_t which[DEATH_CHAIN_MAX], count = 0, f;

    for (f = 0; f < frames_of(death); f++) {
        const struct death_frame *frame = &death->obituary.death.chain[f];
        struct source_line *line = &death->places[f].source;

        if (!is_same_file(frame, wanted) || !line->address ||
            find_line(frame, line))
            continue;
        which[count] = f;
        lines[count++] = *line;
    }
    if (count == 0 || version->without_lines)
        return;
    version->without_lines = !source_lines_find(
        version->file.bytes, version->file.size, lines, count);
    for (f = 0; f < count; f++)
        death->places[which[f]].source = lines[f];
}

/* Whether a frame before @frame is in the same file. */
static bool was_looked_at(const struct death *death, uint32_t frame)
{
    const struct death_frame *chain = death->obituary.death.chain;
    uint32_t f = 0;

    while (f < frame && !is_same_file(&chain[f], &chain[frame]))
        f++;
    return f < frame;
}

static void name_places(struct death *death, const struct running *running)
{
    const struct death_frame *chain = death->obituary.death.chain;
    struct version *versions[DEATH_CHAIN_MAX];
    uint32_t f;

    for (f = 0; f < frames_of(death); f++) {
        versions[f] = version_of(running, chain[f].domain, chain[f].version);
        name_function(&death->places[f], &chain[f], versions[f]);
    }
    for (f = 0; f < frames_of(death); f++)
        if (versions[f] && !was_looked_at(death, f))
            find_lines_in(death, versions[f], &chain[f]);
}

static void say(struct death *death, const struct running *running,
                const char *start)
{
    const struct obituary *obituary = &death->obituary;
    const struct version *version =
        version_of(running, obituary->domain, obituary->version);

    if (version)
        copy_printable(death->file, sizeof(death->file), version->file.path);
    name_places(death, running);
    fputs(start, stderr);
    death_text(death, stderr);
    deaths.kept[deaths.count++] = death;
}

void deaths_take(const struct running *running, const char *start)
{
    static struct obituary obituary;
    struct death *death;

    while (obituary_take(&obituary)) {
        death = deaths.count < DEATHS_MAX ? calloc(1, sizeof(*death)) : NULL;
        if (!death) {
            deaths.left_out++;
            continue;
        }
        death->obituary = obituary;
        say(death, running, start);
    }
}

void deaths_json(struct json *json)
{
    uint32_t i;

    json_open(json, "deaths", '[');
    for (i = 0; i < deaths.count; i++)
        death_json(deaths.kept[i], json);
    json_close(json, ']');
    json_number(json, "deaths_left_out", deaths.left_out + obituaries_lost());
}
