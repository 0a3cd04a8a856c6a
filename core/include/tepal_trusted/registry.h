/* SPDX-License-Identifier: MIT */
/*
 * registry.h - one record for each object in the shared heap: the source of
 * truth about who owns it. Trusted only; domains cannot write it.
 *
 * Records are indexed by granule, so a handle's record is found by arithmetic:
 * no table, no lock. A record where no object starts is all zero, and no
 * handle matches it, because generations start at 1.
 * Source: thesis 3.1; design, section 3.
 */
#pragma once
#include "tepal/abi.h"
#include "tepal_trusted/owner.h"
#include "tepal_trusted/type.h"
#include <stddef.h>

struct registry_record {
    owner_word_t word;
    union {
        const struct type *type;           /* while owned */
        struct registry_record *next_free; /* while free */
    };
};
_Static_assert(sizeof(struct registry_record) <= 32, "design, section 3");

struct registry {
    struct registry_record *records;
    uint32_t granules;
    uint8_t *payloads; /* the kernel's own view of the shared heap */
};
extern struct registry registry;

/* The record at @handle's offset, or NULL when no object can start there. */
static inline struct registry_record *
registry_find_in(const struct registry *in, uint64_t handle)
{
    uint32_t offset = (uint32_t)handle;
    /* One comparison for alignment and bound: stray low bits become high. */
    uint32_t granule = offset >> 6 | offset << 26;

    _Static_assert(TP_GRANULE == 1 << 6, "the rotation above");
    if (granule >= in->granules)
        return NULL;
    if (!in->records)
        __builtin_unreachable(); /* spares callers a second test */
    return &in->records[granule];
}

static inline struct registry_record *registry_find(uint64_t handle)
{
    return registry_find_in(&registry, handle);
}

/*
 * Replace the owner word @expected of an object of @type by @desired, or do
 * nothing and say false.
 *
 * The word is looked at before the type: a type changes only while the object
 * is nobody's, and generations only rise, so a word that is @expected before
 * and at the change vouches for the type in between. Whatever else the record
 * holds is not a type and must not be followed.
 */
static inline bool registry_change(struct registry_record *record,
                                   const struct type *type,
                                   owner_word_t expected, owner_word_t desired,
                                   bool affine)
{
    if (__builtin_expect(__atomic_load_n(&record->word, __ATOMIC_ACQUIRE) !=
                             expected, 0) ||
        __builtin_expect(__atomic_load_n(&record->type, __ATOMIC_RELAXED) !=
                             type, 0))
        return false;
    if (__builtin_expect(affine, 1)) {
        __atomic_store_n(&record->word, desired, __ATOMIC_RELEASE);
        return true;
    }
    return owner_change(&record->word, expected, desired, false);
}

static inline uint32_t registry_offset(const struct registry_record *record)
{
    return (uint32_t)(record - registry.records) * TP_GRANULE;
}

static inline uint64_t registry_handle(const struct registry_record *record,
                                       owner_word_t word)
{
    return (word & OWNER_GENERATION) | registry_offset(record);
}

static inline void *registry_payload(const struct registry_record *record)
{
    return registry.payloads + registry_offset(record);
}
