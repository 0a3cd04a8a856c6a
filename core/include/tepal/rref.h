/* SPDX-License-Identifier: MIT */
/*
 * rref.h - remote references, from inside a domain.
 *
 * The IDL compiler makes a struct rref_T { uint64_t handle; } of each shared
 * type T, and typed functions out of those below. A handle is a name, not an
 * access right: whether it is this domain's the kernel checks wherever it is
 * used. Copying one copies no ownership; after a move clear the old copy.
 * Source: thesis 3.2; docs/ABI.md, "Handles and spines".
 */
#pragma once
#include "tepal/kernel.h"

/*
 * The record that names a shared type to the kernel. In one group, so that
 * files of one domain share it.
 */
#define TP_TYPE_RECORD(symbol, id, bytes)                                      \
    extern const struct dom_type symbol;                                       \
    __asm__(".pushsection .tepal.types." #symbol ",\"aG\",@progbits," #symbol  \
            ",comdat\n"                                                        \
            ".balign 8\n"                                                      \
            ".globl " #symbol "\n" #symbol ": .quad " #id ", " #bytes "\n"     \
            ".popsection\n")

/*
 * Called, and warned about, only where the compiler can see that a reference
 * is null when it is used. A move clears the reference that it takes, so this
 * is how use after a move shows at compile time; at run time a null is refused.
 * gcc sees it after containers and drops, clang after calls too.
 */
static __attribute__((noinline, unused, warning("this reference is null here: "
                                                "it was moved, or never set")))
void rref_is_used_after_move(void)
{
    __asm__ volatile("");
}

TP_INLINE void rref_check_use(uint64_t handle)
{
    if (__builtin_constant_p(handle) && handle == 0)
        rref_is_used_after_move();
}

/* Where the payload lies, as a pointer of any domain. */
TP_INLINE void *rref_payload(uint64_t handle)
{
    rref_check_use(handle);
    return (void *)(uintptr_t)(TP_SHARED_START + (uint32_t)handle);
}

/*
 * Free the object and clear its handle.
 * Errors: false, and nothing changed: null, stale, not this domain's, or lent.
 */
TP_INLINE bool rref_drop_handle(uint64_t *handle)
{
    if (*handle == 0 || !tp_heap_drop(*handle))
        return false;
    *handle = 0;
    return true;
}

/* Free what is left in a spine; what is not this domain's is forgotten. */
static inline void rref_discard(uint64_t handle)
{
    (void)(handle != 0 && tp_heap_drop(handle));
}
