/* SPDX-License-Identifier: MIT */
/*
 * stage_memory.c - a slot, a neighbour, a kernel and a stack, in shared memory
 * at the same addresses here and in the child.
 * Source: docs/ABI.md, "Slot".
 */
#define _GNU_SOURCE
#include "stage_memory.h"
#include "tepal/abi.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define R PROT_READ
#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)
#define PART 0x4000

enum { TABLE, TEXT };

/* clang-format off */
struct region regions[REGIONS] = {
    [TABLE] = {STAGE_SLOT + TP_FTAB_START, TP_FTAB_MIN, OWNER_NOBODY, R, 0, 0},
    [TEXT] = {STAGE_SLOT + TP_TEXT_START, 2 * TP_PAGE, OWNER_NOBODY, RX, 0, 0},
    {STAGE_SLOT + 0x110000, PART, OWNER_DOMAIN, RW, 0, 0},
    {STAGE_SLOT + STAGE_DATA, PART, OWNER_DOMAIN, RW, 0, 0},
    {STAGE_SLOT + STAGE_LOW, 0x14000, OWNER_DOMAIN, RW, 0, 0},
    {STAGE_SLOT + STAGE_LOW + STAGE_DATA, PART, OWNER_DOMAIN, RW, 0, 0},
    {STAGE_SLOT + TP_STACKS_START, PART, OWNER_DOMAIN, RW, 0, 0},
    {STAGE_VICTIM + STAGE_DATA, PART, OWNER_OUTSIDE, RW, 0, 0},
    {STAGE_VICTIM + STAGE_LOW, PART, OWNER_OUTSIDE, RW, 0, 0},
    {STAGE_LOW, PART, OWNER_OUTSIDE, RW, 0, 0},
    {STAGE_KERNEL, 0x14000, OWNER_OUTSIDE, RW, 0, 0},
    {STAGE_STACK, 0x10000, OWNER_STACK, RW, 0, 0},
};
/* clang-format on */

/* All room that regions have, and nothing where they are not. */
static bool reserve(uint64_t start, uint64_t bytes)
{
    void *at = mmap((void *)start, bytes, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
                        MAP_FIXED_NOREPLACE,
                    -1, 0);

    if (at != MAP_FAILED && at != (void *)start)
        errno = EEXIST;
    return at == (void *)start;
}

static bool map_region(struct region *region)
{
    void *at = (void *)region->address;

    region->before = malloc(region->bytes);
    region->after = malloc(region->bytes);
    return region->before && region->after &&
           mmap(at, region->bytes, RW,
                MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at;
}

bool stage_open(void)
{
    if (!reserve(STAGE, STAGE_RETURN + 0x10000 - STAGE) ||
        !reserve(STAGE_LOW, PART))
        return false;
    for (int i = 0; i < REGIONS; i++)
        if (!map_region(&regions[i]))
            return false;
    return true;
}

/*
 * Secrets: no two words alike, none the same in both worlds, each an address
 * that could be.
 */
static void fill_with_secrets(const struct region *region, unsigned world)
{
    uint64_t *words = (uint64_t *)region->address;
    uint64_t random = region->address + world;

    for (uint32_t i = 0; i < region->bytes / sizeof(*words); i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        words[i] = (random ^ random >> 31) & 0x3fffffffffff;
    }
}

static void fill_with(const struct region *region, uint64_t word)
{
    uint64_t *words = (uint64_t *)region->address;

    for (uint32_t i = 0; i < region->bytes / sizeof(*words); i++)
        words[i] = word == STAGE_NUMBERED ? i : word;
}

/* Trap, three imports, the two functions, traps; as the loader would. */
static void fill_table(const struct stage_run *run)
{
    uint64_t *table = (uint64_t *)regions[TABLE].address;

    fill_with(&regions[TABLE], STAGE_GATES);
    for (uint32_t i = 1; i <= 3; i++)
        table[i] = STAGE_GATES + 0x100 * i;
    for (uint32_t i = 0; i < 2; i++)
        table[4 + i] = STAGE_SLOT + (uint32_t)(TP_TEXT_START + run->entries[i]);
}

static void fill_text(const struct stage_run *run)
{
    uint8_t *text = (uint8_t *)regions[TEXT].address;

    memset(text, run->behind, regions[TEXT].bytes);
    memcpy(text, run->text, run->bytes);
}

/* The return address, and above it what a far return or iret would take. */
static uint64_t fill_stack(const struct stage_run *run, unsigned world)
{
    uint64_t at = STAGE_STACK + 0x8008 - 0x400 * world;
    const uint64_t far[] = {0x33, 0x202, STAGE_KERNEL + 0x1000, 0x2b};

    *(uint64_t *)at = return_address(world);
    if (run->has_far_frame)
        memcpy((void *)(at + 8), far, sizeof(far));
    return at;
}

uint64_t memory_fill(const struct stage_run *run, unsigned world)
{
    uint64_t stack;

    for (int i = 0; i < REGIONS; i++) {
        mprotect((void *)regions[i].address, regions[i].bytes, RW);
        if (regions[i].owner == OWNER_DOMAIN)
            fill_with(&regions[i], run->memory);
        else if (regions[i].owner != OWNER_NOBODY)
            fill_with_secrets(&regions[i], world);
    }
    fill_table(run);
    fill_text(run);
    stack = fill_stack(run, world);
    for (int i = 0; i < REGIONS; i++) {
        memcpy(regions[i].before, (void *)regions[i].address, regions[i].bytes);
        mprotect((void *)regions[i].address, regions[i].bytes,
                 regions[i].protection);
    }
    return stack;
}

bool memory_has_damage(uint64_t stack)
{
    for (int i = 0; i < REGIONS; i++) {
        const struct region *region = &regions[i];
        uint64_t from = region->owner == OWNER_STACK ? stack : region->address;

        if (region->owner != OWNER_DOMAIN &&
            memcmp((void *)from, region->before + (from - region->address),
                   region->bytes - (from - region->address)) != 0)
            return true;
    }
    return false;
}

void memory_keep(void)
{
    for (int i = 0; i < REGIONS; i++)
        memcpy(regions[i].after, (void *)regions[i].address, regions[i].bytes);
}

bool memory_is_as_kept(void)
{
    for (int i = 0; i < REGIONS; i++)
        if (regions[i].owner == OWNER_DOMAIN &&
            memcmp(regions[i].after, (void *)regions[i].address,
                   regions[i].bytes) != 0)
            return false;
    return true;
}
