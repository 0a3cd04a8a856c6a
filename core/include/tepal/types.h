/* SPDX-License-Identifier: MIT */
/* types.h - the vocabulary of domain code and of the kernel alike. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TP_MUST_CHECK __attribute__((warn_unused_result))

/*
 * For what moves or uses a reference: a compiler that sees through the whole
 * of it can warn of a use after a move.
 */
#define TP_INLINE static inline __attribute__((always_inline))

/* What a proxy says of a call. Only proxies produce these. */
enum rpc_result {
    RPC_OK = 0,
    RPC_NO_CAP = 1,   /* no such capability, or one of another interface */
    RPC_DEAD = 2,     /* the callee was dead already; nothing was moved */
    RPC_CRASHED = 3,  /* the callee died in the call; what was moved is gone */
    RPC_REFUSED = 4,  /* argument or result @detail was not acceptable */
    RPC_NO_STACK = 5, /* too deep: no stack left for the callee */
    RPC_BUSY = 6,     /* the callee belongs to another thread */
};

/*
 * The answer of every interface method. It travels in one register.
 * @detail: after RPC_OK the interface's own error (0 none), after
 * RPC_REFUSED the number of the argument, from 0.
 */
struct rpc {
    uint32_t result; /* enum rpc_result */
    uint32_t detail;
};
_Static_assert(sizeof(struct rpc) == 8, "returned in %rax");

static inline bool rpc_is_ok(struct rpc rpc)
{
    return rpc.result == RPC_OK && rpc.detail == 0;
}
