/* SPDX-License-Identifier: MIT */
/*
 * rref_array.h - the spine of an RRefArray: a handle in each place, null where
 * nothing is.
 *
 * The spine is private memory of its domain. Generated headers wrap these
 * functions in types; @capacity is a constant there.
 * Source: thesis 3.3, Listing 8; design, section 4 (Containers).
 */
#pragma once
#include "tepal/rref.h"

static inline bool rref_array_has(const uint64_t *spine, uint32_t capacity,
                                  uint32_t index)
{
    return index < capacity && spine[index] != 0;
}

/*
 * Take the element at @index out.
 * Errors: false, @element null: nothing there.
 */
static inline bool rref_array_get(uint64_t *spine, uint32_t capacity,
                                  uint32_t index, uint64_t *element)
{
    *element = 0;
    if (!rref_array_has(spine, capacity, index))
        return false;
    *element = spine[index];
    spine[index] = 0;
    return true;
}

/*
 * Put @element into the empty place @index.
 * Owns:   on success the array, and @element is cleared.
 * Errors: false, nothing changed: occupied, or no such place.
 */
TP_INLINE bool rref_array_set(uint64_t *spine, uint32_t capacity,
                              uint32_t index, uint64_t *element)
{
    rref_check_use(*element);
    if (index >= capacity || spine[index] != 0)
        return false;
    spine[index] = *element;
    *element = 0;
    return true;
}

/*
 * The first handle from place @index on, which stays in; @index is behind it
 * then. 0 when there is none.
 */
static inline uint64_t rref_array_next(const uint64_t *spine,
                                       uint32_t capacity, uint32_t *index)
{
    while (*index < capacity) {
        uint64_t handle = spine[(*index)++];

        if (handle)
            return handle;
    }
    return 0;
}

/* How many places are occupied. */
static inline uint32_t rref_array_len(const uint64_t *spine, uint32_t capacity)
{
    uint32_t i, length = 0;

    for (i = 0; i < capacity; i++)
        length += spine[i] != 0;
    return length;
}

/* Drop every element. */
static inline void rref_array_clear(uint64_t *spine, uint32_t capacity)
{
    uint32_t i;

    for (i = 0; i < capacity; i++) {
        rref_discard(spine[i]);
        spine[i] = 0;
    }
}
