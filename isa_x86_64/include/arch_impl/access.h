/* SPDX-License-Identifier: MIT */
/*
 * access.h - single loads and stores in a slot. Each instruction that may
 * fault has an entry in the section tepal_fixups: { where it is, where to go },
 * both relative to the entry. The fault handler looks there first.
 *
 * No "memory" clobber: the kernel's own objects are never in a slot.
 */
#pragma once

#define ISA_FIXUP                                                             \
    ".pushsection tepal_fixups,\"a\",@progbits\n"                              \
    ".balign 4\n"                                                              \
    ".long 1b - ., %l[fault] - .\n"                                            \
    ".popsection\n"

#define ISA_LOAD(name, type, instruction)                                     \
    static inline bool name(uintptr_t base, uint64_t pointer, type *value)     \
    {                                                                          \
        type loaded;                                                           \
        __asm__ goto("1: " instruction " (%1,%2), %0\n" ISA_FIXUP             \
                     : "=r"(loaded)                                            \
                     : "r"(base), "r"((uint64_t)(uint32_t)pointer)             \
                     :                                                         \
                     : fault);                                                 \
        *value = loaded;                                                       \
        return true;                                                           \
    fault:                                                                     \
        return false;                                                          \
    }

#define ISA_STORE(name, type, constraint, instruction)                        \
    static inline bool name(uintptr_t base, uint64_t pointer, type value)      \
    {                                                                          \
        __asm__ goto("1: " instruction " %0, (%1,%2)\n" ISA_FIXUP             \
                     :                                                         \
                     : constraint(value), "r"(base),                           \
                       "r"((uint64_t)(uint32_t)pointer)                        \
                     :                                                         \
                     : fault);                                                 \
        return true;                                                           \
    fault:                                                                     \
        return false;                                                          \
    }

ISA_LOAD(slot_load64, uint64_t, "movq")
ISA_LOAD(slot_load32, uint32_t, "movl")
ISA_STORE(slot_store64, uint64_t, "r", "movq")
ISA_STORE(slot_store32, uint32_t, "r", "movl")
ISA_STORE(slot_store8, uint8_t, "q", "movb")

#define ISA_TOUCH(name, instruction)                                          \
    static inline bool name(uintptr_t base, uint64_t pointer)                  \
    {                                                                          \
        __asm__ goto("1: " instruction " $0, (%0,%1)\n" ISA_FIXUP             \
                     :                                                         \
                     : "r"(base), "r"((uint64_t)(uint32_t)pointer)             \
                     : "cc"                                                    \
                     : fault);                                                 \
        return true;                                                           \
    fault:                                                                     \
        return false;                                                          \
    }

ISA_TOUCH(slot_touch64, "orq")
ISA_TOUCH(slot_touch8, "orb")
