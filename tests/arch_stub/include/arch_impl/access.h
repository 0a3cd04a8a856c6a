/* SPDX-License-Identifier: MIT */
/* access.h - memory of a machine that has none: every access fails. */
#pragma once

#define STUB_LOAD(name, type)                                                  \
    static inline bool name(uintptr_t base, uint64_t pointer, type *value)     \
    {                                                                          \
        (void)base, (void)pointer;                                             \
        *value = 0;                                                            \
        return false;                                                          \
    }

#define STUB_STORE(name, type)                                                 \
    static inline bool name(uintptr_t base, uint64_t pointer, type value)      \
    {                                                                          \
        (void)base, (void)pointer, (void)value;                                \
        return false;                                                          \
    }

STUB_LOAD(slot_load64, uint64_t)
STUB_LOAD(slot_load32, uint32_t)
STUB_STORE(slot_store64, uint64_t)
STUB_STORE(slot_store32, uint32_t)
STUB_STORE(slot_store8, uint8_t)

#define STUB_TOUCH(name)                                                       \
    static inline bool name(uintptr_t base, uint64_t pointer)                  \
    {                                                                          \
        (void)base, (void)pointer;                                             \
        return false;                                                          \
    }

STUB_TOUCH(slot_touch64)
STUB_TOUCH(slot_touch8)
