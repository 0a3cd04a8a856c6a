/* SPDX-License-Identifier: MIT */
/*
 * rref_deque.c - a queue of remote references crosses a proxy.
 *
 * The spine { u32 head, length; u64 handle[N] } is private to each domain; the
 * present handles are copied, first one first, and each is read once, checked
 * and flipped in the same pass. A handle that stands twice fails at its second
 * sighting, since its owner has changed. head and length are the domain's word
 * and are checked against N.
 * Source: thesis 3.4; design, section 4 (Containers).
 */
#include "spine.h"

#define SPINE_HANDLES 8

/* Where the elements stand in a spine that a domain wrote. */
struct span {
    uintptr_t base;
    uint64_t spine;
    uint32_t index, length, capacity;
};

static bool span_open(struct span *span, uintptr_t base, uint64_t spine,
                      uint32_t capacity)
{
    if (!slot_load32(base, spine, &span->index) ||
        !slot_load32(base, spine + 4, &span->length))
        return false;
    span->base = base;
    span->spine = spine;
    span->capacity = capacity;
    return span->index < capacity && span->length <= capacity;
}

/*
 * The spine can be written. Where head and length stand they are stored back
 * as they were read: a wider access would wait for the domain's own stores.
 */
static bool span_prove(struct crossing *x, const struct span *span)
{
    return slot_store32(span->base, span->spine, span->index) &&
           slot_store32(span->base, span->spine + 4, span->length) &&
           proxy_prove(x, span->spine + SPINE_HANDLES, 8 * span->capacity);
}

static inline bool span_next(struct span *span, uint64_t *handle)
{
    uint64_t at = span->spine + SPINE_HANDLES + 8ull * span->index;

    if (++span->index == span->capacity)
        span->index = 0;
    return slot_load64(span->base, at, handle);
}

/* A fresh spine: head 0. Written last, so that no half spine is ever seen. */
static bool spine_finish(uintptr_t base, uint64_t spine, uint32_t length)
{
    return slot_store64(base, spine, (uint64_t)length << 32);
}

/* Flip @count handles from @from on and copy them to @to, both in slots. */
tp_inline bool
flip_run(struct flipping *f, uintptr_t from_base, uint64_t from,
         uintptr_t to_base, uint64_t to, uint32_t count)
{
    uint64_t handle, end = from + 8ull * count;

    for (; from != end; from += 8, to += 8)
        if (!slot_load64(from_base, from, &handle) ||
            !flipping_one(f, handle) || !slot_store64(to_base, to, handle))
            return false;
    return true;
}

/*
 * Flip what is in @span and write it to a fresh spine at @to. What is before
 * the spine's end goes first, then what went round to its beginning.
 */
tp_inline bool
flip_span_as(struct crossing *x, const struct span *span, uintptr_t to_base,
             uint64_t to, const struct type *type, int sign, bool affine)
{
    struct flipping f = flipping_begin(x, type, sign);
    uint32_t straight = span->capacity - span->index;
    uint64_t handles = span->spine + SPINE_HANDLES;
    bool fine;

    f.affine = affine;
    if (straight > span->length)
        straight = span->length;
    fine = flip_run(&f, span->base, handles + 8ull * span->index, to_base,
                    to + SPINE_HANDLES, straight) &&
           flip_run(&f, span->base, handles, to_base,
                    to + SPINE_HANDLES + 8ull * straight,
                    span->length - straight);
    flipping_end(&f);
    return fine && proxy_has_room(x, sign) &&
           spine_finish(to_base, to, span->length);
}

/* Made twice, so that no loop tests for each element what stays the same. */
static bool flip_span(struct crossing *x, const struct span *span,
                      uintptr_t to_base, uint64_t to, const struct type *type,
                      int sign)
{
    const struct domain *from = sign > 0 ? x->caller : x->callee;

    return domain_is_affine(from, x->thread)
               ? flip_span_as(x, span, to_base, to, type, sign, true)
               : flip_span_as(x, span, to_base, to, type, sign, false);
}

bool proxy_move_deque(struct crossing *x, uint64_t pointer, uint32_t frame,
                      const struct type *type, uint32_t capacity)
{
    struct span span;

    return span_open(&span, x->caller->base, pointer, capacity) &&
           span_prove(x, &span) &&
           flip_span(x, &span, x->callee->base, x->data_stack + frame, type,
                     1);
}

bool proxy_return_deque(struct crossing *x, uint32_t frame, uint64_t pointer,
                        const struct type *type, uint32_t capacity)
{
    struct span span;

    return span_open(&span, x->callee->base, x->data_stack + frame,
                     capacity) &&
           flip_span(x, &span, x->caller->base, pointer, type, -1);
}

bool proxy_lend_deque(struct crossing *x, uint64_t pointer, uint32_t frame,
                      const struct type *type, uint32_t capacity)
{
    uintptr_t base = x->callee->base;
    uint64_t spine = x->data_stack + frame;
    uint64_t handle;
    struct span span;
    uint32_t i;

    if (!span_open(&span, x->caller->base, pointer, capacity))
        return false;
    for (i = 0; i < span.length; i++)
        if (!span_next(&span, &handle) || !proxy_lend_rref(x, handle, type) ||
            !slot_store64(base, spine + SPINE_HANDLES + 8ull * i, handle))
            return false;
    return spine_finish(base, spine, span.length);
}
