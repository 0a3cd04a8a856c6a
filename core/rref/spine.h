/* SPDX-License-Identifier: MIT */
/*
 * spine.h - change the owner of one handle after another: proxy_flip() for the
 * elements of a container, with all that stays the same kept in registers.
 */
#pragma once
#include "tepal_trusted/proxy.h"

struct flipping {
    struct crossing *x;
    const struct type *type;
    const struct domain *from, *to;
    struct registry registry;
    owner_word_t from_id, to_id;
    struct flip *next;
    int sign;
    bool affine;
};

/* @sign: 1 into the callee, -1 out of it. */
tp_inline struct flipping flipping_begin(struct crossing *x,
                                             const struct type *type, int sign)
{
    const struct domain *from = sign > 0 ? x->caller : x->callee;
    const struct domain *to = sign > 0 ? x->callee : x->caller;
    struct flipping f = {x,
                         type,
                         from,
                         to,
                         registry,
                         from->id,
                         to->id,
                         x->moves_end,
                         sign,
                         domain_is_affine(from, x->thread)};

    return f;
}

/* What was noted so far, for everybody else to see. */
tp_inline void flipping_end(struct flipping *f)
{
    f->x->moved_bytes +=
        f->sign * (f->next - f->x->moves_end) * (int64_t)f->type->heap_bytes;
    f->x->moves_end = f->next;
}

tp_inline bool flipping_children(struct flipping *f,
                                     const struct registry_record *record)
{
    bool fine;

    flipping_end(f);
    fine = walk_children(f->x, record, f->type, f->from, f->to, f->sign);
    f->next = f->x->moves_end;
    return fine;
}

tp_inline bool flipping_one(struct flipping *f, uint64_t handle)
{
    struct registry_record *record = registry_find_in(&f->registry, handle);
    owner_word_t generation = handle & OWNER_GENERATION;

    if (unlikely(!record) ||
        unlikely(!registry_change(record, f->type, generation | f->from_id,
                                  generation | f->to_id, f->affine)))
        return false;
    f->next->record = record;
    f->next->word = generation | f->to_id;
    f->next++;
    return likely(f->type->handle_count == 0) ||
           flipping_children(f, record);
}

static inline bool proxy_has_room(const struct crossing *x, int sign)
{
    return sign > 0 ? proxy_callee_has_room(x) : proxy_caller_has_room(x);
}
