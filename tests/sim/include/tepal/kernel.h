/* SPDX-License-Identifier: MIT */
/*
 * kernel.h - the kernel's services for domain code that is compiled into a
 * test program: same names as the real header, which it stands in front of.
 * A service is a function of the test; the shared heap is memory of the test.
 */
#pragma once
#include "tepal/abi.h"
#include "tepal/types.h"

/* Where the test has the shared heap. */
extern uint8_t *test_shared;
#undef TP_SHARED_START
#define TP_SHARED_START ((uintptr_t)test_shared)

uint64_t test_service(uint32_t service, uint64_t a, uint64_t b, uint64_t c);
uint64_t test_import(uint64_t cap, uint64_t a, uint64_t b, uint64_t c,
                     uint64_t d, uint64_t e, uint64_t f);

#define TP_IMPORT_ENTRY(symbol, id, number) _Static_assert((id) != 0, symbol)
#define TP_IMPORT_CALL(symbol, cap, a, b, c, d, e, f)                          \
    test_import(cap, a, b, c, d, e, f)
#define TP_SERVICE_CALL(number, a, b, c) test_service(number, a, b, c)
#define TP_POINTER(p) ((uint64_t)(uintptr_t)(p))

/* Renamed for each domain by the compiler's -D. */
int tp_main(void);

static inline void tp_log(const char *text, size_t bytes)
{
    TP_SERVICE_CALL(TP_SERVICE_LOG, TP_POINTER(text), bytes, 0);
}

static inline uint64_t tp_nanoseconds(void)
{
    return TP_SERVICE_CALL(TP_SERVICE_NANOSECONDS, 0, 0, 0);
}

static inline uint64_t tp_heap_alloc(const struct dom_type *type)
{
    return TP_SERVICE_CALL(TP_SERVICE_HEAP_ALLOC, TP_POINTER(type), 0, 0);
}

static inline bool tp_heap_drop(uint64_t handle)
{
    return TP_SERVICE_CALL(TP_SERVICE_HEAP_DROP, handle, 0, 0) != 0;
}

static inline bool tp_idle(void)
{
    return TP_SERVICE_CALL(TP_SERVICE_IDLE, 0, 0, 0) != 0;
}

static inline bool tp_counter(const char *name, size_t bytes,
                              const uint64_t *counter)
{
    return TP_SERVICE_CALL(TP_SERVICE_COUNTER, TP_POINTER(name), bytes,
                           TP_POINTER(counter)) != 0;
}

#define TP_COUNTER(name, counter) tp_counter(name, sizeof(name) - 1, counter)

static inline bool tp_is_called(void)
{
    return TP_SERVICE_CALL(TP_SERVICE_IS_CALLED, 0, 0, 0) != 0;
}

static inline size_t tp_arguments(char *buffer, size_t bytes)
{
    return TP_SERVICE_CALL(TP_SERVICE_ARGUMENTS, TP_POINTER(buffer), bytes, 0);
}

static inline size_t tp_data(size_t offset, void *buffer, size_t bytes)
{
    return TP_SERVICE_CALL(TP_SERVICE_DATA, offset, TP_POINTER(buffer), bytes);
}

uint32_t tp_cap_own(const struct dom_export *record);
uint32_t tp_cap_narrow(uint32_t index, uint64_t methods);
bool tp_cap_revoke(uint32_t index, bool keep);
uint32_t tp_cap_generation(uint32_t index);
uint32_t tp_cap_reconnect(uint32_t index);
bool tp_keep(const char *name, size_t bytes, uint64_t handle);
uint64_t tp_inherit(const char *name, size_t bytes,
                    const struct dom_type *type);
