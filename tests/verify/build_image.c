/* SPDX-License-Identifier: MIT */
/*
 * build_image.c - a valid domain file, written out field by field.
 *
 * Written from docs/ABI.md and not with the reader's structures, so that a
 * mistake in those does not cancel out.
 */
#include "build_image.h"
#include <string.h>

#define RODATA(at) (BUILT_RODATA + (at))
#define RODATA_ADDRESS(at) (BUILT_RODATA_ADDRESS + (at))

void build_put(uint8_t *file, size_t offset, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        file[offset + i] = (uint8_t)(value >> (8 * i));
}

static void put_words(uint8_t *file, size_t offset, const uint64_t *values,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        build_put(file, offset + 8 * i, values[i], 8);
}

static void put_elf_header(uint8_t *file)
{
    memcpy(file, "\177ELF\2\1\1", 8);
    build_put(file, 16, 2, 2);  /* ET_EXEC */
    build_put(file, 18, 62, 2); /* x86_64 */
    build_put(file, 20, 1, 4);
    build_put(file, 24, TP_TEXT_START, 8);
    build_put(file, 32, BUILT_PHDRS, 8);
    build_put(file, 40, BUILT_SHDRS, 8);
    build_put(file, 52, 64, 2);
    build_put(file, 54, 56, 2);
    build_put(file, 56, 6, 2); /* program headers */
    build_put(file, 58, 64, 2);
    build_put(file, 60, 3, 2); /* section headers */
    build_put(file, 62, 2, 2);
}

static void put_segments(uint8_t *file)
{
    static const uint64_t segments[6][6] = {
        /* type, flags, offset, address, file bytes, memory bytes */
        {1, 4, BUILT_FTAB, TP_FTAB_START, 5 * 8, 5 * 8},
        {1, 5, BUILT_TEXT, TP_TEXT_START, BUILT_TEXT_BYTES, BUILT_TEXT_BYTES},
        {1, 4, BUILT_RODATA, BUILT_RODATA_ADDRESS, BUILT_RODATA_BYTES,
         BUILT_RODATA_BYTES},
        {1, 6, BUILT_DATA, BUILT_DATA_ADDRESS, BUILT_DATA_FILE_BYTES,
         BUILT_DATA_MEMORY_BYTES},
        {4, 4, RODATA(BUILT_NOTE), RODATA_ADDRESS(BUILT_NOTE), 76, 76},
        {0x6474e551, 6, 0, 0, 0, 0},
    };

    for (size_t i = 0; i < 6; i++) {
        size_t at = BUILT_PHDRS + 56 * i;

        build_put(file, at, segments[i][0], 4);
        build_put(file, at + 4, segments[i][1], 4);
        build_put(file, at + 8, segments[i][2], 8);
        build_put(file, at + 16, segments[i][3], 8);
        build_put(file, at + 24, segments[i][3], 8);
        build_put(file, at + 32, segments[i][4], 8);
        build_put(file, at + 40, segments[i][5], 8);
        build_put(file, at + 48, 0x1000, 8);
    }
}

static void put_code(uint8_t *file)
{
    static const uint64_t entries[5] = {0, 0, 0, TP_TEXT_START,
                                        TP_TEXT_START + BUILT_METHOD};
    static const uint8_t main_code[] =
        {0x41, 0xff, 0x96, 0x08, 0x00, 0x01, 0x00, /* call *0x10008(%r14) */
         0xe8, 0x04, 0x00, 0x00, 0x00,             /* call method */
         0xc3};
    static const uint8_t method_code[] =
        {0x41, 0x8b, 0x86, 0x00, 0x30, 0x10, 0x00, /* mov 0x103000(%r14),%eax */
         0xc3};

    put_words(file, BUILT_FTAB, entries, 5);
    memset(file + BUILT_TEXT, 0xcc, BUILT_TEXT_BYTES);
    memcpy(file + BUILT_TEXT, main_code, sizeof(main_code));
    memcpy(file + BUILT_TEXT + BUILT_METHOD, method_code, sizeof(method_code));
}

static void put_header(uint8_t *file)
{
    static const uint32_t header[14] = {
        TP_ABI_VERSION,
        TP_FLAVOUR_BASE,
        TP_FTAB_START + 5 * 8,
        TP_FTAB_START + 3 * 8,
        RODATA_ADDRESS(BUILT_METHODS),
        RODATA_ADDRESS(BUILT_METHODS) + 32,
        RODATA_ADDRESS(BUILT_CAPS),
        RODATA_ADDRESS(BUILT_CAPS) + 32,
        RODATA_ADDRESS(BUILT_TYPES),
        RODATA_ADDRESS(BUILT_TYPES) + 16,
        RODATA_ADDRESS(BUILT_EXPORTS),
        RODATA_ADDRESS(BUILT_EXPORTS) + 32,
        BUILT_MAIN_ENTRY,
        0x4000,
    };
    const size_t note = RODATA(BUILT_NOTE);

    build_put(file, note, 6, 4);
    build_put(file, note + 4, 56, 4);
    build_put(file, note + 8, 1, 4);
    memcpy(file + note + 12, "Tepal", 6);
    for (size_t i = 0; i < 14; i++)
        build_put(file, RODATA(BUILT_HEADER) + 4 * i, header[i], 4);
}

static void put_tables(uint8_t *file)
{
    static const uint64_t methods[] = {TP_KERNEL_ID, TP_SERVICE_LOG,
                                       0x1122334455667788, 3};
    static const uint64_t cap[] = {0x1122334455667788,
                                   RODATA_ADDRESS(BUILT_CAP_NAME),
                                   BUILT_DATA_ADDRESS + 4, 0};
    static const uint64_t type[] = {0xabcdef, 1514};
    static const uint64_t export[] = {0x99aabb,
                                      RODATA_ADDRESS(BUILT_EXPORT_NAME),
                                      RODATA_ADDRESS(BUILT_EXPORT_METHODS), 2};
    static const uint64_t pointers[] = {BUILT_METHOD_ENTRY, BUILT_MAIN_ENTRY};

    put_words(file, RODATA(BUILT_METHODS), methods, 4);
    put_words(file, RODATA(BUILT_CAPS), cap, 4);
    put_words(file, RODATA(BUILT_TYPES), type, 2);
    put_words(file, RODATA(BUILT_EXPORTS), export, 4);
    put_words(file, RODATA(BUILT_EXPORT_METHODS), pointers, 2);
    memcpy(file + RODATA(BUILT_CAP_NAME), "nic", 4);
    memcpy(file + RODATA(BUILT_EXPORT_NAME), "filter", 7);
}

static void put_symbol(uint8_t *file, size_t index, unsigned name,
                       unsigned info, uint64_t value)
{
    size_t at = BUILT_SYMBOLS + 24 * index;

    build_put(file, at, name, 4);
    build_put(file, at + 4, info, 1);
    build_put(file, at + 6, 1, 2);
    build_put(file, at + 8, value, 8);
}

static void put_section(uint8_t *file, size_t index, unsigned type,
                        uint64_t offset, uint64_t bytes, uint64_t entry_bytes)
{
    size_t at = BUILT_SHDRS + 64 * index;

    build_put(file, at + 4, type, 4);
    build_put(file, at + 24, offset, 8);
    build_put(file, at + 32, bytes, 8);
    build_put(file, at + 40, 2, 4); /* link: the strings */
    build_put(file, at + 56, entry_bytes, 8);
}

static void put_symbols(uint8_t *file)
{
    static const char strings[] = "\0tp_main\0method\0counter";

    memcpy(file + BUILT_STRINGS, strings, sizeof(strings));
    put_symbol(file, 1, 1, 0x12, TP_TEXT_START);
    put_symbol(file, 2, 9, 0x12, TP_TEXT_START + BUILT_METHOD);
    put_symbol(file, 3, 16, 0x11, TP_TEXT_START + BUILT_METHOD + 4);
    put_section(file, 1, 2, BUILT_SYMBOLS, 4 * 24, 24);
    put_section(file, 2, 3, BUILT_STRINGS, sizeof(strings), 0);
}

void build_image(uint8_t *file)
{
    memset(file, 0, BUILT_BYTES);
    put_elf_header(file);
    put_segments(file);
    put_code(file);
    put_header(file);
    put_tables(file);
    put_symbols(file);
}
