/* SPDX-License-Identifier: MIT */
/*
 * large.c - a domain of 100 KB of text and more, for "tepal bench verify": the
 * kernels at four levels of optimisation. It has a capability, to be wired.
 */
#include "bench.h"
#include "bench_import.h"
#include "kernels.h"

BENCH_CAP(bench);

/* kernel_run() as the build calls it at the other levels. */
uint32_t kernel_run_1(uint32_t kernel, uint32_t rounds);
uint32_t kernel_run_2(uint32_t kernel, uint32_t rounds);
uint32_t kernel_run_3(uint32_t kernel, uint32_t rounds);

/* Kernel @what modulo their number, at level @what divided by it. */
uint32_t bench_loop_impl_run(uint32_t what, uint64_t rounds)
{
    uint32_t kernel = what % KERNEL_COUNT, turn = (uint32_t)rounds;

    if (!rpc_is_ok(bench_null(bench)))
        return 1;
    switch (what / KERNEL_COUNT) {
    case 1:
        return kernel_run_1(kernel, turn);
    case 2:
        return kernel_run_2(kernel, turn);
    case 3:
        return kernel_run_3(kernel, turn);
    default:
        return kernel_run(kernel, turn);
    }
}

BENCH_LOOP_EXPORT();
