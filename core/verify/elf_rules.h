/* SPDX-License-Identifier: MIT */
/*
 * elf_rules.h - what the parts of image_parse() share.
 *
 * A rule is one call of require(), which keeps the refusal; a check that
 * reads more of the file comes only after the checks that make this reading
 * safe. Sums are formed in 64 bits of numbers that are known to be small.
 */
#pragma once
#include "elf.h"
#include "tepal_trusted/image.h"

#define FTAB_ENTRY_BYTES 8

/* The reading of one file. */
struct parse {
    struct image *image;
    struct image_error *error;
    struct elf_header elf;
    uint32_t load_count;  /* PT_LOADs so far */
    uint64_t memory_end;  /* pages below are taken */
    uint64_t file_end;    /* file bytes below belong to segments before */
    uint64_t note_offset; /* 0 = none seen */
    uint64_t note_address;
};

/* Refuse the file with @text, about @offset of it, unless the rule @holds. */
static inline bool require(struct parse *parse, bool holds, uint64_t offset,
                           const char *text)
{
    if (!holds)
        *parse->error = (struct image_error){text, (size_t)offset};
    return holds;
}

/* [@offset, @offset + @bytes) lies in the file. */
static inline bool lies_in_file(const struct image *image, uint64_t offset,
                                uint64_t bytes)
{
    return offset <= image->file_bytes && bytes <= image->file_bytes - offset;
}

/* [@start, @start + @bytes) lies in what the file holds of @segment. */
static inline bool lies_in_segment(const struct image_segment *segment,
                                   uint64_t start, uint64_t bytes)
{
    return start >= segment->address &&
           start - segment->address <= segment->file_bytes &&
           bytes <= segment->file_bytes - (start - segment->address);
}

/* Where in the file @address lies. Needs: it lies in @segment's file bytes. */
static inline uint64_t offset_of(const struct image_segment *segment,
                                 uint64_t address)
{
    return segment->file_offset + (address - segment->address);
}

/*
 * The function table and the tables that the note's descriptor names.
 * Needs: segments and descriptor checked.
 * Owns:  sets @parse's image's ftab_bytes and counts.
 */
bool check_tables(struct parse *parse);

/* The symbol and string table, if the file has them and they are sound. */
void find_symbols(struct image *image, const struct elf_header *header);
