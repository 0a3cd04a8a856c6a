/* SPDX-License-Identifier: MIT */
/*
 * type.h - descriptors of shared types. Trusted only.
 *
 * The IDL compiler emits one for each shared type. It stands for the drop
 * function of the thesis (3.1), which the kernel interprets instead of calling
 * a domain's code: it says where handles lie in the payload.
 */
#pragma once
#include <stdint.h>

struct type;

/* A handle inside a payload. */
struct type_handle {
    uint32_t offset; /* in the payload, 8-byte aligned */
    const struct type *type;
};

/*
 * Objects come in whole granules up to 8, then in four sizes to each doubling
 * (core/heap/classes.h). A constant where @bytes is one.
 */
#define TYPE_GRANULES(bytes) (((bytes) + 63u) / 64u)
#define TYPE_STEP(granules)                                                    \
    ((granules) <= 8 ? 1u                                                      \
                     : 1u << (29 - __builtin_clz(((granules) - 1u) | 8u)))
#define TYPE_HEAP_BYTES(bytes)                                                 \
    ((TYPE_GRANULES(bytes) + TYPE_STEP(TYPE_GRANULES(bytes)) - 1) /            \
     TYPE_STEP(TYPE_GRANULES(bytes)) * TYPE_STEP(TYPE_GRANULES(bytes)) * 64u)

struct type {
    uint64_t id; /* hash of the structure, never 0 */
    const char *name;
    uint32_t bytes;
    uint32_t heap_bytes; /* what an object takes: TYPE_HEAP_BYTES(bytes) */
    uint32_t handle_count;
    const struct type_handle *handles;
};

/* Every type the kernel was built with; made by the IDL compiler. */
extern const struct type *const tp_types[];
extern const uint32_t tp_type_count;

/* The type with this id, or NULL. Used when a file is loaded. */
const struct type *type_find(uint64_t id);

/* A type that the kernel was not built with, for type_find() from then on. */
struct known_type {
    struct type type;
    const struct known_type *next;
};

/*
 * Needs: type_find() does not find it; types of its handles are known.
 * Owns:  the kernel, for good.
 */
void type_add(struct known_type *type);
