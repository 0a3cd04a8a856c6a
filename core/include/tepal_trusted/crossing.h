/* SPDX-License-Identifier: MIT */
/*
 * crossing.h - one call between domains: what it changed, so that every way
 * out can settle it. Lives in the proxy's frame on the trusted stack.
 * Trusted only. Source: thesis 2 (Proxies); design, section 4.
 */
#pragma once
#include "tepal_trusted/domain.h"
#include "tepal_trusted/gate_offsets.h"
#include "tepal_trusted/registry.h"
#include "tepal_trusted/thread.h"

/* A change of owner, to be undone on refusal. @word is what it became. */
struct flip {
    struct registry_record *record;
    owner_word_t word;
};

/*
 * @moved_bytes: of objects that changed hands so far, in less out; quotas are
 * settled at the end of the call. @slow_end: there are loans to give back, or
 * the callee is open.
 */
struct crossing {
    uintptr_t entry; /* the callee's method */
    struct domain *callee;
    uint64_t data_stack; /* the callee's %rbp: its frame for this call */
    struct thread *thread;
    struct domain *caller;
    const struct gate_frame *caller_frame;
    int64_t moved_bytes;
    struct flip *moves, *moves_end; /* room for all a method can move */
    struct registry_record **loans; /* room for all it can lend */
    /* Four that one store clears. */
    uint16_t loan_count, passed_count;
    uint16_t slow_end; /* a bool; see above */
    uint16_t ticks;    /* of its budget that the callee has used */
    uint64_t answer; /* struct rpc, as it travels */
    /* Capabilities that the receiver has and must not keep after a refusal. */
    struct passed {
        struct domain *holder;
        uint64_t index;
    } passed[TP_PARAMETERS_MAX];
};

/* What an import gate keeps of its caller on the trusted stack. */
struct gate_frame {
    uint64_t data_stack; /* %rbp at the call, not to be believed */
    uint64_t return_address; /* pushed by its call, so in its text */
};

/* What gate_enter() leaves on the trusted stack while a callee runs. */
struct continuation {
    struct crossing *crossing;
    struct continuation *outer;
};

_Static_assert(offsetof(struct thread, stack_limit) == THREAD_STACK_LIMIT, "");
_Static_assert(offsetof(struct thread, continuation) == THREAD_CONTINUATION,
               "");
_Static_assert(offsetof(struct thread, call_limit) == THREAD_CALL_LIMIT, "");
_Static_assert(offsetof(struct thread, dying) == THREAD_DYING, "");
_Static_assert(offsetof(struct thread, left_at) == THREAD_LEFT_AT, "");
_Static_assert(offsetof(struct thread, domain) == THREAD_DOMAIN, "");
_Static_assert(offsetof(struct crossing, entry) == CROSSING_ENTRY, "");
_Static_assert(offsetof(struct crossing, callee) == CROSSING_CALLEE, "");
_Static_assert(offsetof(struct domain, life) == DOMAIN_LIFE, "");
_Static_assert(offsetof(struct domain, base) == DOMAIN_BASE, "");
_Static_assert(offsetof(struct crossing, data_stack) == CROSSING_DATA_STACK,
               "");
_Static_assert(offsetof(struct crossing, thread) == CROSSING_THREAD, "");

/*
 * Run @domain's code at @entry with two arguments on the current thread,
 * called by nobody: the start of its own thread.
 * Errors: RPC_CRASHED, RPC_DEAD, RPC_BUSY, RPC_NO_STACK. After RPC_OK @value
 * is the 32-bit number that it returned.
 */
struct rpc crossing_run(struct domain *domain, uintptr_t entry, uint64_t a,
                        uint64_t b, uint32_t *value);
