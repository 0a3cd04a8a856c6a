/* SPDX-License-Identifier: MIT */
/*
 * modules.c - see modules.h. Archives may be anything: every length is checked
 * against what is left.
 * Source: cpio(5), "New ASCII Format".
 */
#include "modules.h"
#include "tepal_trusted/base.h"

#define HEADER_BYTES 110u
#define FILE_SIZE_AT 54u
#define NAME_SIZE_AT 94u
#define DIGITS 8u

static const struct boot_info *boot;

static const char *base_name(const char *path, size_t length)
{
    const char *name = path;
    size_t i;

    for (i = 0; i < length && path[i]; i++)
        if (path[i] == '/')
            name = path + i + 1;
    return name;
}

/* @path has an end within @length characters, or is no name. */
static bool is_called(const char *path, size_t length, const char *name)
{
    size_t i;

    for (i = 0; i < length && path[i]; i++)
        ;
    return i < length && text_equal(base_name(path, i), name);
}

static bool read_number(const uint8_t *digits, uint32_t *number)
{
    uint32_t i;

    *number = 0;
    for (i = 0; i < DIGITS; i++) {
        uint8_t c = digits[i];
        uint32_t value;

        if (c >= '0' && c <= '9')
            value = c - (uint32_t)'0';
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            value = (c | 0x20u) - 'a' + 10;
        else
            return false;
        *number = *number << 4 | value;
    }
    return true;
}

struct archive {
    const uint8_t *bytes;
    size_t size, at;
};

struct member {
    const char *name;
    uint32_t name_bytes, bytes;
    const uint8_t *data;
};

static bool is_archive(const uint8_t *bytes, size_t size)
{
    static const uint8_t magic[6] = {'0', '7', '0', '7', '0', '1'};

    return size >= HEADER_BYTES &&
           __builtin_memcmp(bytes, magic, sizeof(magic)) == 0;
}

/* Skip @bytes and what aligns the next to 4. */
static bool skip(struct archive *archive, size_t bytes)
{
    if (bytes > archive->size - archive->at)
        return false;
    archive->at += bytes;
    while (archive->at % 4 && archive->at < archive->size)
        archive->at++;
    return true;
}

static bool next_member(struct archive *archive, struct member *member)
{
    const uint8_t *header = archive->bytes + archive->at;
    size_t start = archive->at;

    if (!is_archive(header, archive->size - archive->at) ||
        !read_number(header + FILE_SIZE_AT, &member->bytes) ||
        !read_number(header + NAME_SIZE_AT, &member->name_bytes) ||
        !skip(archive, (size_t)HEADER_BYTES + member->name_bytes))
        return false;
    member->name = (const char *)archive->bytes + start + HEADER_BYTES;
    member->data = archive->bytes + archive->at;
    return skip(archive, member->bytes);
}

static bool find_member(const uint8_t *bytes, size_t size, const char *name,
                        struct module_file *file)
{
    struct archive archive = {bytes, size, 0};
    struct member member;

    while (next_member(&archive, &member))
        if (is_called(member.name, member.name_bytes, name)) {
            *file = (struct module_file){member.data, member.bytes};
            return true;
        }
    return false;
}

void modules_init(const struct boot_info *info)
{
    boot = info;
}

bool modules_find(const char *name, struct module_file *file)
{
    uint32_t i;

    for (i = 0; i < boot->module_count; i++) {
        const struct boot_module *module = &boot->modules[i];
        const uint8_t *bytes = (const uint8_t *)module->place.start;
        size_t size = module->place.end - module->place.start;

        if (is_archive(bytes, size)) {
            if (find_member(bytes, size, name, file))
                return true;
        } else if (is_called(module->name, sizeof(module->name), name)) {
            *file = (struct module_file){bytes, size};
            return true;
        }
    }
    return false;
}
