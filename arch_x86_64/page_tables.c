/* SPDX-License-Identifier: MIT */
/*
 * page_tables.c - see page_tables.h and arch/pages.h. One CPU runs, so what is
 * unmapped is forgotten by that one's TLB only.
 *
 *   0            memory, by itself
 *   512 GiB      what pages_alloc() gave; from 768 GiB on the shared heap
 *   1 TiB        the slots, 8 GiB apart
 *
 * The shared heap of a slot is a page directory for each GiB, which all slots
 * share. The kernel's own view has others, with the first chunk in them.
 * Source: Intel 64 SDM, volume 3, sections 4.5 and 4.6.
 */
#include "page_tables.h"
#include "arch/pages.h"
#include "frames.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/heap.h"
#include "tepal_trusted/lock.h"

#define GIB 0x40000000ull
#define AREA (512 * GIB)
#define HEAP_AREA (768 * GIB)
#define SLOTS_AREA (1024 * GIB)
#define SLOTS 4096u
#define ENTRIES 512u
#define HEAP_DIRECTORIES (TP_SHARED_MAX / GIB)

#define PRESENT 1ull
#define WRITABLE 2ull
#define UNCACHED 0x18ull /* PWT, PCD */
#define LARGE 0x80ull
#define NO_EXECUTE (1ull << 63)
#define ADDRESS 0x000ffffffffff000ull

static uint64_t *root;
static struct lock tables_lock;
static uintptr_t area_next = AREA;
static uint64_t heap_bytes;
static uint64_t heap_directories[HEAP_DIRECTORIES]; /* of slots */

extern char kernel_text[], kernel_rodata[], kernel_data[];

static const uint64_t access_bits[] = {
    [PAGES_READ] = PRESENT | NO_EXECUTE,
    [PAGES_READ_WRITE] = PRESENT | WRITABLE | NO_EXECUTE,
    [PAGES_READ_EXECUTE] = PRESENT,
};

static uint64_t *table_at(uint64_t entry)
{
    return (uint64_t *)(entry & ADDRESS);
}

/* The table that @entry points to; NULL: there is none, or no memory for it. */
static uint64_t *descend(uint64_t *entry, bool make)
{
    uint64_t frame;

    if (*entry & PRESENT)
        return *entry & LARGE ? NULL : table_at(*entry);
    frame = make ? frame_take() : 0;
    if (!frame)
        return NULL;
    *entry = frame | PRESENT | WRITABLE;
    return (uint64_t *)frame;
}

/* The entry for @address at @level: 1 is of 4 KiB, 2 of 2 MiB, 3 of 1 GiB. */
static uint64_t *entry_of(uintptr_t address, uint32_t level, bool make)
{
    uint64_t *table = root;
    uint32_t at;

    for (at = 4; table && at > level; at--)
        table = descend(&table[address >> (12 + 9 * (at - 1)) & (ENTRIES - 1)],
                        make);
    return table ? &table[address >> (12 + 9 * (level - 1)) & (ENTRIES - 1)]
                 : NULL;
}

static void forget(uintptr_t address)
{
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static void forget_all(void)
{
    __asm__ volatile("movq %0, %%cr3" : : "r"(root) : "memory");
}

static void must(uintptr_t address, uint32_t level, uint64_t value)
{
    uint64_t *entry = entry_of(address, level, true);

    if (!entry)
        kernel_panic("no memory for the kernel's page tables");
    *entry = value;
}

static uint64_t access_of_ram(uint64_t address)
{
    if (address >= (uintptr_t)kernel_text &&
        address < (uintptr_t)kernel_rodata)
        return access_bits[PAGES_READ_EXECUTE];
    if (address >= (uintptr_t)kernel_rodata &&
        address < (uintptr_t)kernel_data)
        return access_bits[PAGES_READ];
    return access_bits[PAGES_READ_WRITE];
}

/* The first 2 MiB by pages: what NULL points to is nothing. */
static void map_first(void)
{
    uint64_t address;

    for (address = FRAME_BYTES; address < LARGE_BYTES; address += FRAME_BYTES)
        must(address, 1, address | access_bits[PAGES_READ_WRITE]);
}

static void map_ram(const struct boot_range *ram)
{
    uint64_t end = ram->end < FRAMES_MAX ? ram->end : FRAMES_MAX;
    uint64_t address = ram->start & ~(uint64_t)(LARGE_BYTES - 1);

    if (address < LARGE_BYTES)
        address = LARGE_BYTES;
    for (; address < end; address += LARGE_BYTES)
        must(address, 2, address | LARGE | access_of_ram(address));
}

void page_tables_init(const struct boot_info *info)
{
    uint32_t i;

    root = (uint64_t *)frame_take();
    if (!root)
        kernel_panic("no memory");
    map_first();
    for (i = 0; i < info->ram_count; i++)
        map_ram(&info->ram[i]);
    forget_all();
}

void *page_tables_map_device(uint64_t physical)
{
    uint64_t page = physical & ~(uint64_t)(FRAME_BYTES - 1);

    must(page, 1, page | UNCACHED | access_bits[PAGES_READ_WRITE]);
    forget(page);
    return (void *)physical;
}

/* One chunk more, for the kernel and, unless it is the null chunk, for slots. */
static void add_chunk(uint64_t offset)
{
    uint64_t frame = frame_take_large(), *directory;
    uint64_t value = frame | LARGE | access_bits[PAGES_READ_WRITE];

    if (!frame)
        kernel_panic("no memory for the shared heap");
    must(HEAP_AREA + offset, 2, value);
    directory = descend(&heap_directories[offset / GIB], true);
    if (!directory)
        kernel_panic("no memory for the shared heap's tables");
    if (offset >= HEAP_NULL_BYTES)
        directory[offset / LARGE_BYTES % ENTRIES] = value;
}

void page_tables_make_heap(uint64_t bytes)
{
    struct registry_record *records;
    uint64_t offset;

    _Static_assert(HEAP_CHUNK_BYTES == LARGE_BYTES, "a page for each chunk");
    heap_bytes = bytes + HEAP_NULL_BYTES;
    for (offset = 0; offset < heap_bytes; offset += LARGE_BYTES)
        add_chunk(offset);
    records = pages_alloc(heap_bytes / TP_GRANULE * sizeof(*records));
    if (!records)
        kernel_panic("no memory for the registry");
    heap_init((uint8_t *)HEAP_AREA, records, heap_bytes);
}

uint32_t slot_count(void)
{
    return SLOTS;
}

uintptr_t slot_base(uint32_t slot)
{
    return SLOTS_AREA + (uintptr_t)slot * TP_SLOT_STRIDE;
}

static uintptr_t page_up(uintptr_t address)
{
    return (address + FRAME_BYTES - 1) & ~(uintptr_t)(FRAME_BYTES - 1);
}

static bool map_page(uintptr_t address, uint64_t bits)
{
    uint64_t *entry = entry_of(address, 1, true), frame;

    if (!entry)
        return false;
    if (*entry & PRESENT) {
        *entry = (*entry & ADDRESS) | bits;
        forget(address);
        return true;
    }
    frame = frame_take();
    if (!frame)
        return false;
    *entry = frame | bits;
    return true;
}

static bool map(uintptr_t address, size_t bytes, uint64_t bits)
{
    uintptr_t end = page_up(address + bytes);
    bool fine = true;

    lock_acquire(&tables_lock);
    for (; fine && address < end; address += FRAME_BYTES)
        fine = map_page(address, bits);
    lock_release(&tables_lock);
    return fine;
}

static void unmap_page(uintptr_t address)
{
    uint64_t *entry = entry_of(address, 1, false);

    if (!entry || !(*entry & PRESENT))
        return;
    frame_give(*entry & ADDRESS);
    *entry = 0;
    forget(address);
}

void *pages_alloc(size_t bytes)
{
    uintptr_t address, end;

    lock_acquire(&tables_lock);
    address = area_next + PAGES_GUARD_BYTES;
    end = page_up(address + bytes) + PAGES_GUARD_BYTES;
    if (bytes < HEAP_AREA - AREA && end < HEAP_AREA)
        area_next = end;
    else
        address = 0;
    lock_release(&tables_lock);
    if (!address)
        return NULL;
    if (map(address, bytes, access_bits[PAGES_READ_WRITE]))
        return (void *)address;
    pages_unmap(address, bytes);
    return NULL;
}

void pages_free(void *memory, size_t bytes)
{
    if (memory)
        pages_unmap((uintptr_t)memory, bytes);
}

bool pages_map(uintptr_t address, size_t bytes, enum pages_access access)
{
    if (map(address, bytes, access_bits[access]))
        return true;
    pages_unmap(address, bytes);
    return false;
}

bool pages_protect(uintptr_t address, size_t bytes, enum pages_access access)
{
    return map(address, bytes, access_bits[access]);
}

void pages_clear(uintptr_t address, size_t bytes)
{
    __builtin_memset((void *)address, 0, page_up(bytes));
}

void pages_unmap(uintptr_t address, size_t bytes)
{
    uintptr_t end = page_up(address + bytes);

    lock_acquire(&tables_lock);
    for (; address < end; address += FRAME_BYTES)
        unmap_page(address);
    lock_release(&tables_lock);
}

bool pages_map_shared(uintptr_t slot_base_address)
{
    uint64_t offset, *entry;

    for (offset = 0; offset < heap_bytes; offset += GIB) {
        entry = entry_of(slot_base_address + TP_SHARED_START + offset, 3, true);
        if (!entry)
            return false;
        *entry = heap_directories[offset / GIB];
    }
    return true;
}

/* All that a directory's tables hold, and the tables. */
static void free_directory(uint64_t *directory)
{
    uint32_t i, j;

    for (i = 0; i < ENTRIES; i++) {
        uint64_t *table;

        if (!(directory[i] & PRESENT))
            continue;
        table = table_at(directory[i]);
        for (j = 0; j < ENTRIES; j++)
            if (table[j] & PRESENT)
                frame_give(table[j] & ADDRESS);
        frame_give((uintptr_t)table);
    }
    frame_give((uintptr_t)directory);
}

void pages_unmap_slot(uintptr_t slot_base_address)
{
    uint64_t offset, *entry;

    lock_acquire(&tables_lock);
    for (offset = 0; offset < TP_SLOT_SIZE; offset += GIB) {
        entry = entry_of(slot_base_address + offset, 3, false);
        if (!entry)
            continue;
        if (offset < TP_SHARED_START && *entry & PRESENT)
            free_directory(table_at(*entry));
        *entry = 0;
    }
    forget_all();
    lock_release(&tables_lock);
}
