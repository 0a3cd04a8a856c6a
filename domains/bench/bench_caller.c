/* SPDX-License-Identifier: MIT */
/* bench_caller.c - the domain that makes the calls that are measured. */
#include "bench_import.h"
#include "tepal/kernel.h"

BENCH_CAP(bench);

/* What run() repeats; bench/crossing.c and heap.c have the same numbers. */
enum what {
    CALL_NULL = 0,
    CALL_MOVE = 1,
    CALL_BORROW = 2,
    CALL_ARGS6 = 3,
    CALL_DEQUES_EMPTY = 4,
    CALL_DEQUES_FULL = 5,
    CALL_NOTHING = 6,
    ALLOC_FREE = 7,
    SHADOW_NULL = 8,
    SHADOW_MOVE = 9,
    SHADOW_BORROW = 10,
};

static uint32_t failed(struct rpc rpc)
{
    return rpc.result * 0x10000 + rpc.detail;
}

static uint32_t run_null(uint64_t rounds)
{
    struct rpc rpc = {0, 0};

    while (rounds-- && rpc_is_ok(rpc))
        rpc = bench_null(bench);
    return failed(rpc);
}

static uint32_t run_move(uint64_t rounds)
{
    struct rref_cell cell = rref_cell_new();
    struct rpc rpc = {0, 0};

    while (rounds-- && rpc_is_ok(rpc))
        rpc = bench_move_back(bench, &cell);
    return rref_cell_drop(&cell) ? failed(rpc) : 1;
}

static uint32_t run_borrow(uint64_t rounds)
{
    struct rref_cell cell = rref_cell_new();
    struct rpc rpc = {0, 0};

    while (rounds-- && rpc_is_ok(rpc))
        rpc = bench_borrow_cell(bench, cell);
    return rref_cell_drop(&cell) ? failed(rpc) : 1;
}

static uint32_t run_shadow_null(uint64_t rounds)
{
    struct rpc rpc = {0, 0};

    while (rounds-- && rpc_is_ok(rpc))
        rpc = bench_null_again(bench);
    return failed(rpc);
}

static uint32_t run_shadow_move(uint64_t rounds)
{
    struct rref_cell cell = rref_cell_new();
    struct rpc rpc = {0, 0};

    while (rounds-- && rpc_is_ok(rpc))
        rpc = bench_move_back_again(bench, &cell);
    return rref_cell_drop(&cell) ? failed(rpc) : 1;
}

static uint32_t run_shadow_borrow(uint64_t rounds)
{
    struct rref_cell cell = rref_cell_new();
    struct rpc rpc = {0, 0};

    while (rounds-- && rpc_is_ok(rpc))
        rpc = bench_borrow_cell_again(bench, cell);
    return rref_cell_drop(&cell) ? failed(rpc) : 1;
}

static uint32_t run_args6(uint64_t rounds)
{
    struct rpc rpc = {0, 0};

    while (rounds-- && rpc_is_ok(rpc))
        rpc = bench_args6(bench, 1, 2, 3, 4, 5, 6);
    return failed(rpc);
}

/* The elements change deque at each call, so both take turns to be full. */
static uint32_t run_deques(uint64_t rounds, uint32_t elements)
{
    struct queue32 one = {0}, two = {0};
    struct rpc rpc = {0, 0};
    struct rref_cell cell;

    while (elements--) {
        cell = rref_cell_new();
        if (!queue32_push_back(&one, &cell))
            return 1;
    }
    while (rounds && rpc_is_ok(rpc)) {
        rpc = rounds & 1 ? bench_deques(bench, &one, &two)
                         : bench_deques(bench, &two, &one);
        rounds--;
    }
    queue32_clear(&one);
    queue32_clear(&two);
    return failed(rpc);
}

static uint32_t run_alloc(uint64_t rounds)
{
    struct rref_cell cell;

    while (rounds--) {
        cell = rref_cell_new();
        if (!rref_cell_drop(&cell))
            return 1;
    }
    return 0;
}

uint32_t bench_loop_impl_run(uint32_t what, uint64_t rounds)
{
    switch ((enum what)what) {
    case CALL_NULL:
        return run_null(rounds);
    case CALL_MOVE:
        return run_move(rounds);
    case CALL_BORROW:
        return run_borrow(rounds);
    case CALL_ARGS6:
        return run_args6(rounds);
    case CALL_DEQUES_EMPTY:
        return run_deques(rounds, 0);
    case CALL_DEQUES_FULL:
        return run_deques(rounds, 32);
    case CALL_NOTHING:
        return 0;
    case ALLOC_FREE:
        return run_alloc(rounds);
    case SHADOW_NULL:
        return run_shadow_null(rounds);
    case SHADOW_MOVE:
        return run_shadow_move(rounds);
    case SHADOW_BORROW:
        return run_shadow_borrow(rounds);
    }
    return 2;
}

BENCH_LOOP_EXPORT();
