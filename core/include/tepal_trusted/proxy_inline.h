/* SPDX-License-Identifier: MIT */
/*
 * proxy_inline.h - the operations of proxy.h that are on every call's path.
 * Included by proxy.h only. The hot ones are inlined by order: all proxies are
 * one file, and a compiler that has inlined enough of it stops anywhere.
 */
#pragma once
#include "arch/access.h"
#include "arch/gate.h"
#include "tepal_trusted/base.h"

/* The rare ways of a beginning, and of an end. */
bool proxy_begin_slow(struct crossing *x, const struct capability *capability,
                      uint32_t frame_bytes);
bool proxy_begin_fails(struct crossing *x, uint32_t result);
bool proxy_begin_dead(struct crossing *x);
struct rpc proxy_end_slow(struct crossing *x);
bool walk_children(struct crossing *x, const struct registry_record *record,
                   const struct type *type, const struct domain *from,
                   const struct domain *to, int sign);
void proxy_give_back(struct crossing *x);
void proxy_take_passed_back(struct crossing *x);

static inline struct rpc proxy_answer(const struct crossing *x)
{
    struct rpc rpc = {(uint32_t)x->answer, (uint32_t)(x->answer >> 32)};

    return rpc;
}

static inline bool domain_is_affine(const struct domain *domain,
                                    const struct thread *thread)
{
    return __atomic_load_n(&domain->affine, __ATOMIC_RELAXED) == thread;
}

/*
 * The common way: an affine callee of this thread's, alive, with nobody in it,
 * so that its data stack is unused.
 */
tp_inline bool
proxy_begin(struct crossing *x, const struct gate_frame *frame, uint64_t cap,
            uint64_t interface_id, uint32_t method, uint32_t frame_bytes,
            struct flip *moves, struct registry_record **loans)
{
    struct thread *thread = thread_current();
    struct domain *caller = thread->domain;
    const struct capability *capability;
    struct domain *callee;

    if (unlikely(cap >= CAPABILITIES_MAX))
        return proxy_begin_fails(x, RPC_NO_CAP);
    capability = &caller->caps[cap];
    /* Computed once: compilers would do it anew for each member. */
    __asm__("" : "+r"(capability));
    if (unlikely(__atomic_load_n(&capability->whole_id, __ATOMIC_ACQUIRE) !=
                 interface_id) &&
        !capability_allows(capability, interface_id, method))
        return proxy_begin_fails(x, RPC_NO_CAP);
    callee = capability->callee;
    x->thread = thread;
    x->caller = caller;
    x->callee = callee;
    x->caller_frame = frame;
    x->moves = moves;
    if (moves)
        x->moves_end = moves;
    if (loans)
        x->loans = loans;
    x->moved_bytes = 0;
    x->loan_count = 0;
    x->passed_count = 0;
    x->slow_end = false;
    x->ticks = 0;
    thread->calls++;
    if (likely(domain_is_affine(callee, thread) &&
               (callee->inside & DOMAIN_FRAMES) == 0)) {
        /* Inside first: see domain_end(). */
        domain_count(callee, DOMAIN_ONE_ENTRY);
        if (unlikely(!capability_is_for(capability, domain_life(callee))))
            return proxy_begin_dead(x);
        x->data_stack = callee->data_stack - frame_bytes;
    } else if (!proxy_begin_slow(x, capability, frame_bytes)) {
        return false;
    }
    x->entry = capability->entries[method];
    return true;
}

/*
 * Change the owner of @handle's object, and of what it holds, and note it.
 * @sign: 1 into the callee, -1 out of it.
 */
tp_inline bool proxy_flip(struct crossing *x, uint64_t handle,
                              const struct type *type,
                              const struct domain *from,
                              const struct domain *to, int sign)
{
    struct registry_record *record = registry_find(handle);
    owner_word_t word = owner_expected(handle, to->id);
    struct flip *flip = x->moves_end;

    if (unlikely(!record) ||
        unlikely(!registry_change(record, type,
                                  owner_expected(handle, from->id), word,
                                  domain_is_affine(from, x->thread))))
        return false;
    flip->record = record;
    flip->word = word;
    x->moves_end = flip + 1;
    x->moved_bytes += sign * (int64_t)type->heap_bytes;
    return likely(type->handle_count == 0) ||
           walk_children(x, record, type, from, to, sign);
}

/* Who receives must have room in its quota; a call cannot push it over. */
tp_inline bool proxy_callee_has_room(const struct crossing *x)
{
    const struct domain *callee = x->callee;

    return likely(__atomic_load_n(&callee->shared_bytes, __ATOMIC_RELAXED) +
                      x->moved_bytes <=
                  callee->shared_quota);
}

tp_inline bool proxy_caller_has_room(const struct crossing *x)
{
    const struct domain *caller = x->caller;

    return likely(x->moved_bytes >= 0) ||
           __atomic_load_n(&caller->shared_bytes, __ATOMIC_RELAXED) -
                   x->moved_bytes <=
               caller->shared_quota;
}

tp_inline bool proxy_take(struct crossing *x, uint64_t handle,
                              const struct type *type)
{
    return proxy_flip(x, handle, type, x->caller, x->callee, 1);
}

tp_inline bool proxy_hand_back(struct crossing *x, uint64_t handle,
                                   const struct type *type)
{
    return proxy_flip(x, handle, type, x->callee, x->caller, -1);
}

tp_inline bool proxy_frame_store(struct crossing *x, uint32_t frame,
                                     uint64_t value)
{
    return slot_store64(x->callee->base, x->data_stack + frame, value);
}

tp_inline bool proxy_move_rref(struct crossing *x, uint64_t pointer,
                                   uint32_t frame, const struct type *type)
{
    uintptr_t base = x->caller->base;
    uint64_t handle;

    /* Stored back as it was: proof that it can be cleared, and filled. */
    return slot_load64(base, pointer, &handle) &&
           slot_store64(base, pointer, handle) &&
           proxy_take(x, handle, type) && proxy_callee_has_room(x) &&
           proxy_frame_store(x, frame, handle);
}

/* Prove @bytes at the caller's @pointer writable; nothing changes. */
bool proxy_prove(struct crossing *x, uint64_t pointer, uint32_t bytes);

static inline bool proxy_expect(struct crossing *x, uint64_t pointer,
                                uint32_t frame, uint32_t bytes)
{
    uint32_t done;

    for (done = 0; done < bytes; done += 8)
        if (!proxy_frame_store(x, frame + done, 0))
            return false;
    return proxy_prove(x, pointer, bytes);
}

static inline void proxy_clear(struct crossing *x, uint64_t pointer,
                               uint32_t bytes)
{
    uintptr_t base = x->caller->base;
    uint32_t i;

    for (i = 0; i + 8 <= bytes; i += 8)
        (void)slot_store64(base, pointer + i, 0);
    for (; i < bytes; i++)
        (void)slot_store8(base, pointer + i, 0);
}

/*
 * Code of the gs flavour addresses its slot by %gs. Nothing else does, so what
 * is in it stays until a domain needs another: a write costs as much as a call.
 */
tp_inline void proxy_set_gs(struct thread *thread, const struct domain *domain)
{
    if (likely(!domain->gs_base) || thread->gs_base == domain->gs_base)
        return;
    thread->gs_base = domain->gs_base;
    gate_set_gs(domain->gs_base);
}

tp_inline bool proxy_call(struct crossing *x, uint64_t a, uint64_t b,
                              uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    struct gate_result result;

    if (x->moves)
        x->moves_end = x->moves;
    x->thread->domain = x->callee;
    proxy_set_gs(x->thread, x->callee);
    result = gate_enter(a, b, c, d, e, f, x);
    proxy_set_gs(x->thread, x->caller);
    x->thread->domain = x->caller;
    x->answer = result.value << 32; /* RPC_OK below it */
    return likely(!result.crashed && domain_is_alive(x->callee));
}

tp_inline bool proxy_return_rref(struct crossing *x, uint32_t frame,
                                     uint64_t pointer, const struct type *type)
{
    uint64_t handle;

    if (!slot_load64(x->callee->base, x->data_stack + frame, &handle))
        return false;
    if (handle == 0)
        return true;
    return proxy_hand_back(x, handle, type) && proxy_caller_has_room(x) &&
           slot_store64(x->caller->base, pointer, handle);
}

static inline bool proxy_return_scalar(struct crossing *x, uint32_t frame,
                                       uint64_t pointer, uint32_t bytes)
{
    uintptr_t base = x->caller->base;
    uint64_t value;
    uint32_t i;

    if (!slot_load64(x->callee->base, x->data_stack + frame, &value))
        return false;
    if (bytes == 8)
        return slot_store64(base, pointer, value);
    if (bytes == 4)
        return slot_store32(base, pointer, (uint32_t)value);
    for (i = 0; i < bytes; i++)
        if (!slot_store8(base, pointer + i, (uint8_t)(value >> (8 * i))))
            return false;
    return true;
}

static inline bool proxy_return_bool(struct crossing *x, uint32_t frame,
                                     uint64_t pointer)
{
    uint64_t value;

    return slot_load64(x->callee->base, x->data_stack + frame, &value) &&
           slot_store8(x->caller->base, pointer, (uint8_t)value != 0);
}

static inline bool proxy_return_enum(struct crossing *x, uint32_t frame,
                                     uint64_t pointer, uint32_t count)
{
    uint64_t value;

    return slot_load64(x->callee->base, x->data_stack + frame, &value) &&
           (uint32_t)value < count &&
           slot_store32(x->caller->base, pointer, (uint32_t)value);
}

static inline void proxy_keep_passed(struct crossing *x)
{
    x->passed_count = 0;
}

tp_inline struct rpc proxy_end(struct crossing *x)
{
    if (unlikely(x->moved_bytes != 0 || x->slow_end ||
                 !domain_is_alive(x->caller)))
        return proxy_end_slow(x);
    domain_count(x->callee, -(uint64_t)DOMAIN_ONE_FRAME);
    return proxy_answer(x);
}
