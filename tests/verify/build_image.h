/* SPDX-License-Identifier: MIT */
/*
 * build_image.h - make a domain file in memory, for tests.
 *
 * build_image() makes a small file that is valid as it is: two imports, two
 * functions (main and one method), a capability, a type and an export, a data
 * segment, symbols. A test then breaks one thing of it; the offsets say where
 * the parts lie. Tests of other modules may put their own text into it.
 */
#pragma once
#include "tepal/abi.h"
#include <stddef.h>

/* clang-format off */
/* File offsets; segments start on pages of the file. */
#define BUILT_PHDRS 0x40     /* ftab, text, rodata, data, note, stack */
#define BUILT_FTAB 0x1000    /* trap, 2 imports, main, method */
#define BUILT_TEXT 0x2000
#define BUILT_RODATA 0x3000
#define BUILT_DATA 0x4000
#define BUILT_SYMBOLS 0x4100 /* null, tp_main, method, a variable */
#define BUILT_STRINGS 0x4200
#define BUILT_SHDRS 0x4280   /* null, symtab, strtab */
#define BUILT_BYTES 0x4340
/* clang-format on */

/* Slot offsets. */
#define BUILT_RODATA_ADDRESS 0x102000
#define BUILT_DATA_ADDRESS 0x103000
#define BUILT_MAIN_ENTRY (TP_FTAB_START + 3 * 8)
#define BUILT_METHOD_ENTRY (TP_FTAB_START + 4 * 8)
#define BUILT_METHOD 0x10 /* of the text; main is at its start */

/* Where things stand in the read-only data. */
enum built_rodata {
    BUILT_NOTE = 0x000, /* struct elf_note, name, struct dom_header */
    BUILT_HEADER = 0x014,
    BUILT_METHODS = 0x080,
    BUILT_CAPS = 0x0a0,
    BUILT_TYPES = 0x0c0,
    BUILT_EXPORTS = 0x0e0,
    BUILT_EXPORT_METHODS = 0x100,
    BUILT_CAP_NAME = 0x120,
    BUILT_EXPORT_NAME = 0x130,
    BUILT_RODATA_BYTES = 0x140,
};

#define BUILT_TEXT_BYTES 0x20
#define BUILT_DATA_FILE_BYTES 0x10
#define BUILT_DATA_MEMORY_BYTES 0x2000

/* Fill @file, of BUILT_BYTES. */
void build_image(uint8_t *file);

/* Put a little-endian number of @bytes bytes at @offset of @file. */
void build_put(uint8_t *file, size_t offset, uint64_t value, size_t bytes);
