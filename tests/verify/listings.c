/* SPDX-License-Identifier: MIT */
/*
 * listings.c - functions of domains as lists of instructions.
 *
 * A function is what the file's symbols say it is. Branches within it lead to
 * lines, those out of it ELSEWHERE, to be led somewhere when a mutant is made;
 * so code can be put between lines and branches still lead to instructions.
 */
#include "listings.h"
#include "accepted.h"
#include "accepted_gs.h"
#include "attacks_control.h"
#include "attacks_gs.h"
#include "attacks_instructions.h"
#include "attacks_operands.h"
#include "tepal/abi.h"
#include "tepal_trusted/image.h"
#include <Zydis/Zydis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))
#define LISTINGS_MAX 4096
#define FILE_BYTES_MAX (4u << 20)

static const char *const files[] = {
    "domains/forward.dom",
    "domains/macswap.dom",
    "domains/maglev.dom",
    "domains/firewall.dom",
    "domains/ixgbe.dom",
    "domains/bench_caller.dom",
    "tests/crossing/domains/fruit.dom",
    "tests/crossing/domains/juggler.dom",
    "tests/attacks/domains/intruder.dom",
    "tests/crossing/domains/fruit-gs.dom",
    "tests/crossing/domains/second-gs.dom",
    "tests/crossing/domains/juggler-gs.dom",
    "tests/attacks/domains/intruder-gs.dom",
};

static ZydisDecoder decoder;

struct line line_read(const uint8_t *bytes, uint32_t available)
{
    struct line line = {.length = 1, .target = NO_TARGET};
    ZydisDecodedInstruction insn;

    if (ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, bytes,
                                                   available, &insn))) {
        line.length = insn.length;
        line.immediate = insn.raw.imm[0].size / 8;
        line.displacement = insn.raw.disp.size / 8;
        if (line.immediate && insn.raw.imm[0].is_relative)
            line.target = ELSEWHERE;
    }
    memcpy(line.bytes, bytes, line.length);
    return line;
}

/* Where the branch @line at @at leads; little endian as its bytes are. */
static int64_t target_of(const struct line *line, uint32_t at)
{
    int32_t distance;

    if (line->immediate == 1)
        return (int64_t)at + line->length +
               (int8_t)line->bytes[line->length - 1];
    memcpy(&distance, line->bytes + line->length - 4, 4);
    return (int64_t)at + line->length + distance;
}

/* Lines of @text; branches lead to lines where there is one at the target. */
static struct listing listing_read(const uint8_t *text, uint32_t bytes)
{
    struct line *lines = calloc(LISTING_LINES_MAX, sizeof(*lines));
    int32_t *line_at = malloc((bytes + 1) * sizeof(*line_at));
    struct listing listing = {lines, 0};
    uint32_t at = 0, i;

    if (!lines || !line_at)
        abort();
    for (i = 0; i <= bytes; i++)
        line_at[i] = ELSEWHERE;
    while (at < bytes && listing.count < LISTING_LINES_MAX) {
        line_at[at] = (int32_t)listing.count;
        lines[listing.count] = line_read(text + at, bytes - at);
        at += lines[listing.count++].length;
    }
    for (i = 0, at = 0; i < listing.count; at += lines[i++].length) {
        int64_t target = target_of(&lines[i], at);

        if (lines[i].target == ELSEWHERE && target >= 0 && target < bytes)
            lines[i].target = line_at[target];
    }
    free(line_at);
    return listing;
}

static void add(struct listing *list, uint32_t *count, const uint8_t *text,
                uint32_t bytes)
{
    if (*count < LISTINGS_MAX)
        list[(*count)++] = listing_read(text, bytes);
}

static void add_snippets(struct listing *list, uint32_t *count,
                         const struct snippet *snippets, uint32_t snippet_count)
{
    for (uint32_t i = 0; i < snippet_count; i++)
        if (snippets[i].bytes)
            add(list, count, snippets[i].text, snippets[i].bytes);
}

/* Each stretch of the text that one symbol names, if it is not too long. */
static void add_functions(struct listings *listings, const struct image *image)
{
    const uint8_t *text = image->file + image->text.file_offset;
    const char *name = NULL;
    uint32_t at = 0, start = 0;

    while (at < image->text.file_bytes) {
        uint32_t offset;
        const char *next =
            image_symbol(image, image->text.address + at, &offset);

        if (next != name && at > start && name && at - start < 1500)
            add(listings->functions, &listings->function_count, text + start,
                at - start);
        if (next != name)
            start = at;
        name = next;
        at += line_read(text + at, image->text.file_bytes - at).length;
    }
}

static size_t file_read(const char *name, uint8_t *bytes)
{
    const char *folder = getenv("TEPAL_BUILD");
    char path[512];
    size_t size = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder ? folder : ".", name);
    file = fopen(path, "rb");
    if (file) {
        size = fread(bytes, 1, FILE_BYTES_MAX, file);
        fclose(file);
    }
    return size;
}

static void add_domains(struct listings *listings, uint32_t flavour)
{
    uint8_t *bytes = malloc(FILE_BYTES_MAX);

    for (uint32_t i = 0; bytes && i < COUNT(files); i++) {
        size_t size = file_read(files[i], bytes);
        struct image_error error;
        struct image image;

        if (size && image_parse(&image, bytes, size, &error) &&
            image.header.flavour == flavour)
            add_functions(listings, &image);
    }
    free(bytes);
}

static void add_corpus(struct listings *listings, uint32_t flavour)
{
    struct listing *hostile = listings->hostile;
    uint32_t *count = &listings->hostile_count;

    add_snippets(hostile, count, instructions_attacks,
                 COUNT(instructions_attacks));
    add_snippets(hostile, count, operands_attacks, COUNT(operands_attacks));
    add_snippets(hostile, count, control_attacks, COUNT(control_attacks));
    add_snippets(hostile, count, gs_attacks, COUNT(gs_attacks));
    if (flavour == TP_FLAVOUR_GS)
        add_snippets(listings->functions, &listings->function_count,
                     gs_accepted_code, COUNT(gs_accepted_code));
    else
        add_snippets(listings->functions, &listings->function_count,
                     accepted_code, COUNT(accepted_code));
}

const struct listings *listings_of(uint32_t flavour)
{
    static struct listings kept[TP_FLAVOUR_GS + 1]; /* to the end */
    struct listings *listings = &kept[flavour];

    if (listings->functions)
        return listings;
    listings->functions = calloc(LISTINGS_MAX, sizeof(*listings->functions));
    listings->hostile = calloc(LISTINGS_MAX, sizeof(*listings->hostile));
    if (!listings->functions || !listings->hostile)
        abort();
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64,
                     ZYDIS_STACK_WIDTH_64);
    add_domains(listings, flavour);
    add_corpus(listings, flavour);
    return listings;
}
