/* SPDX-License-Identifier: MIT */
/*
 * owner.h - the owner word: generation, borrow count and owner of one object
 * in 64 bits, so that one comparison checks all three. Trusted only.
 * Source: design, section 4.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef uint16_t domain_id_t;

#define DOMAIN_NOBODY ((domain_id_t)0)
#define DOMAIN_ORPHAN ((domain_id_t)0xffff) /* dead, but still lent out */
#define DOMAIN_KEPT ((domain_id_t)0xfffe)   /* dead, for its next life */

/* generation << 32 | borrow count << 16 | owner */
typedef uint64_t owner_word_t;

#define OWNER_GENERATION 0xffffffff00000000u
#define OWNER_ONE_BORROW 0x10000u
#define OWNER_BORROWS 0xffff0000u

/* What the word of @handle's object is while @owner holds it unlent. */
static inline owner_word_t owner_expected(uint64_t handle, domain_id_t owner)
{
    return (handle & OWNER_GENERATION) | owner;
}

static inline domain_id_t owner_of(owner_word_t word)
{
    return (domain_id_t)word;
}

static inline uint32_t owner_borrows(owner_word_t word)
{
    return (uint32_t)(word & OWNER_BORROWS) >> 16;
}

static inline uint32_t owner_generation(owner_word_t word)
{
    return (uint32_t)(word >> 32);
}

/*
 * Replace @expected by @desired, or do nothing and say false.
 * @affine: only this thread can change the word (its owner is affine), so a
 * load and a store will do.
 */
static inline bool owner_change(owner_word_t *word, owner_word_t expected,
                                owner_word_t desired, bool affine)
{
    if (__builtin_expect(affine, 1)) {
        if (__atomic_load_n(word, __ATOMIC_RELAXED) != expected)
            return false;
        __atomic_store_n(word, desired, __ATOMIC_RELEASE);
        return true;
    }
    return __atomic_compare_exchange_n(word, &expected, desired, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}
