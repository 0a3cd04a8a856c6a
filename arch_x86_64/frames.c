/* SPDX-License-Identifier: MIT */
/*
 * frames.c - see frames.h. Fresh frames come from the start of the ranges, large
 * ones from their ends; those that were given back are linked through their
 * first words, and come first.
 */
#include "frames.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/lock.h"

/* Firmware and loaders keep things below. */
#define LOWEST 0x100000u

extern char kernel_text[], kernel_end[];

static struct lock frames_lock;
static struct boot_range ranges[2 * BOOT_RANGES_MAX];
static uint32_t range_count;
static uint64_t given_back; /* the newest of those; 0 = none */

static void clear(uint64_t start, uint64_t bytes)
{
    bytes /= 8;
    __asm__ volatile("rep stosq"
                     : "+D"(start), "+c"(bytes)
                     : "a"(0ull)
                     : "memory");
}

static void add(uint64_t start, uint64_t end)
{
    start = (start + FRAME_BYTES - 1) & ~(uint64_t)(FRAME_BYTES - 1);
    end &= ~(uint64_t)(FRAME_BYTES - 1);
    if (start < end && range_count < 2 * BOOT_RANGES_MAX)
        ranges[range_count++] = (struct boot_range){start, end};
}

/* What is left of each range lies before and behind it. */
static void take_out(struct boot_range hole)
{
    uint32_t i, count = range_count;

    for (i = 0; i < count; i++) {
        struct boot_range range = ranges[i];

        if (hole.start >= range.end || hole.end <= range.start)
            continue;
        ranges[i] = (struct boot_range){0, 0};
        if (hole.start > range.start)
            add(range.start, hole.start & ~(uint64_t)(FRAME_BYTES - 1));
        if (hole.end < range.end)
            add(hole.end, range.end);
    }
}

/* From the lowest: the loader's tables map the first 4 GiB only. */
static void sort(void)
{
    uint32_t i, j;

    for (i = 1; i < range_count; i++)
        for (j = i; j > 0 && ranges[j].start < ranges[j - 1].start; j--) {
            struct boot_range range = ranges[j];

            ranges[j] = ranges[j - 1];
            ranges[j - 1] = range;
        }
}

void frames_init(const struct boot_info *info)
{
    uint32_t i;

    for (i = 0; i < info->ram_count; i++) {
        const struct boot_range *ram = &info->ram[i];

        add(ram->start < LOWEST ? LOWEST : ram->start,
            ram->end < FRAMES_MAX ? ram->end : FRAMES_MAX);
    }
    take_out((struct boot_range){(uintptr_t)kernel_text,
                                 (uintptr_t)kernel_end});
    for (i = 0; i < info->module_count; i++)
        take_out(info->modules[i].place);
    sort();
}

static uint64_t take_fresh(void)
{
    uint32_t i;

    for (i = 0; i < range_count; i++)
        if (ranges[i].end - ranges[i].start >= FRAME_BYTES) {
            ranges[i].start += FRAME_BYTES;
            return ranges[i].start - FRAME_BYTES;
        }
    return 0;
}

uint64_t frame_take(void)
{
    uint64_t frame;

    lock_acquire(&frames_lock);
    frame = given_back;
    if (frame)
        given_back = *(const uint64_t *)frame;
    else
        frame = take_fresh();
    lock_release(&frames_lock);
    if (frame)
        clear(frame, FRAME_BYTES);
    return frame;
}

void frame_give(uint64_t frame)
{
    lock_acquire(&frames_lock);
    *(uint64_t *)frame = given_back;
    given_back = frame;
    lock_release(&frames_lock);
}

uint64_t frame_take_large(void)
{
    uint64_t start = 0, rest;
    uint32_t i;

    lock_acquire(&frames_lock);
    for (i = 0; i < range_count && !start; i++) {
        struct boot_range *range = &ranges[i];
        uint64_t end = range->end & ~(uint64_t)(LARGE_BYTES - 1);

        if (end < range->start + LARGE_BYTES)
            continue;
        start = end - LARGE_BYTES;
        rest = range->end;
        range->end = start;
        add(end, rest);
    }
    lock_release(&frames_lock);
    if (start)
        clear(start, LARGE_BYTES);
    return start;
}
