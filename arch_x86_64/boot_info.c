/* SPDX-License-Identifier: MIT */
/*
 * boot_info.c - see boot_info.h.
 * Sources: Xen, "x86/HVM direct boot ABI" (start info); Multiboot2 specification
 * 2.0, section 3.6 (boot information).
 */
#include "boot_info.h"
#include "boot.h"
#include "tepal_trusted/base.h"

#define PVH_MAGIC 0x336ec578u
#define RAM 1u

struct pvh_info {
    uint32_t magic, version, flags, module_count;
    uint64_t modules, command_line, rsdp, memory_map;
    uint32_t memory_map_count, reserved;
};

struct pvh_module {
    uint64_t address, bytes, command_line, reserved;
};

/* Both protocols have it so. */
struct memory_map_entry {
    uint64_t address, bytes;
    uint32_t type, reserved;
};

struct multiboot2_info {
    uint32_t bytes, reserved;
};

enum { TAG_END = 0, TAG_COMMAND_LINE = 1, TAG_MODULE = 3, TAG_MEMORY_MAP = 6 };

struct multiboot2_tag {
    uint32_t type, bytes;
};

struct multiboot2_module {
    struct multiboot2_tag tag;
    uint32_t start, end;
    char command_line[];
};

struct multiboot2_memory_map {
    struct multiboot2_tag tag;
    uint32_t entry_bytes, entry_version;
};

static const void *at(uint64_t address)
{
    return (const void *)(uintptr_t)address;
}

static void add_ram(struct boot_info *info,
                    const struct memory_map_entry *entry)
{
    uint64_t end;

    if (entry->type != RAM || info->ram_count == BOOT_RANGES_MAX ||
        __builtin_add_overflow(entry->address, entry->bytes, &end))
        return;
    info->ram[info->ram_count++] = (struct boot_range){entry->address, end};
}

static void add_module(struct boot_info *info, uint64_t start, uint64_t end,
                       const char *command_line)
{
    struct boot_module *module = &info->modules[info->module_count];

    if (end < start || info->module_count == BOOT_MODULES_MAX)
        return;
    info->module_count++;
    module->place = (struct boot_range){start, end};
    if (command_line)
        text_copy(module->name, sizeof(module->name), command_line);
}

static bool read_pvh(struct boot_info *info, uintptr_t address)
{
    const struct pvh_info *pvh = at(address);
    const struct pvh_module *modules = at(pvh->modules);
    const struct memory_map_entry *map = at(pvh->memory_map);
    uint32_t i;

    if (pvh->magic != PVH_MAGIC || pvh->version < 1)
        return false;
    if (pvh->command_line)
        text_copy(info->command_line, sizeof(info->command_line),
                  at(pvh->command_line));
    for (i = 0; i < pvh->module_count; i++)
        add_module(info, modules[i].address,
                   modules[i].address + modules[i].bytes,
                   modules[i].command_line ? at(modules[i].command_line)
                                           : NULL);
    for (i = 0; i < pvh->memory_map_count; i++)
        add_ram(info, &map[i]);
    return true;
}

static void read_memory_map(struct boot_info *info,
                            const struct multiboot2_memory_map *map)
{
    uint32_t offset;

    for (offset = sizeof(*map);
         map->entry_bytes >= sizeof(struct memory_map_entry) &&
         offset + map->entry_bytes <= map->tag.bytes;
         offset += map->entry_bytes)
        add_ram(info, at((uintptr_t)map + offset));
}

static void read_tag(struct boot_info *info, const struct multiboot2_tag *tag)
{
    const struct multiboot2_module *module = (const void *)tag;

    if (tag->type == TAG_COMMAND_LINE)
        text_copy(info->command_line, sizeof(info->command_line),
                  (const char *)(tag + 1));
    else if (tag->type == TAG_MODULE)
        add_module(info, module->start, module->end, module->command_line);
    else if (tag->type == TAG_MEMORY_MAP)
        read_memory_map(info, (const void *)tag);
}

static bool read_multiboot2(struct boot_info *info, uintptr_t address)
{
    const struct multiboot2_info *header = at(address);
    const struct multiboot2_tag *tag;
    uint32_t offset;

    for (offset = sizeof(*header); offset + sizeof(*tag) <= header->bytes;
         offset += (tag->bytes + 7) & ~7u) {
        tag = at(address + offset);
        if (tag->type == TAG_END || tag->bytes < sizeof(*tag))
            break;
        read_tag(info, tag);
    }
    return true;
}

bool boot_info_read(struct boot_info *info, uintptr_t address,
                    uint32_t protocol)
{
    __builtin_memset(info, 0, sizeof(*info));
    return protocol == BOOT_PVH ? read_pvh(info, address)
                                : read_multiboot2(info, address);
}
