/* SPDX-License-Identifier: MIT */
/* domain.c - the kernels as a domain, which the harness of bench/ drives. */
#include "bench.h"
#include "kernels.h"

/* Its status is the kernel's result: it never fails otherwise. */
uint32_t bench_loop_impl_run(uint32_t what, uint64_t rounds)
{
    return kernel_run(what, (uint32_t)rounds);
}

BENCH_LOOP_EXPORT();
