/* SPDX-License-Identifier: MIT */
/*
 * elf_rules.c - image_parse(): the rules about a domain file's ELF structure.
 *
 * Checked from the outside in: ELF header, segments, note; elf_tables.c goes
 * on with the tables that the note's descriptor names.
 *
 * Invariants: nothing is read outside the file; the cost is linear in it.
 * Source: docs/ABI.md, "File"; design, section 6.
 */
#include "elf_rules.h"

#define SEGMENTS_MAX 16
#define LOADS_MAX 4
#define DATA_STACK_MAX (TP_STACK_STRIDE - 0x10000)

static bool check_elf_header(struct parse *parse)
{
    static const uint8_t magic[4] = {0x7f, 'E', 'L', 'F'};
    struct elf_header *elf = &parse->elf;
    bool is_elf = true;

    if (!require(parse, lies_in_file(parse->image, 0, sizeof(*elf)), 0,
                 "shorter than an ELF header"))
        return false;
    __builtin_memcpy(elf, parse->image->file, sizeof(*elf));
    for (unsigned i = 0; i < sizeof(magic); i++)
        is_elf = is_elf && elf->magic[i] == magic[i];
    return require(parse, is_elf, 0, "not an ELF file") &&
           require(parse,
                   elf->class == ELF_CLASS_64 &&
                       elf->data == ELF_LITTLE_ENDIAN &&
                       elf->ident_version == ELF_VERSION && elf->os_abi == 0,
                   4, "not a little-endian ELF64 file of the System V ABI") &&
           require(parse,
                   elf->type == ELF_EXEC && elf->machine == ELF_X86_64 &&
                       elf->version == ELF_VERSION && elf->flags == 0,
                   16, "not a static executable for x86_64") &&
           require(parse,
                   elf->ehsize == sizeof(*elf) &&
                       elf->phentsize == sizeof(struct elf_segment),
                   52, "ELF structures of an unknown size") &&
           require(parse, elf->phnum != 0 && elf->phnum <= SEGMENTS_MAX, 56,
                   "no program headers, or too many") &&
           require(parse,
                   lies_in_file(parse->image, elf->phoff,
                                elf->phnum * sizeof(struct elf_segment)),
                   32, "program headers outside the file") &&
           /* Nothing reads them but reports; yet they come last in a file. */
           require(parse,
                   elf->shnum == 0 ||
                       lies_in_file(parse->image, elf->shoff,
                                    elf->shnum * sizeof(struct elf_section)),
                   40, "truncated: section headers outside the file");
}

/* What the PT_LOAD number @index must be. */
static const struct load_rule {
    uint32_t flags;
    uint32_t address; /* 0 = anywhere above the one before */
    const char *text;
} load_rules[LOADS_MAX] = {
    {ELF_PF_R, TP_FTAB_START,
     "the first segment is not a read-only function table"},
    {ELF_PF_R | ELF_PF_X, TP_TEXT_START,
     "the second segment is not read-only executable text"},
    {ELF_PF_R, 0, "the third segment is not read-only data"},
    {ELF_PF_R | ELF_PF_W, 0, "the fourth segment is not writable data"},
};

static struct image_segment *load_target(struct image *image, uint32_t index)
{
    struct image_segment *const targets[] = {&image->ftab, &image->text,
                                             &image->rodata, &image->data};

    return targets[index];
}

static bool check_load(struct parse *parse, const struct elf_segment *load,
                       uint64_t offset)
{
    const uint64_t end = TP_PRIVATE_END;
    uint32_t index = parse->load_count++;

    if (!require(parse, index < LOADS_MAX, offset,
                 "more than four segments to load"))
        return false;
    if (!require(parse,
                 load->flags == load_rules[index].flags &&
                     (load_rules[index].address == 0 ||
                      load->vaddr == load_rules[index].address),
                 offset, load_rules[index].text))
        return false;
    /* Linkers keep a segment for an empty .data: that is an absent one. */
    if (index == LOADS_MAX - 1 && load->memsz == 0 && load->filesz == 0)
        return true;
    if (!require(parse,
                 load->memsz != 0 && load->filesz <= load->memsz &&
                     lies_in_file(parse->image, load->offset, load->filesz),
                 offset, "a segment that is empty or outside the file") ||
        !require(parse, load->vaddr % TP_PAGE == 0, offset,
                 "a segment that does not start on a page") ||
        !require(parse, load->vaddr >= parse->memory_end, offset,
                 "segments that share a page or are out of order") ||
        !require(parse, load->vaddr <= end && load->memsz <= end - load->vaddr,
                 offset, "a segment that reaches into the data stacks") ||
        !require(parse, load->filesz == 0 || load->offset >= parse->file_end,
                 offset, "segments that share bytes of the file"))
        return false;

    parse->memory_end =
        (load->vaddr + load->memsz + TP_PAGE - 1) & ~(uint64_t)(TP_PAGE - 1);
    if (load->filesz != 0)
        parse->file_end = load->offset + load->filesz;
    *load_target(parse->image, index) = (struct image_segment){
        .address = (uint32_t)load->vaddr,
        .memory_bytes = (uint32_t)load->memsz,
        .file_bytes = (uint32_t)load->filesz,
        .file_offset = (size_t)load->offset,
    };
    return true;
}

/* The note's segment; its contents wait until read-only data is known. */
static bool check_note_segment(struct parse *parse,
                               const struct elf_segment *note, uint64_t offset)
{
    /* "Tepal" and its final 0 are padded to 8 bytes. */
    const uint64_t bytes =
        sizeof(struct elf_note) + 8 + sizeof(struct dom_header);

    if (!require(parse, parse->note_offset == 0, offset, "two PT_NOTEs") ||
        !require(parse, note->filesz == bytes && note->memsz == bytes, offset,
                 "the PT_NOTE is not one descriptor of this ABI") ||
        !require(parse,
                 note->offset != 0 &&
                     lies_in_file(parse->image, note->offset, bytes),
                 offset, "the PT_NOTE is outside the file"))
        return false;
    parse->note_offset = note->offset;
    parse->note_address = note->vaddr;
    return true;
}

static bool check_segment(struct parse *parse, uint32_t index)
{
    uint64_t offset =
        parse->elf.phoff + (uint64_t)index * sizeof(struct elf_segment);
    struct elf_segment segment;

    __builtin_memcpy(&segment, parse->image->file + offset, sizeof(segment));
    switch (segment.type) {
    case ELF_PT_LOAD:
        return check_load(parse, &segment, offset);
    case ELF_PT_NOTE:
        return check_note_segment(parse, &segment, offset);
    case ELF_PT_GNU_STACK:
        return require(parse, !(segment.flags & ELF_PF_X), offset,
                       "asks for an executable stack");
    default:
        return require(parse, false, offset,
                       "a program header other than PT_LOAD, PT_NOTE and "
                       "PT_GNU_STACK");
    }
}

static bool check_segments(struct parse *parse)
{
    const struct image *image = parse->image;

    for (uint32_t i = 0; i < parse->elf.phnum; i++)
        if (!check_segment(parse, i))
            return false;
    return require(parse, parse->load_count >= 3, parse->elf.phoff,
                   "no function table, text and read-only data") &&
           require(parse, image->text.memory_bytes == image->text.file_bytes,
                   parse->elf.phoff, "text that the file does not hold") &&
           require(parse, parse->note_offset != 0, parse->elf.phoff,
                   "no PT_NOTE");
}

static bool check_note(struct parse *parse)
{
    static const char name[8] = "Tepal";
    struct image *image = parse->image;
    const uint64_t offset = parse->note_offset;
    const uint8_t *bytes = image->file + offset;
    struct elf_note note;
    bool is_named = true;

    __builtin_memcpy(&note, bytes, sizeof(note));
    for (unsigned i = 0; i < sizeof(name); i++)
        is_named = is_named && bytes[sizeof(note) + i] == (uint8_t)name[i];
    __builtin_memcpy(&image->header, bytes + sizeof(note) + sizeof(name),
                     sizeof(image->header));
    return require(parse,
                   lies_in_segment(&image->rodata, parse->note_address,
                                   sizeof(note) + sizeof(name) +
                                       sizeof(image->header)) &&
                       offset_of(&image->rodata, parse->note_address) == offset,
                   offset, "the PT_NOTE is not in the read-only data") &&
           require(parse,
                   note.name_bytes == 6 && is_named && note.type == 1 &&
                       note.desc_bytes == sizeof(image->header),
                   offset, "the PT_NOTE is not a Tepal note of type 1") &&
           require(parse, image->header.abi_version == TP_ABI_VERSION, offset,
                   "made for another version of the ABI") &&
           require(parse,
                   image->header.flavour == TP_FLAVOUR_BASE ||
                       image->header.flavour == TP_FLAVOUR_GS,
                   offset, "of an unknown flavour") &&
           require(parse, image->header.data_stack_bytes <= DATA_STACK_MAX,
                   offset, "wants too large a data stack");
}

bool image_parse(struct image *image, const uint8_t *file, size_t bytes,
                 struct image_error *error)
{
    struct parse parse = {.image = image, .error = error};

    *image = (struct image){.file = file, .file_bytes = bytes};
    *error = (struct image_error){"", 0};
    if (!check_elf_header(&parse) || !check_segments(&parse) ||
        !check_note(&parse) || !check_tables(&parse))
        return false;
    find_symbols(image, &parse.elf);
    return true;
}
