/* SPDX-License-Identifier: MIT */
/*
 * elf_tables.c - the rules about a domain file's own tables: function table,
 * methods, capabilities, types, exports.
 *
 * Invariant: the cost is linear in the file, for an export has at most
 * IMAGE_METHODS_MAX methods and a name at most IMAGE_NAME_MAX characters.
 *
 * Source: docs/ABI.md, "Function table" and "File".
 */
#include "elf_rules.h"

/* @pointer is a used entry that holds a function of the domain. */
static bool is_function_entry(const struct image *image, uint64_t pointer)
{
    return pointer >= image->header.imports_end &&
           pointer < image->header.ftab_end && pointer % FTAB_ENTRY_BYTES == 0;
}

static bool check_ftab_layout(struct parse *parse)
{
    struct image *image = parse->image;
    const struct dom_header *header = &image->header;
    const uint64_t offset = parse->note_offset;

    image->ftab_bytes = TP_FTAB_MIN;
    while (image->ftab_bytes < TP_FTAB_MAX &&
           header->ftab_end > TP_FTAB_START + image->ftab_bytes)
        image->ftab_bytes *= 2;
    return require(parse,
                   header->ftab_end % FTAB_ENTRY_BYTES == 0 &&
                       header->imports_end % FTAB_ENTRY_BYTES == 0 &&
                       header->imports_end >=
                           TP_FTAB_START + FTAB_ENTRY_BYTES &&
                       header->imports_end <= header->ftab_end,
                   offset, "ends of the function table that make no sense") &&
           require(parse,
                   header->ftab_end <= TP_FTAB_START + image->ftab.file_bytes,
                   offset, "table entries that the file does not hold") &&
           require(parse, image->ftab.memory_bytes <= image->ftab_bytes, offset,
                   "a segment larger than the function table in it");
}

static bool check_ftab(struct parse *parse)
{
    struct image *image = parse->image;
    uint32_t count;

    if (!check_ftab_layout(parse))
        return false;
    count = image_ftab_count(image);
    image->import_count =
        (image->header.imports_end - TP_FTAB_START) / FTAB_ENTRY_BYTES - 1;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t offset = image->ftab.file_offset + i * FTAB_ENTRY_BYTES,
                 target;

        __builtin_memcpy(&target, image->file + offset, sizeof(target));
        if (i <= image->import_count) {
            if (!require(parse, target == 0, offset,
                         "a trap or import entry that is not 0"))
                return false;
        } else if (!require(parse, lies_in_segment(&image->text, target, 1),
                            offset, "a function entry outside the text")) {
            return false;
        }
    }
    return require(parse,
                   image->header.main_entry == 0 ||
                       is_function_entry(image, image->header.main_entry),
                   parse->note_offset, "main is no function entry");
}

/* A table of @record_bytes each; sets @count. An empty one may be anywhere. */
static bool check_table(struct parse *parse, uint32_t start, uint32_t end,
                        size_t record_bytes, uint32_t *count)
{
    *count = 0;
    if (start == end)
        return true;
    if (!require(parse,
                 start < end &&
                     lies_in_segment(&parse->image->rodata, start, end - start),
                 parse->note_offset, "a table outside the read-only data") ||
        !require(parse, (end - start) % record_bytes == 0, parse->note_offset,
                 "a table that ends inside a record"))
        return false;
    *count = (uint32_t)((end - start) / record_bytes);
    return true;
}

static bool check_table_bounds(struct parse *parse)
{
    struct image *image = parse->image;
    const struct dom_header *header = &image->header;
    uint32_t method_count;

    return check_table(parse, header->methods_start, header->methods_end,
                       sizeof(struct dom_method), &method_count) &&
           require(parse, method_count == image->import_count,
                   parse->note_offset, "methods that do not match imports") &&
           check_table(parse, header->caps_start, header->caps_end,
                       sizeof(struct dom_cap), &image->cap_count) &&
           check_table(parse, header->types_start, header->types_end,
                       sizeof(struct dom_type), &image->type_count) &&
           check_table(parse, header->exports_start, header->exports_end,
                       sizeof(struct dom_export), &image->export_count);
}

static bool check_methods(struct parse *parse)
{
    struct image *image = parse->image;

    for (uint32_t i = 0; i < image->import_count; i++) {
        struct dom_method method = image_method(image, i);

        if (!require(parse,
                     method.interface_id != TP_KERNEL_ID ||
                         method.method < TP_SERVICE_COUNT,
                     offset_of(&image->rodata, image->header.methods_start) +
                         i * sizeof(method),
                     "imports a kernel service that does not exist"))
            return false;
    }
    return true;
}

/* A C string in the file's read-only data, short, printable, not empty. */
static bool is_name(const struct image *image, uint64_t address)
{
    uint32_t length = 0;

    for (;; length++, address++) {
        uint8_t c;

        if (!lies_in_segment(&image->rodata, address, 1))
            return false;
        c = image->file[offset_of(&image->rodata, address)];
        if (c == 0)
            return length != 0;
        if (c < ' ' || c > '~' || length == IMAGE_NAME_MAX)
            return false;
    }
}

static bool is_variable(const struct image *image, uint64_t address)
{
    const struct image_segment *data = &image->data;

    return address % sizeof(uint32_t) == 0 && address >= data->address &&
           data->memory_bytes >= sizeof(uint32_t) &&
           address - data->address <= data->memory_bytes - sizeof(uint32_t);
}

static bool check_caps(struct parse *parse)
{
    struct image *image = parse->image;

    for (uint32_t i = 0; i < image->cap_count; i++) {
        struct dom_cap cap = image_cap(image, i);
        uint64_t offset = offset_of(&image->rodata, image->header.caps_start) +
                          i * sizeof(cap);

        if (!require(parse, is_name(image, cap.name), offset,
                     "a capability without a proper name") ||
            !require(parse, is_variable(image, cap.variable), offset,
                     "a capability whose variable is not in the data") ||
            !require(parse, cap.reserved == 0, offset,
                     "a capability whose reserved field is not 0"))
            return false;
    }
    return true;
}

static bool check_export(struct parse *parse, uint32_t index)
{
    struct image *image = parse->image;
    struct dom_export export = image_export(image, index);
    uint64_t offset = offset_of(&image->rodata, image->header.exports_start) +
                      index * sizeof(export);

    if (!require(parse, is_name(image, export.name), offset,
                 "an export without a proper name") ||
        !require(parse,
                 export.method_count != 0 &&
                     export.method_count <= IMAGE_METHODS_MAX,
                 offset, "an export with no methods, or too many") ||
        !require(parse,
                 lies_in_segment(&image->rodata, export.methods,
                                 export.method_count * FTAB_ENTRY_BYTES),
                 offset, "an export's methods outside the read-only data"))
        return false;
    for (uint32_t i = 0; i < export.method_count; i++) {
        uint64_t address = export.methods + i * FTAB_ENTRY_BYTES, pointer;

        __builtin_memcpy(&pointer,
                         image->file + offset_of(&image->rodata, address),
                         sizeof(pointer));
        if (!require(parse, is_function_entry(image, pointer),
                     offset_of(&image->rodata, address),
                     "an export's method is no function entry"))
            return false;
    }
    return true;
}

static bool check_exports(struct parse *parse)
{
    for (uint32_t i = 0; i < parse->image->export_count; i++)
        if (!check_export(parse, i))
            return false;
    return true;
}

bool check_tables(struct parse *parse)
{
    return check_ftab(parse) && check_table_bounds(parse) &&
           check_methods(parse) && check_caps(parse) && check_exports(parse);
}
