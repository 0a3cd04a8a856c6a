/* SPDX-License-Identifier: MIT */
/*
 * crossing.c - calls between two verified domains of the base flavour, of gs,
 * and from base to gs, beside a plain indirect call and a system call.
 * Source: thesis 4, Table 1.
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
    {"call/indirect", bench_indirect, 0, 1, 0, "3.8 to 4.5, Zen 3",
     CALLER_BASE},
    {"syscall/getppid", getppid_plain, 0, 10, 0, "540 to 645, Zen 3",
     CALLER_BASE},
    {"crossing/null", bench_in_domain, 0, 1, 0, "42, thesis Table 1, Haswell",
     CALLER_BASE},
    {"crossing/rref_move", bench_in_domain, 1, 1, 0,
     "59, thesis Table 1, Haswell", CALLER_BASE},
    {"crossing/rref_borrow", bench_in_domain, 2, 1, 0,
     "52 to 72, RedLeaf, Zen 3", CALLER_BASE},
    {"crossing/shadow", bench_in_domain, 8, 1, 0, "crossing/null, above",
     CALLER_BASE},
    {"crossing/shadow_rref_move", bench_in_domain, 9, 1, 0,
     "crossing/rref_move, above", CALLER_BASE},
    {"crossing/shadow_rref_borrow", bench_in_domain, 10, 1, 0,
     "crossing/rref_borrow, above", CALLER_BASE},
    {"crossing/args6", bench_in_domain, 3, 1, 0, "none", CALLER_BASE},
    {"crossing/deque32x2_empty", bench_in_domain, 4, 1, 0,
     "70 to 117, RedLeaf, Zen 3", CALLER_BASE},
    {"crossing/deque32x2", bench_in_domain, 5, 10, 0, "none", CALLER_BASE},
    {"crossing/null_gs", bench_in_domain, 0, 1, 0, "crossing/null, above",
     CALLER_GS},
    {"crossing/rref_move_gs", bench_in_domain, 1, 1, 0,
     "crossing/rref_move, above", CALLER_GS},
    {"crossing/null_to_gs", bench_in_domain, 0, 1, 0, "crossing/null, above",
     CALLER_BASE_TO_GS},
    {"crossing/rref_move_to_gs", bench_in_domain, 1, 1, 0,
     "crossing/rref_move, above", CALLER_BASE_TO_GS},
    {"heap/alloc_free_64", bench_in_domain, 7, 1, 0,
     "214 to 327, RedLeaf, Zen 3", CALLER_BASE},
};

const struct bench_suite suite_crossing = {
    "crossing", cases, sizeof(cases) / sizeof(cases[0]), 1, NULL, NULL,
};
