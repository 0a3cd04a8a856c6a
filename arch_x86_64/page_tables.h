/* SPDX-License-Identifier: MIT */
/*
 * page_tables.h - the one address space. Memory is mapped to itself, writable
 * and not executable, but for the kernel's text and constants and for the
 * first page; what pages.h hands out lies above, each piece between unmapped
 * guards.
 */
#pragma once
#include "boot_info.h"

/* Unmapped below and above what pages_alloc() gives. */
#define PAGES_GUARD_BYTES 0x10000u

/* Leave the loader's tables for those of @info's memory. Needs: frames_init(). */
void page_tables_init(const struct boot_info *info);

/* The shared heap, of @bytes; HEAP_NULL_BYTES come on top. */
void page_tables_make_heap(uint64_t bytes);

/* Device registers at @physical, below 512 GiB, uncached, by the same address. */
void *page_tables_map_device(uint64_t physical);
