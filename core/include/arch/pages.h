/* SPDX-License-Identifier: MIT */
/* pages.h - memory as core needs it from a machine. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pages_access {
    PAGES_READ,
    PAGES_READ_WRITE,
    PAGES_READ_EXECUTE,
};

/* Slots there are, and the base of one. */
uint32_t slot_count(void);
uintptr_t slot_base(uint32_t slot);

/* Zeroed kernel memory; NULL when there is none. */
void *pages_alloc(size_t bytes);
void pages_free(void *memory, size_t bytes);

/* Zeroed memory at a page-aligned address inside a slot. */
bool pages_map(uintptr_t address, size_t bytes, enum pages_access access);
bool pages_protect(uintptr_t address, size_t bytes, enum pages_access access);

/* What is mapped there read-write is zero again. */
void pages_clear(uintptr_t address, size_t bytes);
/* Nothing is mapped there any more, as before pages_map(). */
void pages_unmap(uintptr_t address, size_t bytes);

/* The shared heap at its place in the slot, less its first HEAP_NULL_BYTES. */
bool pages_map_shared(uintptr_t slot_base_address);

/* Everything in the slot is gone; it can be used anew. */
void pages_unmap_slot(uintptr_t slot_base_address);
