/* SPDX-License-Identifier: MIT */
/*
 * kernel.h - in place of tepal/kernel.h, for tests that run generated domain
 * headers as ordinary code: calls of imports and services arrive in functions
 * of the test.
 */
#pragma once
#include "tepal/abi.h"
#include "tepal/types.h"

#define TP_IMPORT_ENTRY(symbol, id, number)                                    \
    _Static_assert((id) != 0 && (number) < 256, symbol)

#define TP_IMPORT_CALL(symbol, cap, a, b, c, d, e, f)                          \
    double_import(symbol, cap, a, b, c, d, e, f)

#define TP_POINTER(p) ((uint64_t)(uintptr_t)(p))

uint64_t double_import(const char *symbol, uint64_t cap, uint64_t a, uint64_t b,
                       uint64_t c, uint64_t d, uint64_t e, uint64_t f);
uint64_t tp_heap_alloc(const struct dom_type *type);
bool tp_heap_drop(uint64_t handle);
uint32_t tp_cap_own(const struct dom_export *record);
uint32_t tp_cap_narrow(uint32_t index, uint64_t methods);
bool tp_cap_revoke(uint32_t index, bool keep);
uint32_t tp_cap_generation(uint32_t index);
uint32_t tp_cap_reconnect(uint32_t index);
bool tp_keep(const char *name, size_t bytes, uint64_t handle);
uint64_t tp_inherit(const char *name, size_t bytes,
                    const struct dom_type *type);
