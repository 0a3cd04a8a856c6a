/* SPDX-License-Identifier: MIT */
/*
 * elf_symbols.c - function names for reports.
 *
 * Section headers and symbols decide nothing, so an error in them refuses
 * nothing: it only leaves the file without symbols. Their contents are
 * hostile all the same. Names go to the log, so only printable ones count: a
 * file cannot forge lines of it.
 *
 * Invariant: symbol_count records lie in the file from symbols_offset, and
 * strings_bytes bytes, of which the last is 0, from strings_offset.
 */
#include "elf_rules.h"

#define SYMBOL_NAME_MAX 255

static struct elf_section section_at(const struct image *image,
                                     const struct elf_header *header,
                                     uint32_t index)
{
    struct elf_section section;

    __builtin_memcpy(&section,
                     image->file + header->shoff +
                         (uint64_t)index * sizeof(section),
                     sizeof(section));
    return section;
}

/* Whether @symbols and its strings are tables that can be read. */
static bool tables_are_sound(const struct image *image,
                             const struct elf_section *symbols,
                             const struct elf_section *strings)
{
    return lies_in_file(image, symbols->offset, symbols->size) &&
           symbols->entsize == sizeof(struct elf_symbol) &&
           symbols->size / sizeof(struct elf_symbol) <= UINT32_MAX &&
           strings->type == ELF_SHT_STRTAB && strings->size != 0 &&
           lies_in_file(image, strings->offset, strings->size) &&
           image->file[strings->offset + strings->size - 1] == 0;
}

void find_symbols(struct image *image, const struct elf_header *header)
{
    if (header->shentsize != sizeof(struct elf_section) ||
        !lies_in_file(image, header->shoff,
                      header->shnum * sizeof(struct elf_section)))
        return;
    for (uint32_t i = 0; i < header->shnum; i++) {
        struct elf_section symbols = section_at(image, header, i), strings;

        if (symbols.type != ELF_SHT_SYMTAB || symbols.link >= header->shnum)
            continue;
        strings = section_at(image, header, symbols.link);
        if (!tables_are_sound(image, &symbols, &strings))
            continue;
        image->symbols_offset = symbols.offset;
        image->symbol_count =
            (uint32_t)(symbols.size / sizeof(struct elf_symbol));
        image->strings_offset = strings.offset;
        image->strings_bytes = strings.size;
        return;
    }
}

/* The name at @offset of the strings, or NULL if it is not fit to print. */
static const char *printable_name(const struct image *image, uint32_t offset)
{
    const uint8_t *name;
    size_t length = 0;

    if (offset >= image->strings_bytes)
        return NULL;
    name = image->file + image->strings_offset + offset;
    for (; name[length] != 0; length++)
        if (length == SYMBOL_NAME_MAX || name[length] <= ' ' ||
            name[length] > '~')
            return NULL;
    return length == 0 ? NULL : (const char *)name;
}

static struct elf_symbol symbol_at(const struct image *image, uint32_t index)
{
    struct elf_symbol symbol;

    __builtin_memcpy(&symbol,
                     image->file + image->symbols_offset +
                         (size_t)index * sizeof(symbol),
                     sizeof(symbol));
    return symbol;
}

const char *image_symbol(const struct image *image, uint32_t address,
                         uint32_t *offset)
{
    const char *best = NULL;
    uint64_t best_value = image->text.address;

    if (address < image->text.address ||
        address - image->text.address >= image->text.memory_bytes)
        return NULL;
    for (uint32_t i = 0; i < image->symbol_count; i++) {
        struct elf_symbol symbol = symbol_at(image, i);
        const char *name;

        if ((symbol.info & 15) != ELF_STT_FUNC || symbol.shndx == 0 ||
            symbol.value < best_value || symbol.value > address)
            continue;
        name = printable_name(image, symbol.name);
        if (name == NULL)
            continue;
        best = name;
        best_value = symbol.value;
        *offset = (uint32_t)(address - symbol.value);
    }
    return best;
}
