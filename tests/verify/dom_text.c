/* SPDX-License-Identifier: MIT */
/*
 * dom_text.c - the text of a .dom file, as docs/ABI.md, "File" describes it.
 *
 * Apart from core/verify and core/loader, so that what they make of a file is
 * not what a second implementation is given.
 */
#include "dom_text.h"

#include <elf.h>
#include <err.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tepal/abi.h"

static void *sure_alloc(size_t count, size_t bytes)
{
    void *block = calloc(count + 1, bytes);

    if (block == NULL)
        err(1, "calloc");
    return block;
}

static uint8_t *read_file(const char *name)
{
    FILE *file = fopen(name, "rb");
    uint8_t *bytes;
    long size;

    if (file == NULL || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0)
        err(1, "%s", name);
    rewind(file);
    bytes = sure_alloc((size_t)size, 1);
    if (fread(bytes, 1, (size_t)size, file) != (size_t)size)
        err(1, "%s", name);
    fclose(file);
    return bytes;
}

static const Elf64_Phdr *find_segment(const uint8_t *file, uint32_t type,
                                      uint64_t address)
{
    const Elf64_Ehdr *elf = (const void *)file;
    const Elf64_Phdr *segments = (const void *)(file + elf->e_phoff);

    for (int i = 0; i < elf->e_phnum; i++)
        if (segments[i].p_type == type &&
            (address == 0 || segments[i].p_vaddr == address))
            return &segments[i];
    errx(1, "no segment at %#lx", (unsigned long)address);
}

static struct dom_header read_header(const uint8_t *file)
{
    const Elf64_Phdr *segment = find_segment(file, PT_NOTE, 0);
    const Elf64_Nhdr *note = (const void *)(file + segment->p_offset);
    struct dom_header header;

    memcpy(&header, (const uint8_t *)(note + 1) + (note->n_namesz + 3) / 4 * 4,
           sizeof(header));
    return header;
}

/* The entries behind the imports: the domain's own functions. */
static void read_entries(struct dom_text *text, const struct dom_header *header)
{
    const Elf64_Phdr *table = find_segment(text->file, PT_LOAD, TP_FTAB_START);
    const uint64_t *entries = (const void *)(text->file + table->p_offset);
    uint32_t first = (header->imports_end - TP_FTAB_START) / 8;
    uint32_t count = (header->ftab_end - TP_FTAB_START) / 8 - first;

    text->entries = sure_alloc(count, sizeof(*text->entries));
    for (uint32_t i = 0; i < count; i++)
        text->entries[i] = (uint32_t)entries[first + i];
    text->input.entries = text->entries;
    text->input.entry_count = count;
    text->input.ftab_bytes = TP_FTAB_MIN;
    while (TP_FTAB_START + text->input.ftab_bytes < header->ftab_end)
        text->input.ftab_bytes *= 2;
}

static void read_text(struct dom_text *text, const char *name)
{
    const Elf64_Phdr *segment;
    struct dom_header header;

    memset(text, 0, sizeof(*text));
    text->name = strdup(name);
    text->file = read_file(name);
    segment = find_segment(text->file, PT_LOAD, TP_TEXT_START);
    header = read_header(text->file);
    text->input.flavour = header.flavour;
    text->input.text = text->file + segment->p_offset;
    text->input.bytes = (uint32_t)segment->p_filesz;
    text->input.address = TP_TEXT_START;
    text->input.imports_end = header.imports_end;
    read_entries(text, &header);
}

int dom_texts_add(const char *folder, struct dom_text **texts, int count)
{
    char pattern[4096];
    glob_t found;

    snprintf(pattern, sizeof(pattern), "%s/*.dom", folder);
    if (glob(pattern, 0, NULL, &found) != 0)
        errx(1, "%s: none", pattern);
    *texts =
        realloc(*texts, ((size_t)count + found.gl_pathc) * sizeof(**texts));
    if (*texts == NULL)
        err(1, "realloc");
    for (size_t i = 0; i < found.gl_pathc; i++)
        read_text(&(*texts)[count++], found.gl_pathv[i]);
    globfree(&found);
    return count;
}
