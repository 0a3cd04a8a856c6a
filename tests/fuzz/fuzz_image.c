/* SPDX-License-Identifier: MIT */
/*
 * fuzz_image.c - a .dom file as the loader and "tepal inspect" read it:
 * image_parse(), every record of what it accepts, symbols, and the verifier
 * over its text.
 */
#include "fuzz.h"
#include "tepal_trusted/image.h"
#include "verified.h"
#include <string.h>

static volatile uint64_t sum; /* a sanitizer sees each byte read */

static void read_segment(const struct image *image,
                         const struct image_segment *segment)
{
    uint32_t i;

    CLAIM(segment->file_bytes <= segment->memory_bytes);
    CLAIM(segment->address + (uint64_t)segment->memory_bytes <=
          TP_STACKS_START);
    for (i = 0; i < segment->file_bytes; i += 64)
        sum += image->file[segment->file_offset + i];
    if (segment->file_bytes)
        sum += image->file[segment->file_offset + segment->file_bytes - 1];
}

static void read_records(const struct image *image)
{
    uint32_t i, m;

    for (i = 0; i < image->import_count; i++)
        sum += image_method(image, i).method;
    for (i = 0; i < image->type_count; i++)
        sum += image_type(image, i).bytes;
    for (i = 0; i < image->cap_count; i++) {
        claim_is_text(image_cap_name(image, i), IMAGE_NAME_MAX + 1);
        CLAIM(image_cap(image, i).variable >= image->data.address);
        CLAIM(image_cap(image, i).variable + sizeof(uint32_t) <=
              (uint64_t)image->data.address + image->data.memory_bytes);
    }
    for (i = 0; i < image->export_count; i++) {
        claim_is_text(image_export_name(image, i), IMAGE_NAME_MAX + 1);
        for (m = 0; m < image_export(image, i).method_count; m++)
            CLAIM(image_export_method(image, i, m) >=
                  image->header.imports_end);
    }
}

/* Symbols are walked for each address: a few addresses will do. */
static void read_symbols(const struct image *image)
{
    uint32_t step = image->text.memory_bytes / 3 + 1, i, offset = 0;

    for (i = 0; i < image->text.memory_bytes; i += step) {
        const char *name =
            image_symbol(image, image->text.address + i, &offset);

        if (name) {
            claim_is_text(name, 256);
            CLAIM(offset <= i);
        }
    }
    CLAIM(!image_symbol(image, 0, &offset));
    CLAIM(!image_symbol(image, UINT32_MAX, &offset));
}

static void verify(const struct image *image)
{
    uint32_t *entries = malloc(image->ftab_bytes);
    uint8_t *text = malloc(image->text.file_bytes);
    struct verify_input input;

    CLAIM(entries && text);
    memcpy(text, image->file + image->text.file_offset, image->text.file_bytes);
    input = image_verify_input(image, text, entries);
    CLAIM(input.entry_count * sizeof(*entries) <= image->ftab_bytes);
    verify_and_look(&input, text);
    free(text);
    free(entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image_error error = {NULL, 0};
    struct image image;

    if (!image_parse(&image, data, size, &error)) {
        claim_is_text(error.text, 128);
        CLAIM(error.text[0]);
        return 0;
    }
    read_segment(&image, &image.ftab);
    read_segment(&image, &image.text);
    read_segment(&image, &image.rodata);
    read_segment(&image, &image.data);
    read_records(&image);
    read_symbols(&image);
    verify(&image);
    return 0;
}
