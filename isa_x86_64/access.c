/* SPDX-License-Identifier: MIT */
/* access.c - copies between the kernel and a slot, ended by a fault. */
#include "arch/access.h"

/* The string instruction uses up its registers, on both ways out. */
static bool copy(void *to, const void *from, size_t bytes)
{
    bool fine = false;

    __asm__ volatile("1: rep movsb\n"
                     "movb $1, %3\n"
                     "2:\n"
                     ".pushsection tepal_fixups,\"a\",@progbits\n"
                     ".balign 4\n"
                     ".long 1b - ., 2b - .\n"
                     ".popsection\n"
                     : "+D"(to), "+S"(from), "+c"(bytes), "+q"(fine)
                     :
                     : "memory");
    return fine;
}

/* More than a slot cannot be meant, and would leave it. */
static bool fits(size_t bytes)
{
    return bytes <= UINT32_MAX;
}

bool slot_copy_in(void *to, uintptr_t base, uint64_t pointer, size_t bytes)
{
    return fits(bytes) &&
           copy(to, (const uint8_t *)base + (uint32_t)pointer, bytes);
}

bool slot_copy_out(uintptr_t base, uint64_t pointer, const void *from,
                   size_t bytes)
{
    return fits(bytes) && copy((uint8_t *)base + (uint32_t)pointer, from, bytes);
}
