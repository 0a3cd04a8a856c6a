/* SPDX-License-Identifier: MIT */
/*
 * death.c - one death as a block of text, and as an object of the report.
 * Every text in it is printable by now, whoever wrote it.
 */
#include "death.h"
#include "tepal/abi.h"
#include "tepal_trusted/type.h"

static uint32_t frames_of(const struct domain_death *death)
{
    return death->chain_length < DEATH_CHAIN_MAX ? death->chain_length
                                                 : DEATH_CHAIN_MAX;
}

static void text_place(const struct place *place, FILE *file)
{
    const struct source_line *source = &place->source;

    if (!source->address) {
        fputs("an unknown address", file);
        return;
    }
    if (place->function[0])
        fprintf(file, "%s+0x%x", place->function, place->offset);
    else
        fputs("no symbol", file);
    if (source->place.file[0])
        fprintf(file, " %s:%u", source->place.file, source->place.line);
    fprintf(file, " (slot offset 0x%x)", source->address);
}

/* Of callers that is always the stub of the method: so not there. */
static void text_inlined(const struct source_place *inlined, FILE *file)
{
    if (inlined->file[0])
        fprintf(file, ", inlined %s:%u", inlined->file, inlined->line);
}

/* How the thread came to where it died: callers further down. */
static void text_chain(const struct death *death, FILE *file)
{
    const struct domain_death *known = &death->obituary.death;
    uint32_t f;

    for (f = 0; f < frames_of(known); f++) {
        const struct death_frame *frame = &known->chain[f];

        fprintf(file, "  %-9s %s", f ? "called by" : "in", frame->name);
        if (frame->interface)
            fprintf(file, ", %s.%s", frame->interface, frame->method);
        else
            fputs(", its own thread", file);
        if (f) {
            fputs(", ", file);
            text_place(&death->places[f], file);
        }
        fputc('\n', file);
    }
    if (f < known->chain_length)
        fprintf(file, "  called by %u more\n", known->chain_length - f);
}

static void text_access(const struct death *death, FILE *file)
{
    uint64_t address = death->obituary.death.fault_address;
    uint64_t offset = address - death->obituary.base;

    if (offset < TP_SLOT_SIZE)
        fprintf(file, "  accessed  slot offset 0x%lx\n", offset);
    else if (address)
        fprintf(file, "  accessed  0x%lx, outside its slot\n", address);
}

static void text_objects(const char *what, struct death_objects count,
                         FILE *file)
{
    fprintf(file, "  %-9s %lu shared object%s, %lu bytes", what, count.objects,
            count.objects == 1 ? "" : "s", count.bytes);
}

static void text_freed(const struct domain_death *death, FILE *file)
{
    uint32_t i;

    text_objects("freed", death->freed, file);
    for (i = 0; i < DEATH_TYPES_MAX && death->types[i].type; i++)
        fprintf(file, "%s %lu %s", i ? "," : ":",
                death->types[i].freed.objects, death->types[i].type->name);
    fputc('\n', file);
    if (!death->orphaned.objects)
        return;
    text_objects("orphaned", death->orphaned, file);
    fputs(": on loan, freed by their last return\n", file);
}

static void text_returned(const struct domain_death *death, FILE *file)
{
    uint32_t i;

    for (i = 0; i < DEATH_LENDERS_MAX && death->lenders[i].loans; i++)
        fprintf(file, "  returned  %lu loan%s to %s\n",
                death->lenders[i].loans,
                death->lenders[i].loans == 1 ? "" : "s",
                death->lenders[i].name);
    if (death->loans_elsewhere)
        fprintf(file, "  returned  %lu loans to others\n",
                death->loans_elsewhere);
}

void death_text(const struct death *death, FILE *file)
{
    const struct domain_death *known = &death->obituary.death;

    flockfile(file); /* one block, whoever else writes */
    fprintf(file, "tepal: domain %s died: %s\n", death->obituary.name,
            known->cause);
    if (death->obituary.generation > 1)
        fprintf(file, "  life      %u\n", death->obituary.generation);
    fprintf(file, "  file      %s\n  at        ", death->file);
    text_place(&death->places[0], file);
    text_inlined(&death->places[0].source.inlined, file);
    fputc('\n', file);
    text_access(death, file);
    text_chain(death, file);
    text_freed(known, file);
    text_returned(known, file);
    funlockfile(file);
}

static void json_source(const struct source_place *place, const char *file,
                        const char *line, struct json *json)
{
    if (!place->file[0])
        return;
    json_text(json, file, place->file);
    json_number(json, line, place->line);
}

static void json_place(const struct place *place, struct json *json)
{
    if (!place->source.address)
        return;
    json_number(json, "address", place->source.address);
    if (place->function[0]) {
        json_text(json, "function", place->function);
        json_number(json, "function_offset", place->offset);
    }
    json_source(&place->source.place, "source", "line", json);
    json_source(&place->source.inlined, "inlined_source", "inlined_line", json);
}

static void json_chain(const struct death *death, struct json *json)
{
    const struct domain_death *known = &death->obituary.death;
    uint32_t f;

    json_number(json, "chain_length", known->chain_length);
    json_open(json, "chain", '[');
    for (f = 0; f < frames_of(known); f++) {
        json_open(json, NULL, '{');
        json_text(json, "domain", known->chain[f].name);
        if (known->chain[f].interface) {
            json_text(json, "interface", known->chain[f].interface);
            json_text(json, "method", known->chain[f].method);
        }
        json_place(&death->places[f], json);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_objects(struct death_objects count, struct json *json)
{
    json_number(json, "objects", count.objects);
    json_number(json, "bytes", count.bytes);
}

static void json_freed(const struct domain_death *death, struct json *json)
{
    uint32_t i;

    json_open(json, "freed", '{');
    json_objects(death->freed, json);
    json_open(json, "types", '[');
    for (i = 0; i < DEATH_TYPES_MAX && death->types[i].type; i++) {
        json_open(json, NULL, '{');
        json_text(json, "name", death->types[i].type->name);
        json_objects(death->types[i].freed, json);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_close(json, '}');
    json_open(json, "orphaned", '{');
    json_objects(death->orphaned, json);
    json_close(json, '}');
}

static void json_returned(const struct domain_death *death, struct json *json)
{
    uint32_t i;

    json_open(json, "returned", '[');
    for (i = 0; i < DEATH_LENDERS_MAX && death->lenders[i].loans; i++) {
        json_open(json, NULL, '{');
        json_text(json, "domain", death->lenders[i].name);
        json_number(json, "loans", death->lenders[i].loans);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_number(json, "returned_elsewhere", death->loans_elsewhere);
}

static void json_access(const struct death *death, struct json *json)
{
    uint64_t address = death->obituary.death.fault_address;
    uint64_t offset = address - death->obituary.base;

    if (offset < TP_SLOT_SIZE)
        json_number(json, "accessed", offset);
    else if (address)
        json_number(json, "accessed_outside", address);
}

void death_json(const struct death *death, struct json *json)
{
    const struct domain_death *known = &death->obituary.death;

    json_open(json, NULL, '{');
    json_text(json, "domain", death->obituary.name);
    json_number(json, "generation", death->obituary.generation);
    json_text(json, "file", death->file);
    json_text(json, "cause", known->cause);
    json_place(&death->places[0], json);
    json_access(death, json);
    json_chain(death, json);
    json_freed(known, json);
    json_returned(known, json);
    json_close(json, '}');
}
