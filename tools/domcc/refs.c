/* SPDX-License-Identifier: MIT */
/*
 * refs.c - decide what references to symbols of other files mean.
 *
 * __ref_f becomes the table entry of f if f is a function, and f itself if it
 * is data. An entry that no file made is made here. A function that is weak
 * and absent has the null pointer. Source of the format: ELF-64 object file
 * format, symbol table.
 */
#include "refs.h"
#include "arena.h"
#include "diag.h"
#include "process.h"
#include "symbols.h"
#include <elf.h>
#include <stdlib.h>
#include <string.h>

static const char ref_prefix[] = "__ref_";

struct object {
    const char *bytes;
    size_t size;
    const Elf64_Sym *symbols;
    size_t count;
    const char *strings;
    size_t strings_bytes;
};

static bool section_inside(const struct object *object,
                           const Elf64_Shdr *section)
{
    return section->sh_offset <= object->size &&
           section->sh_size <= object->size - section->sh_offset &&
           section->sh_offset % 8 == 0;
}

static bool string_inside(const struct object *object,
                          const Elf64_Shdr *section)
{
    return section->sh_offset <= object->size && section->sh_size &&
           section->sh_size <= object->size - section->sh_offset &&
           !object->bytes[section->sh_offset + section->sh_size - 1];
}

static bool find_symbols(struct object *object)
{
    const Elf64_Ehdr *header = (const void *)object->bytes;
    const Elf64_Shdr *list;

    if (object->size < sizeof *header ||
        memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_shentsize != sizeof *list || header->e_shoff % 8 ||
        header->e_shoff > object->size ||
        header->e_shnum > (object->size - header->e_shoff) / sizeof *list)
        return false;
    list = (const void *)(object->bytes + header->e_shoff);
    for (size_t i = 0; i < header->e_shnum; i++) {
        if (list[i].sh_type != SHT_SYMTAB)
            continue;
        if (!section_inside(object, &list[i]) ||
            list[i].sh_link >= header->e_shnum ||
            !string_inside(object, &list[list[i].sh_link]))
            return false;
        object->symbols = (const void *)(object->bytes + list[i].sh_offset);
        object->count = list[i].sh_size / sizeof *object->symbols;
        object->strings = object->bytes + list[list[i].sh_link].sh_offset;
        object->strings_bytes = list[list[i].sh_link].sh_size;
        return true;
    }
    return false;
}

static const char *name_of(const struct object *object, const Elf64_Sym *symbol)
{
    return symbol->st_name < object->strings_bytes
               ? object->strings + symbol->st_name
               : "";
}

/* All global names; at most one symbol each, since the linker merged them. */
static void collect(const struct object *object, struct symbols *symbols)
{
    for (size_t i = 0; i < object->count; i++) {
        const Elf64_Sym *from = &object->symbols[i];
        const char *name = name_of(object, from);
        struct symbol *to;

        if (ELF64_ST_BIND(from->st_info) == STB_LOCAL || !*name)
            continue;
        to = symbols_intern(symbols, name);
        to->global = ELF64_ST_BIND(from->st_info) == STB_GLOBAL;
        to->defined = from->st_shndx != SHN_UNDEF;
        to->function = to->defined && ELF64_ST_TYPE(from->st_info) == STT_FUNC;
    }
}

static void write_reference(const struct symbols *symbols, const char *name,
                            FILE *script)
{
    const struct symbol *symbol = symbols_find(symbols, name);
    char entry[1024];
    bool absent = !symbol || !symbol->defined;

    snprintf(entry, sizeof entry, "__fp_%s", name);
    if (absent && (strcmp(name, "tp_main") == 0 || (symbol && !symbol->global)))
        fprintf(script, "%s%s = ABSOLUTE(0);\n", ref_prefix, name);
    else if (absent || !symbol->function)
        fprintf(script, "%s%s = ABSOLUTE(%s);\n", ref_prefix, name, name);
    else if (symbols_find(symbols, entry))
        fprintf(script, "%s%s = ABSOLUTE(%s);\n", ref_prefix, name, entry);
    else
        fprintf(script, "%s%s = .; %s = .; QUAD(%s)\n", ref_prefix, name, entry,
                name);
}

bool refs_write(const char *path, FILE *script)
{
    struct arena arena = {0};
    struct symbols symbols = {.arena = &arena};
    struct object object = {0};
    char *bytes = read_file(path, &object.size);
    bool done;

    object.bytes = bytes;
    done = bytes && find_symbols(&object);
    if (bytes && !done)
        diag_error("%s: cannot read its symbols", path);
    if (done)
        collect(&object, &symbols);
    for (size_t i = 0; done && i < object.count; i++) {
        const char *name = name_of(&object, &object.symbols[i]);

        if (object.symbols[i].st_shndx == SHN_UNDEF &&
            strncmp(name, ref_prefix, sizeof ref_prefix - 1) == 0)
            write_reference(&symbols, name + sizeof ref_prefix - 1, script);
    }
    arena_free(&arena);
    free(bytes);
    return done;
}
