/* SPDX-License-Identifier: MIT */
/*
 * crossing.c - calls between two verified domains, beside a plain indirect call
 * and a system call. Source: thesis 4, Table 1.
 */
#define _GNU_SOURCE
#include "suite.h"
#include <sys/syscall.h>
#include <unistd.h>

static bool getppid_plain(const struct bench_case *c, struct domain *caller,
                          uint32_t rounds)
{
    uint32_t i;

    (void)c, (void)caller;
    for (i = 0; i < rounds; i++)
        syscall(SYS_getppid);
    return true;
}

static const struct bench_case cases[] = {
    {"call/indirect", bench_indirect, 0, 1, 0, "3.8 to 4.5, Zen 3"},
    {"syscall/getppid", getppid_plain, 0, 10, 0, "540 to 645, Zen 3"},
    {"crossing/null", bench_in_domain, 0, 1, 0, "42, thesis Table 1, Haswell"},
    {"crossing/rref_move", bench_in_domain, 1, 1, 0,
     "59, thesis Table 1, Haswell"},
    {"crossing/rref_borrow", bench_in_domain, 2, 1, 0,
     "52 to 72, RedLeaf, Zen 3"},
    {"crossing/shadow", bench_in_domain, 8, 1, 0, "crossing/null, above"},
    {"crossing/shadow_rref_move", bench_in_domain, 9, 1, 0,
     "crossing/rref_move, above"},
    {"crossing/shadow_rref_borrow", bench_in_domain, 10, 1, 0,
     "crossing/rref_borrow, above"},
    {"crossing/args6", bench_in_domain, 3, 1, 0, "none"},
    {"crossing/deque32x2_empty", bench_in_domain, 4, 1, 0,
     "70 to 117, RedLeaf, Zen 3"},
    {"crossing/deque32x2", bench_in_domain, 5, 10, 0, "none"},
    {"heap/alloc_free_64", bench_in_domain, 7, 1, 0,
     "214 to 327, RedLeaf, Zen 3"},
};

const struct bench_suite suite_crossing = {
    "crossing", cases, sizeof(cases) / sizeof(cases[0]), 1, NULL, NULL,
};
