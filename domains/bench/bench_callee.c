/* SPDX-License-Identifier: MIT */
/* bench_callee.c - the domain that microbenchmarks call. */
#include "bench.h"
#include "tepal/kernel.h"

uint32_t bench_impl_null(void)
{
    return 0;
}

uint32_t bench_impl_args6(uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                          uint64_t e, uint64_t f)
{
    return (uint32_t)(a + b + c + d + e + f) & 0;
}

uint32_t bench_impl_move_back(struct rref_cell *c)
{
    (void)c;
    return 0;
}

uint32_t bench_impl_borrow_cell(struct rref_cell c)
{
    (void)c;
    return 0;
}

uint32_t bench_impl_deques(struct queue32 *source, struct queue32 *target)
{
    queue32_append(target, source);
    return 0;
}

uint32_t bench_impl_crash(uint32_t how)
{
    if (how == 1)
        tp_panic("asked to", 8);
    if (how == 2)
        *(volatile char *)0 = 0;
    return 0;
}

/* Nothing is wired below this one. */
uint32_t bench_impl_nested(uint32_t depth)
{
    (void)depth;
    return 0;
}

uint32_t bench_impl_null_again(void)
{
    return bench_impl_null();
}

uint32_t bench_impl_move_back_again(struct rref_cell *c)
{
    return bench_impl_move_back(c);
}

uint32_t bench_impl_borrow_cell_again(struct rref_cell c)
{
    return bench_impl_borrow_cell(c);
}

BENCH_EXPORT();
