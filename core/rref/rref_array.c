/* SPDX-License-Identifier: MIT */
/*
 * rref_array.c - an array of remote references crosses a proxy: N handles,
 * null where an element is absent. The spine is private to each domain and is
 * copied; each handle is read once, checked and flipped.
 * Source: thesis 3.3; design, section 4 (Containers).
 */
#include "spine.h"

/* Flip what is present of @capacity handles, and copy them all. */
static bool flip_array(struct crossing *x, uintptr_t from_base, uint64_t from,
                       uintptr_t to_base, uint64_t to, const struct type *type,
                       uint32_t capacity, int sign)
{
    struct flipping f = flipping_begin(x, type, sign);
    uint64_t handle;
    uint32_t left;

    for (left = capacity; left; left--, from += 8, to += 8)
        if (!slot_load64(from_base, from, &handle) ||
            (handle && !flipping_one(&f, handle)) ||
            !slot_store64(to_base, to, handle))
            break;
    flipping_end(&f);
    return left == 0 && proxy_has_room(x, sign);
}

bool proxy_move_array(struct crossing *x, uint64_t pointer, uint32_t frame,
                      const struct type *type, uint32_t capacity)
{
    return proxy_prove(x, pointer, 8 * capacity) &&
           flip_array(x, x->caller->base, pointer, x->callee->base,
                      x->data_stack + frame, type, capacity, 1);
}

bool proxy_return_array(struct crossing *x, uint32_t frame, uint64_t pointer,
                        const struct type *type, uint32_t capacity)
{
    return flip_array(x, x->callee->base, x->data_stack + frame,
                      x->caller->base, pointer, type, capacity, -1);
}

bool proxy_lend_array(struct crossing *x, uint64_t pointer, uint32_t frame,
                      const struct type *type, uint32_t capacity)
{
    uint64_t handle;
    uint32_t i;

    for (i = 0; i < capacity; i++) {
        if (!slot_load64(x->caller->base, pointer + 8 * i, &handle) ||
            (handle && !proxy_lend_rref(x, handle, type)) ||
            !proxy_frame_store(x, frame + 8 * i, handle))
            return false;
    }
    return true;
}
