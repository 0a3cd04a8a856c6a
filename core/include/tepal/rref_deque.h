/* SPDX-License-Identifier: MIT */
/*
 * rref_deque.h - the spine of an RRefDeque: a ring of handles.
 *
 * Element i is handle[(head + i) % capacity]; the other places hold garbage.
 * The spine is private memory of its domain, so nothing here has to believe
 * anybody else; even so no head or length leads outside the ring. Generated
 * headers wrap these functions in types; @capacity is a constant there, and
 * the remainder a mask when it is a power of two.
 *
 * Operations are those of Rust's VecDeque that make sense for a fixed
 * capacity; what adds an element gives it back when the ring is full. Indices
 * count from the front. An element is never null.
 * Source: thesis 3.4, Listing 9; design, section 4 (Containers).
 */
#pragma once
#include "tepal/rref.h"

/* Any deque's spine, seen through a cast from its own type. */
struct __attribute__((may_alias)) rref_deque {
    uint32_t head, length;
    uint64_t handle[];
};

TP_INLINE uint32_t rref_deque_wrap(uint32_t place, uint32_t capacity)
{
    if ((capacity & (capacity - 1)) == 0)
        return place & (capacity - 1);
    return place % capacity;
}

/* Needs: @index at most @capacity. */
TP_INLINE uint64_t *rref_deque_place(struct rref_deque *deque,
                                     uint32_t capacity, uint32_t index)
{
    uint32_t head = rref_deque_wrap(deque->head, capacity);

    return &deque->handle[rref_deque_wrap(head + index, capacity)];
}

TP_INLINE uint32_t rref_deque_len(const struct rref_deque *deque,
                                  uint32_t capacity)
{
    return deque->length < capacity ? deque->length : capacity;
}

TP_INLINE bool rref_deque_is_full(const struct rref_deque *deque,
                                  uint32_t capacity)
{
    return deque->length >= capacity;
}

/*
 * Owns:   on success the deque, and @element is cleared.
 * Errors: false, nothing changed: full.
 */
TP_INLINE bool rref_deque_push_back(struct rref_deque *deque,
                                    uint32_t capacity, uint64_t *element)
{
    rref_check_use(*element);
    if (rref_deque_is_full(deque, capacity))
        return false;
    *rref_deque_place(deque, capacity, deque->length) = *element;
    deque->length++;
    *element = 0;
    return true;
}

TP_INLINE bool rref_deque_push_front(struct rref_deque *deque,
                                     uint32_t capacity, uint64_t *element)
{
    rref_check_use(*element);
    if (rref_deque_is_full(deque, capacity))
        return false;
    deque->head = rref_deque_wrap(deque->head, capacity);
    deque->head = rref_deque_wrap(deque->head + capacity - 1, capacity);
    deque->handle[deque->head] = *element;
    deque->length++;
    *element = 0;
    return true;
}

/*
 * Owns:   on success the caller, through @element.
 * Errors: false, @element null: empty.
 */
static inline bool rref_deque_pop_front(struct rref_deque *deque,
                                        uint32_t capacity, uint64_t *element)
{
    *element = 0;
    if (deque->length == 0)
        return false;
    deque->length = rref_deque_len(deque, capacity) - 1;
    *element = *rref_deque_place(deque, capacity, 0);
    deque->head = rref_deque_wrap(deque->head + 1, capacity);
    return true;
}

static inline bool rref_deque_pop_back(struct rref_deque *deque,
                                       uint32_t capacity, uint64_t *element)
{
    *element = 0;
    if (deque->length == 0)
        return false;
    deque->length = rref_deque_len(deque, capacity) - 1;
    *element = *rref_deque_place(deque, capacity, deque->length);
    return true;
}

/* The handle of element @index, which stays in; 0 when there is none. */
static inline uint64_t rref_deque_get(const struct rref_deque *deque,
                                      uint32_t capacity, uint32_t index)
{
    uint32_t head = rref_deque_wrap(deque->head, capacity);

    if (index >= rref_deque_len(deque, capacity))
        return 0;
    return deque->handle[rref_deque_wrap(head + index, capacity)];
}

/* Errors: false, nothing changed: there are no two such elements. */
static inline bool rref_deque_swap(struct rref_deque *deque, uint32_t capacity,
                                   uint32_t i, uint32_t j)
{
    uint32_t length = rref_deque_len(deque, capacity);
    uint64_t *a, *b, kept;

    if (i >= length || j >= length)
        return false;
    a = rref_deque_place(deque, capacity, i);
    b = rref_deque_place(deque, capacity, j);
    kept = *a;
    *a = *b;
    *b = kept;
    return true;
}

/*
 * Put @element before element @index, or at the end when @index is the length.
 * Errors: false, nothing changed: full, or no such place.
 * Cost:   moves every handle behind it.
 */
static inline bool rref_deque_insert(struct rref_deque *deque,
                                     uint32_t capacity, uint32_t index,
                                     uint64_t *element)
{
    uint32_t i = deque->length;

    if (index > i || !rref_deque_push_back(deque, capacity, element))
        return false;
    for (; i > index; i--)
        rref_deque_swap(deque, capacity, i, i - 1);
    return true;
}

/*
 * Take element @index out; the others keep their order.
 * Errors: false, @element null: there is none.
 * Cost:   moves every handle behind it.
 */
static inline bool rref_deque_remove(struct rref_deque *deque,
                                     uint32_t capacity, uint32_t index,
                                     uint64_t *element)
{
    uint32_t length = rref_deque_len(deque, capacity);

    *element = 0;
    if (index >= length)
        return false;
    for (; index + 1 < length; index++)
        rref_deque_swap(deque, capacity, index, index + 1);
    return rref_deque_pop_back(deque, capacity, element);
}

/* Move elements of @from to the back of @to while there is room. */
static inline void rref_deque_append(struct rref_deque *to, uint32_t capacity,
                                     struct rref_deque *from)
{
    uint64_t element;

    while (!rref_deque_is_full(to, capacity) &&
           rref_deque_pop_front(from, capacity, &element))
        rref_deque_push_back(to, capacity, &element);
}

/* Drop elements from the back until at most @length are left. */
static inline void rref_deque_truncate(struct rref_deque *deque,
                                       uint32_t capacity, uint32_t length)
{
    uint64_t element;

    while (deque->length > length &&
           rref_deque_pop_back(deque, capacity, &element))
        rref_discard(element);
}
