/* SPDX-License-Identifier: MIT */
/*
 * crossing.c - the ways of a crossing that are not the common one: the slow
 * beginning, refusal, the callee's death, the caller's death, a thread's first
 * entry.
 *
 * A crossing is inside its callee (one frame) from its beginning until one of
 * proxy_end(), proxy_refuse() or proxy_crashed(). Each of these settles loans
 * and moves first, so when the last frame leaves a dead domain nothing names
 * it any more.
 * Source: thesis 2 (Proxies), 3.2.6; design, sections 4 and 5.
 */
#include "tepal_trusted/proxy.h"
#include "tepal_trusted/rref.h"
#include "tepal_trusted/trace.h"

bool proxy_begin_fails(struct crossing *x, uint32_t result)
{
    x->answer = result;
    return false;
}

/*
 * The callee died since the capability was made. Nothing was done but to be
 * counted as inside; that there was nobody inside, others look for themselves.
 */
bool proxy_begin_dead(struct crossing *x)
{
    domain_count(x->callee, -(uint64_t)DOMAIN_ONE_ENTRY);
    return proxy_begin_fails(x, RPC_DEAD);
}

static struct rpc answer(struct crossing *x, uint32_t result, uint32_t detail)
{
    x->answer = (uint64_t)detail << 32 | result;
    return proxy_answer(x);
}

/* Inside no longer; a caller that died meanwhile must not run on. */
static void leave(struct crossing *x)
{
    domain_leave(x->callee, x->thread);
    if (x->caller->id != DOMAIN_NOBODY && !domain_is_alive(x->caller))
        x->thread->dying |= THREAD_UNWIND;
}

/* What %rbp was when the callee itself called out on this thread; or NULL. */
static const struct gate_frame *find_waiting(const struct crossing *x)
{
    const struct continuation *outer;

    if (x->caller == x->callee)
        return x->caller_frame;
    for (outer = x->thread->continuation; outer; outer = outer->outer)
        if (outer->crossing->caller == x->callee)
            return outer->crossing->caller_frame;
    return NULL;
}

/*
 * Where the callee's frames begin on this thread: at its data stack's end, or
 * below its own %rbp if it is waiting in a call further out. That is its word,
 * so it must lie in the stack; and a caller that has used up the stack of a
 * callee by calling in circles is told so, before the callee faults.
 * Returns 0 when there is not enough of it.
 */
static uint32_t find_data_stack(const struct crossing *x, uint32_t frame_bytes)
{
    const struct gate_frame *waiting = find_waiting(x);
    uint64_t end = x->thread->data_stack[x->callee->slot];
    uint64_t stack;

    if (!end)
        end = domain_data_stack(x->callee, x->thread);
    if (!end)
        return 0;
    stack = waiting ? (uint32_t)waiting->data_stack & ~15u : end;
    if (stack > end ||
        stack + x->callee->data_stack_bytes <
            end + DOMAIN_CALLEE_DATA_STACK + frame_bytes)
        return 0;
    return (uint32_t)stack;
}

/* A beginning that comes to nothing; nor does it claim an affine callee. */
static bool abandon(struct crossing *x, uint32_t result)
{
    struct domain *callee = x->callee;

    leave(x);
    if (!callee->open && !callee->data_stack)
        thread_let_go(callee);
    return proxy_begin_fails(x, result);
}

bool proxy_begin_slow(struct crossing *x, const struct capability *capability,
                      uint32_t frame_bytes)
{
    struct domain *callee = x->callee;
    uint32_t stack;

    /* So that nobody waits for a claim, or makes one, to find it dead. */
    if (!capability_is_for(capability, domain_life(callee)))
        return proxy_begin_fails(x, RPC_DEAD);
    if (!thread_enter(x->thread, callee))
        return proxy_begin_fails(x, RPC_BUSY);
    if (!capability_is_for(capability, __atomic_load_n(&callee->life,
                                                       __ATOMIC_SEQ_CST)))
        return abandon(x, RPC_DEAD);
    stack = find_data_stack(x, frame_bytes);
    if (!stack)
        return abandon(x, RPC_NO_STACK);
    if (!callee->open)
        callee->data_stack = x->thread->data_stack[callee->slot];
    x->data_stack = stack - frame_bytes;
    x->slow_end = callee->open;
    return true;
}

bool proxy_prove(struct crossing *x, uint64_t pointer, uint32_t bytes)
{
    uintptr_t base = x->caller->base;
    uint64_t at = (uint32_t)pointer, end = at + bytes;

    if (end > TP_SLOT_SIZE)
        return false;
    if (bytes < 8)
        return slot_touch8(base, at) && slot_touch8(base, end - 1);
    for (; at < end; at += TP_PAGE)
        if (!slot_touch64(base, at))
            return false;
    return slot_touch64(base, end - 8);
}

/* What changed hands for good counts towards the new owner's quota. */
static void settle_moves(struct crossing *x)
{
    if (x->moved_bytes == 0)
        return;
    rref_account(x->thread, x->caller, -x->moved_bytes);
    rref_account(x->thread, x->callee, x->moved_bytes);
}

/*
 * Undo the moves noted since the call, or before it. The results were never
 * delivered, or the call never made; but another thread of an open receiver
 * may have guessed the handle and used it, then it stays as it is.
 */
static void move_back(struct crossing *x, const struct domain *from,
                      const struct domain *to)
{
    while (x->moves && x->moves_end != x->moves) {
        struct flip *flip = --x->moves_end;
        /* A free record has none; but then its word has changed too. */
        const struct type *type =
            __atomic_load_n(&flip->record->type, __ATOMIC_RELAXED);

        if (owner_change(&flip->record->word, flip->word,
                         (flip->word ^ from->id) | to->id,
                         domain_is_affine(from, x->thread)))
            x->moved_bytes += to == x->caller ? -(int64_t)type->heap_bytes
                                              : (int64_t)type->heap_bytes;
    }
}

/* Flips say which way they went: arguments in, or results out. */
static void move_all_back(struct crossing *x)
{
    if (x->moves && x->moves_end != x->moves &&
        owner_of(x->moves[0].word) == x->caller->id)
        move_back(x, x->caller, x->callee);
    else
        move_back(x, x->callee, x->caller);
}

struct rpc proxy_refuse(struct crossing *x, uint32_t parameter)
{
    proxy_take_passed_back(x);
    move_all_back(x);
    settle_moves(x);
    proxy_give_back(x);
    leave(x);
    return answer(x, RPC_REFUSED, parameter);
}

struct rpc proxy_crashed(struct crossing *x)
{
    settle_moves(x);
    death_settle(x);
    proxy_give_back(x);
    domain_kill(x->callee, x->thread);
    leave(x);
    return answer(x, RPC_CRASHED, 0);
}

struct rpc proxy_end_slow(struct crossing *x)
{
    settle_moves(x);
    proxy_give_back(x);
    leave(x);
    return proxy_answer(x);
}

/* What stands in for the caller when a thread enters a domain by itself. */
static const struct domain kernel_caller;

struct rpc crossing_run(struct domain *domain, uintptr_t entry, uint64_t a,
                        uint64_t b, uint32_t *value)
{
    struct thread *thread = thread_current();
    struct domain *before = thread->domain;
    struct capability capability = {.callee_life = DOMAIN_ALIVE | domain->id};
    struct crossing x = {.thread = thread,
                         .caller = (struct domain *)(uintptr_t)&kernel_caller,
                         .callee = domain,
                         .entry = entry};

    if (!proxy_begin_slow(&x, &capability, 0))
        return proxy_answer(&x);
    trace_enter(&x, "tp_main");
    if (!proxy_call(&x, a, b, 0, 0, 0, 0)) {
        (void)proxy_crashed(&x);
    } else {
        *value = (uint32_t)(x.answer >> 32);
        x.answer = RPC_OK;
        (void)proxy_end_slow(&x);
    }
    thread->domain = before;
    if (before) /* in a call that it serves, or a restart for it */
        proxy_set_gs(thread, before);
    return trace_leave(&x, proxy_answer(&x));
}
