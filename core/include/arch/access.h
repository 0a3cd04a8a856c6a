/* SPDX-License-Identifier: MIT */
/*
 * access.h - reach a domain's memory by a pointer it supplied.
 *
 * The upper half of @pointer is ignored: whatever it is, the access stays in
 * the slot at @base or in the unmapped guard above it. A fault there makes the
 * function answer false; that is the check. Completed by arch_impl/access.h.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool slot_load64(uintptr_t base, uint64_t pointer,
                               uint64_t *value);
static inline bool slot_load32(uintptr_t base, uint64_t pointer,
                               uint32_t *value);
static inline bool slot_store64(uintptr_t base, uint64_t pointer,
                                uint64_t value);
static inline bool slot_store32(uintptr_t base, uint64_t pointer,
                                uint32_t value);
static inline bool slot_store8(uintptr_t base, uint64_t pointer, uint8_t value);

/* Write what is there: proof that it can be written. */
static inline bool slot_touch64(uintptr_t base, uint64_t pointer);
static inline bool slot_touch8(uintptr_t base, uint64_t pointer);

/* May have copied a part when the answer is false. */
bool slot_copy_in(void *to, uintptr_t base, uint64_t pointer, size_t bytes);
bool slot_copy_out(uintptr_t base, uint64_t pointer, const void *from,
                   size_t bytes);

#include "arch_impl/access.h"
