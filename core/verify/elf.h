/* SPDX-License-Identifier: MIT */
/*
 * elf.h - the parts of ELF64 that a domain file uses.
 *
 * Structures are as they lie in the file, little endian, and are copied out
 * of it before use, since nothing in a file need be aligned.
 * Source: System V ABI, "Object Files"; x86-64 psABI, chapter 4.
 */
#pragma once
#include <stdint.h>

enum elf_constant {
    ELF_CLASS_64 = 2,
    ELF_LITTLE_ENDIAN = 1,
    ELF_VERSION = 1,
    ELF_EXEC = 2,
    ELF_X86_64 = 62,
    ELF_PT_LOAD = 1,
    ELF_PT_NOTE = 4,
    ELF_PT_GNU_STACK = 0x6474e551,
    ELF_PF_X = 1,
    ELF_PF_W = 2,
    ELF_PF_R = 4,
    ELF_SHT_SYMTAB = 2,
    ELF_SHT_STRTAB = 3,
    ELF_STT_FUNC = 2, /* low four bits of a symbol's info */
};

struct elf_header {
    uint8_t magic[4];
    uint8_t class, data, ident_version, os_abi;
    uint8_t padding[8];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
_Static_assert(sizeof(struct elf_header) == 64, "file format");

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
_Static_assert(sizeof(struct elf_segment) == 56, "file format");

struct elf_section {
    uint32_t name, type;
    uint64_t flags, addr, offset, size;
    uint32_t link, info;
    uint64_t addralign, entsize;
};
_Static_assert(sizeof(struct elf_section) == 64, "file format");

struct elf_symbol {
    uint32_t name;
    uint8_t info, other;
    uint16_t shndx;
    uint64_t value, size;
};
_Static_assert(sizeof(struct elf_symbol) == 24, "file format");

struct elf_note {
    uint32_t name_bytes, desc_bytes, type;
};
_Static_assert(sizeof(struct elf_note) == 12, "file format");
