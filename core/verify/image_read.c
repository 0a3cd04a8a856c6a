/* SPDX-License-Identifier: MIT */
/*
 * image_read.c - the readers of an image that image_parse() accepted.
 *
 * They check nothing: the rules of elf_rules.c and elf_tables.c make every
 * read here one inside the file. Records need not be aligned in it.
 */
#include "elf_rules.h"

/* Copy record @index of the table at @start. */
#define COPY_RECORD(record, image, start, index)                               \
    __builtin_memcpy(&(record),                                                \
                     (image)->file + offset_of(&(image)->rodata, start) +      \
                         (size_t)(index) * sizeof(record),                     \
                     sizeof(record))

struct dom_method image_method(const struct image *image, uint32_t index)
{
    struct dom_method method;

    COPY_RECORD(method, image, image->header.methods_start, index);
    return method;
}

struct dom_cap image_cap(const struct image *image, uint32_t index)
{
    struct dom_cap cap;

    COPY_RECORD(cap, image, image->header.caps_start, index);
    return cap;
}

struct dom_type image_type(const struct image *image, uint32_t index)
{
    struct dom_type type;

    COPY_RECORD(type, image, image->header.types_start, index);
    return type;
}

struct dom_export image_export(const struct image *image, uint32_t index)
{
    struct dom_export export;

    COPY_RECORD(export, image, image->header.exports_start, index);
    return export;
}

const char *image_cap_name(const struct image *image, uint32_t index)
{
    uint64_t name = image_cap(image, index).name;

    return (const char *)image->file + offset_of(&image->rodata, name);
}

const char *image_export_name(const struct image *image, uint32_t index)
{
    uint64_t name = image_export(image, index).name;

    return (const char *)image->file + offset_of(&image->rodata, name);
}

uint32_t image_export_method(const struct image *image, uint32_t index,
                             uint32_t method)
{
    uint64_t pointer;

    COPY_RECORD(pointer, image, image_export(image, index).methods, method);
    return (uint32_t)pointer;
}

uint32_t image_ftab_count(const struct image *image)
{
    return (image->header.ftab_end - TP_FTAB_START) / FTAB_ENTRY_BYTES;
}

uint32_t image_ftab_target(const struct image *image, uint32_t index)
{
    uint64_t target;

    __builtin_memcpy(&target,
                     image->file + image->ftab.file_offset +
                         (size_t)index * sizeof(target),
                     sizeof(target));
    return (uint32_t)target;
}

struct verify_input image_verify_input(const struct image *image,
                                       const uint8_t *text, uint32_t *entries)
{
    struct verify_input input = {
        .text = text,
        .bytes = image->text.file_bytes,
        .address = image->text.address,
        .imports_end = image->header.imports_end,
        .ftab_bytes = image->ftab_bytes,
        .entries = entries,
        .flavour = image->header.flavour,
    };
    uint32_t i;

    for (i = 1 + image->import_count; i < image_ftab_count(image); i++)
        entries[input.entry_count++] = image_ftab_target(image, i);
    return input;
}
