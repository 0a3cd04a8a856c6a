/* SPDX-License-Identifier: MIT */
/*
 * image.h - a .dom file, checked. Trusted only.
 *
 * image_parse() is the one place that reads the ELF structures of a domain.
 * What it accepts satisfies every rule under "File" in docs/ABI.md, so its
 * users index the file without a check of their own.
 */
#pragma once
#include "tepal/abi.h"
#include "tepal_trusted/verify.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits that keep checking linear, and log lines short. */
#define IMAGE_NAME_MAX 63     /* characters of a capability's or export's name */
#define IMAGE_METHODS_MAX 256 /* methods of an export */

/* A loadable segment: file bytes, then zeros up to memory_bytes. */
struct image_segment {
    uint32_t address;      /* slot offset, page-aligned */
    uint32_t memory_bytes; /* 0 = segment absent */
    uint32_t file_bytes;   /* at most memory_bytes */
    size_t file_offset;
};

struct image {
    const uint8_t *file; /* borrowed: outlives the image, nobody writes it */
    size_t file_bytes;
    struct image_segment ftab, text, rodata, data;
    struct dom_header header;
    uint32_t ftab_bytes; /* size of the table, a power of two */
    uint32_t import_count, cap_count, type_count, export_count;
    /* symbol and string table; 0 symbols when there are none */
    size_t symbols_offset, strings_offset;
    uint32_t symbol_count;
    size_t strings_bytes;
};

/* Why a file was refused: a sentence, and the file offset it is about. */
struct image_error {
    const char *text;
    size_t offset;
};

/*
 * Check @file and describe it in @image.
 * Needs:  a private copy: if the bytes change later, nothing holds.
 * Errors: false, and @error says what is wrong.
 */
bool image_parse(struct image *image, const uint8_t *file, size_t bytes,
                 struct image_error *error);

/* Records and strings; @index below the count. Strings end within the file. */
struct dom_method image_method(const struct image *image, uint32_t index);
struct dom_cap image_cap(const struct image *image, uint32_t index);
struct dom_type image_type(const struct image *image, uint32_t index);
struct dom_export image_export(const struct image *image, uint32_t index);
const char *image_cap_name(const struct image *image, uint32_t index);
const char *image_export_name(const struct image *image, uint32_t index);
/* Function pointer @method of export @index: a used function entry. */
uint32_t image_export_method(const struct image *image, uint32_t index,
                             uint32_t method);

/* Used table entries, the trap entry included; and what function entry @index
 * holds: the slot offset of its first instruction. 0 for an import. */
uint32_t image_ftab_count(const struct image *image);
uint32_t image_ftab_target(const struct image *image, uint32_t index);

/*
 * What has to be verified: @text, a copy of @image's, from all its functions.
 * @entries: room for a uint32_t in each used entry of the table; it is filled.
 */
struct verify_input image_verify_input(const struct image *image,
                                       const uint8_t *text, uint32_t *entries);

/*
 * The function symbol at or below slot offset @address.
 * Returns its name and sets @offset to the distance; NULL when there is none.
 * Cost: a walk over all symbols; for reports.
 */
const char *image_symbol(const struct image *image, uint32_t address,
                         uint32_t *offset);
