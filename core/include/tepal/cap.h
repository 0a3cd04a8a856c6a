/* SPDX-License-Identifier: MIT */
/*
 * cap.h - what generated headers are made of: capabilities and exports.
 *
 * A capability is an index into the domain's table; the kernel checks it on
 * every call, so it can be copied and guessed at without harm. Domain code
 * includes the generated headers, not this one.
 * Source: design, section 4 (Capabilities); docs/ABI.md, "File".
 */
#pragma once
#include "tepal/kernel.h"

/*
 * A variable of type struct @type that holds a capability, and the record that
 * asks the manifest to wire it under the variable's name. Before main the
 * kernel writes the index: so it is initialised data, and no file-local
 * variable, which a compiler would see to be zero for ever.
 */
#define TP_CAP(type, variable, id)                                             \
    extern struct type variable;                                               \
    struct type variable __attribute__((section(".data"), used)) = {0};        \
    static const struct dom_cap variable##_record                              \
        __attribute__((section(".tepal.caps"), aligned(8),                     \
                       used)) = {(id), (uint64_t)(uintptr_t) #variable,        \
                                 (uint64_t)(uintptr_t)&variable, 0}

/*
 * Offer the methods in @table, functions as void (*)(void), as interface @id
 * under @text.
 */
#define TP_EXPORT(record, id, text, table)                                     \
    static const struct dom_export record                                      \
        __attribute__((section(".tepal.exports"), aligned(8),                  \
                       used)) = {(id), (uint64_t)(uintptr_t)(text),            \
                                 (uint64_t)(uintptr_t)(table),                 \
                                 sizeof(table) / sizeof((table)[0])}

/* The name after which an export is wired: what is given, or @otherwise. */
#define TP_EXPORT_NAME(given, otherwise)                                       \
    (sizeof(given) > 1 ? (given) : (otherwise))

/* The answer of a call, out of the register that it travels in. */
TP_INLINE struct rpc rpc_from_register(uint64_t rax)
{
    struct rpc rpc = {(uint32_t)rax, (uint32_t)(rax >> 32)};

    return rpc;
}
