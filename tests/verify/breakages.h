/* SPDX-License-Identifier: MIT */
/*
 * breakages.h - single fields of the built file, set so that one rule breaks.
 *
 * Source: docs/ABI.md, "File" and "Function table".
 */
#pragma once
#include "build_image.h"
#include "tepal_trusted/image.h"

/* clang-format off */
#define PHDR(index, field) (size_t)(BUILT_PHDRS + 56 * (index) + (field))
#define RODATA(at) (BUILT_RODATA + (at))
#define HEADER(field) (RODATA(BUILT_HEADER) + 4 * (field))
#define RODATA_END (BUILT_RODATA_ADDRESS + BUILT_RODATA_BYTES)
#define DATA_END (BUILT_DATA_ADDRESS + BUILT_DATA_MEMORY_BYTES)

/* Fields of a program header. */
enum { TYPE = 0, FLAGS = 4, OFFSET = 8, VADDR = 16, FILESZ = 32, MEMSZ = 40 };
/* Program headers of the built file. */
enum { FTAB, TEXT, RO, DATA, NOTE, STACK };
/* Fields of the descriptor. */
enum { VERSION, FLAVOUR, FTAB_END, IMPORTS_END, METHODS, METHODS_END, CAPS,
       CAPS_END, TYPES, TYPES_END, EXPORTS, EXPORTS_END, MAIN, STACK_BYTES };

/* One field set to a value that breaks one rule. */
struct breakage {
    const char *error; /* how its text begins */
    size_t offset;
    uint64_t value;
    size_t bytes;
};

#define EXPORT(field) (RODATA(BUILT_EXPORTS) + 8 * (field))
#define CAP(field) (RODATA(BUILT_CAPS) + 8 * (field))

static const struct breakage breakages[] = {
    {"not an ELF", 0, 0x7e, 1},
    {"not an ELF", 3, 'G', 1},
    {"not a little-endian", 4, 1, 1},
    {"not a little-endian", 5, 2, 1},
    {"not a little-endian", 6, 0, 1},
    {"not a little-endian", 7, 3, 1},
    {"not a static", 16, 3, 2},
    {"not a static", 18, 183, 2},
    {"not a static", 20, 2, 4},
    {"not a static", 48, 1, 4},
    {"ELF structures", 52, 63, 2},
    {"ELF structures", 54, 64, 2},
    {"no program headers", 56, 0, 2},
    {"no program headers", 56, 17, 2},
    {"no program headers", 56, 0xffff, 2},
    {"program headers outside", 32, BUILT_BYTES, 8},
    {"program headers outside", 32, BUILT_BYTES - 6 * 56 + 1, 8},
    {"program headers outside", 32, UINT64_MAX - 8, 8},
    {"truncated: section", 40, UINT64_MAX - 32, 8},
    {"truncated: section", 60, 0xffff, 2},

    {"the first segment", PHDR(FTAB, FLAGS), 5, 4},
    {"the first segment", PHDR(FTAB, FLAGS), 6, 4},
    {"the first segment", PHDR(FTAB, FLAGS), 4 | 1 << 20, 4},
    {"the first segment", PHDR(FTAB, VADDR), 0x11000, 8},
    {"the first segment", PHDR(FTAB, VADDR), 0x100010000, 8},
    {"the second segment", PHDR(TEXT, FLAGS), 7, 4},
    {"the second segment", PHDR(TEXT, FLAGS), 4, 4},
    {"the second segment", PHDR(TEXT, FLAGS), 1, 4},
    {"the second segment", PHDR(TEXT, VADDR), 0x101000, 8},
    {"the third segment", PHDR(RO, FLAGS), 6, 4},
    {"the third segment", PHDR(RO, FLAGS), 5, 4},
    {"the third segment", PHDR(RO, FLAGS), 0, 4},
    {"the fourth segment", PHDR(DATA, FLAGS), 7, 4},
    {"the fourth segment", PHDR(DATA, FLAGS), 4, 4},
    {"more than four", PHDR(NOTE, TYPE), 1, 4},
    {"a program header", PHDR(STACK, TYPE), 2, 4}, /* PT_DYNAMIC */
    {"a program header", PHDR(STACK, TYPE), 3, 4}, /* PT_INTERP */
    {"a program header", PHDR(STACK, TYPE), 6, 4}, /* PT_PHDR */
    {"a program header", PHDR(STACK, TYPE), 7, 4}, /* PT_TLS */
    {"a program header", PHDR(STACK, TYPE), 0, 4},
    {"a program header", PHDR(STACK, TYPE), 0x6474e552, 4}, /* RELRO */
    {"a program header", PHDR(STACK, TYPE), 0x6474e553, 4}, /* PROPERTY */
    {"asks for an executable", PHDR(STACK, FLAGS), 7, 4},
    {"a segment that is empty", PHDR(FTAB, MEMSZ), 0, 8},
    {"a segment that is empty", PHDR(TEXT, MEMSZ), 0, 8},
    {"a segment that is empty", PHDR(TEXT, FILESZ), BUILT_TEXT_BYTES + 1, 8},
    {"a segment that is empty", PHDR(RO, OFFSET), BUILT_BYTES, 8},
    {"a segment that is empty", PHDR(RO, OFFSET), UINT64_MAX - 16, 8},
    {"a segment that is empty", PHDR(RO, FILESZ), UINT64_MAX, 8},
    {"a segment that is empty", PHDR(DATA, MEMSZ), 0, 8},
    {"a segment that does not", PHDR(RO, VADDR), 0x102800, 8},
    {"a segment that does not", PHDR(DATA, VADDR), 0x103001, 8},
    {"segments that share a page", PHDR(RO, VADDR), TP_TEXT_START, 8},
    {"segments that share a page", PHDR(RO, VADDR), 0, 8},
    {"segments that share a page", PHDR(DATA, VADDR), 0x102000, 8},
    {"segments that share a page", PHDR(FTAB, MEMSZ), 0xf0001, 8},
    {"segments that share a page", PHDR(TEXT, MEMSZ), 0x2001, 8},
    {"segments that share bytes", PHDR(DATA, OFFSET), 0x3138, 8},
    {"segments that share bytes", PHDR(RO, OFFSET), BUILT_FTAB, 8},
    {"a segment that reaches", PHDR(DATA, VADDR), 0x40000000, 8},
    {"a segment that reaches", PHDR(DATA, VADDR), 0xfffffffffffff000, 8},
    {"a segment that reaches", PHDR(DATA, MEMSZ), 0x3fefd001, 8},
    {"a segment that reaches", PHDR(DATA, MEMSZ), UINT64_MAX, 8},
    {"text that the file", PHDR(TEXT, MEMSZ), BUILT_TEXT_BYTES + 1, 8},
    {"no function table", 56, 2, 2},
    {"no PT_NOTE", 56, 4, 2},
    {"two PT_NOTEs", PHDR(STACK, TYPE), 4, 4},

    {"the PT_NOTE is not one", PHDR(NOTE, FILESZ), 75, 8},
    {"the PT_NOTE is not one", PHDR(NOTE, MEMSZ), 77, 8},
    {"the PT_NOTE is outside", PHDR(NOTE, OFFSET), BUILT_BYTES - 75, 8},
    {"the PT_NOTE is outside", PHDR(NOTE, OFFSET), UINT64_MAX - 4, 8},
    {"the PT_NOTE is outside", PHDR(NOTE, OFFSET), 0, 8},
    {"the PT_NOTE is not in", PHDR(NOTE, OFFSET), BUILT_TEXT, 8},
    {"the PT_NOTE is not in", PHDR(NOTE, VADDR), BUILT_DATA_ADDRESS, 8},
    {"the PT_NOTE is not in", PHDR(NOTE, VADDR), RODATA_END - 75, 8},
    {"the PT_NOTE is not a", RODATA(0), 5, 4},
    {"the PT_NOTE is not a", RODATA(4), 52, 4},
    {"the PT_NOTE is not a", RODATA(8), 2, 4},
    {"the PT_NOTE is not a", RODATA(12), 't', 1},
    {"the PT_NOTE is not a", RODATA(17), 's', 1},
    {"made for another", HEADER(VERSION), 2, 4},
    {"made for another", HEADER(VERSION), 0, 4},
    {"of an unknown flavour", HEADER(FLAVOUR), 0, 4},
    {"of an unknown flavour", HEADER(FLAVOUR), 3, 4},
    {"wants too large", HEADER(STACK_BYTES), 0x3f0001, 4},
    {"wants too large", HEADER(STACK_BYTES), UINT32_MAX, 4},

    {"ends of the function", HEADER(FTAB_END), TP_FTAB_START + 36, 4},
    {"ends of the function", HEADER(FTAB_END), TP_FTAB_START + 16, 4},
    {"ends of the function", HEADER(FTAB_END), 0, 4},
    {"ends of the function", HEADER(IMPORTS_END), TP_FTAB_START, 4},
    {"ends of the function", HEADER(IMPORTS_END), TP_FTAB_START + 20, 4},
    {"ends of the function", HEADER(IMPORTS_END), TP_FTAB_START + 48, 4},
    {"ends of the function", HEADER(IMPORTS_END), 8, 4},
    {"table entries that", HEADER(FTAB_END), TP_FTAB_START + 48, 4},
    {"table entries that", HEADER(FTAB_END), 0xfffffff8, 4},
    {"table entries that", PHDR(FTAB, FILESZ), 32, 8},
    {"table entries that", PHDR(FTAB, FILESZ), 0, 8},
    {"a segment larger", PHDR(FTAB, MEMSZ), 0x1001, 8},
    {"a trap or import", BUILT_FTAB, TP_TEXT_START, 8},
    {"a trap or import", BUILT_FTAB + 8, TP_TEXT_START, 8},
    {"a trap or import", BUILT_FTAB + 16, 1, 8},
    {"a function entry", BUILT_FTAB + 24, 0, 8},
    {"a function entry", BUILT_FTAB + 24, TP_TEXT_START - 1, 8},
    {"a function entry", BUILT_FTAB + 32, TP_TEXT_START + BUILT_TEXT_BYTES, 8},
    {"a function entry", BUILT_FTAB + 32, 0x100000000 + TP_TEXT_START, 8},
    {"a function entry", BUILT_FTAB + 32, UINT64_MAX, 8},
    {"main is no", HEADER(MAIN), TP_FTAB_START, 4},
    {"main is no", HEADER(MAIN), TP_FTAB_START + 16, 4},
    {"main is no", HEADER(MAIN), TP_FTAB_START + 28, 4},
    {"main is no", HEADER(MAIN), TP_FTAB_START + 40, 4},
    {"main is no", HEADER(MAIN), TP_TEXT_START, 4},

    {"a table outside", HEADER(METHODS), 0, 4},
    {"a table outside", HEADER(METHODS_END), 0, 4},
    {"a table outside", HEADER(METHODS_END), UINT32_MAX, 4},
    {"a table outside", HEADER(CAPS_END), RODATA_END + 32, 4},
    {"a table outside", HEADER(CAPS), BUILT_DATA_ADDRESS - 32, 4},
    {"a table outside", HEADER(TYPES), RODATA_END, 4},
    {"a table outside", HEADER(EXPORTS_END), BUILT_DATA_ADDRESS + 32, 4},
    {"a table that ends", HEADER(METHODS_END), 0x102090 + 1, 4},
    {"a table that ends", HEADER(CAPS_END), 0x1020b0, 4},
    {"a table that ends", HEADER(TYPES_END), 0x1020c8, 4},
    {"a table that ends", HEADER(EXPORTS), 0x1020e1, 4},
    {"methods that do not", HEADER(METHODS_END), 0x102090, 4},
    {"methods that do not", HEADER(METHODS_END), 0x1020b0, 4},
    {"methods that do not", HEADER(METHODS), 0x1020a0, 4},
    {"imports a kernel", RODATA(BUILT_METHODS) + 8, TP_SERVICE_COUNT, 8},
    {"imports a kernel", RODATA(BUILT_METHODS) + 8, UINT64_MAX, 8},

    {"a capability without", CAP(1), 0, 8},
    {"a capability without", CAP(1), RODATA_END, 8},
    {"a capability without", CAP(1), BUILT_RODATA_ADDRESS - 1, 8},
    {"a capability without", CAP(1), BUILT_DATA_ADDRESS, 8},
    {"a capability without", CAP(1), UINT64_MAX, 8},
    {"a capability without", RODATA(BUILT_CAP_NAME), 0, 1},
    {"a capability without", RODATA(BUILT_CAP_NAME) + 1, '\n', 1},
    {"a capability without", RODATA(BUILT_CAP_NAME) + 1, 0x80, 1},
    {"a capability without", RODATA(BUILT_CAP_NAME) + 1, 0x7f, 1},
    {"a capability whose variable", CAP(2), 0, 8},
    {"a capability whose variable", CAP(2), BUILT_DATA_ADDRESS + 2, 8},
    {"a capability whose variable", CAP(2), BUILT_DATA_ADDRESS - 4, 8},
    {"a capability whose variable", CAP(2), DATA_END, 8},
    {"a capability whose variable", CAP(2), BUILT_RODATA_ADDRESS, 8},
    {"a capability whose variable", CAP(2), 0x100103004, 8},
    {"a capability whose variable", CAP(2), UINT64_MAX - 3, 8},
    {"a capability whose reserved", CAP(3), 1, 8},

    {"an export without", EXPORT(1), 0, 8},
    {"an export without", EXPORT(1), 0x1020ff, 8},
    {"an export without", RODATA(BUILT_EXPORT_NAME), 0, 1},
    {"an export without", RODATA(BUILT_EXPORT_NAME), 27, 1},
    {"an export with no", EXPORT(3), 0, 8},
    {"an export with no", EXPORT(3), IMAGE_METHODS_MAX + 1, 8},
    {"an export with no", EXPORT(3), UINT64_MAX, 8},
    {"an export with no", EXPORT(3), 1ull << 61, 8},
    {"an export's methods", EXPORT(2), 0, 8},
    {"an export's methods", EXPORT(2), RODATA_END - 15, 8},
    {"an export's methods", EXPORT(2), UINT64_MAX - 15, 8},
    {"an export's methods", EXPORT(3), 9, 8},
    {"an export's method is", RODATA(BUILT_EXPORT_METHODS), TP_FTAB_START, 8},
    {"an export's method is", RODATA(BUILT_EXPORT_METHODS), 0x10010, 8},
    {"an export's method is", RODATA(BUILT_EXPORT_METHODS) + 8, 0x10028, 8},
    {"an export's method is", RODATA(BUILT_EXPORT_METHODS) + 8, 0x1001c, 8},
    {"an export's method is", RODATA(BUILT_EXPORT_METHODS), 0x100010018, 8},
};
