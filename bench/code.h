/* SPDX-License-Identifier: MIT */
/*
 * code.h - what verified code costs: the kernels of bench/kernels in domains,
 * of each flavour, beside the same sources compiled by the same compiler into
 * the program (gcc -O2). So are the library's functions that they call: qsort,
 * snprintf, and a memcpy that is no constant move are those of domains/lib in
 * both, not libc's.
 *
 * How code lies in cache lines changes the time of a small loop by half, as
 * chance has it. So each kernel exists each way at four places modulo a line,
 * and what counts is the mean of these. At a place all ways take turns, and who
 * comes first changes. The ratio of a place is the median of the ratios of such
 * pairs; that of a kernel is their geometric mean over the places. Beside it
 * stands the same of the minima, which a busy machine disturbs less.
 *
 * Making the input is not part of a turn, and getting into the domain is some
 * hundred cycles of it.
 */
#pragma once
#include "clock.h"
#include "kernels.h"
#include <stdbool.h>

#define CODE_FLAVOURS_MAX 2
#define CODE_NATIVE CODE_FLAVOURS_MAX /* the way behind the flavours */
#define CODE_WAYS (CODE_FLAVOURS_MAX + 1)
#define CODE_PLACES 4
#define CODE_PASSES 2u /* over all kernels, at each place */
#define CODE_PASS_TURNS 31u
#define CODE_TURNS (CODE_PASSES * CODE_PASS_TURNS)

struct domain;

struct code_flavour {
    char name[32];
    struct domain *domains[CODE_PLACES]; /* of bench/kernels/domain.c */
};

/* Of verified code to native code. */
struct code_ratio {
    double median, minima;
    double least, most; /* of the places, by the median */
};

struct code_result {
    const struct code_flavour *flavours;
    uint32_t flavour_count;
    uint32_t checksums[KERNEL_COUNT][CODE_WAYS][CODE_PLACES];
    /* Units: TSC cycles a turn; means over the places. */
    struct sample cycles[KERNEL_COUNT][CODE_WAYS];
    struct code_ratio ratios[KERNEL_COUNT][CODE_FLAVOURS_MAX];
    struct code_ratio geomeans[CODE_FLAVOURS_MAX]; /* no least and most */
    uint32_t worst[CODE_FLAVOURS_MAX]; /* kernels, by the median */
};

const char *code_kernel_name(uint32_t kernel);

/* kernel_run() of native code, at the first place. */
uint32_t code_native_run(uint32_t kernel, uint32_t rounds);

/*
 * Run each kernel once each way at each place, for the checksums of @result.
 * Needs:  a kernel thread; flavours are in @result.
 * Errors: false when a domain died of it.
 */
bool code_check(struct code_result *result);

/* Whether all ways of @kernel computed the same. Needs: code_check(). */
bool code_agrees(const struct code_result *result, uint32_t kernel);

/*
 * Measure all kernels each way, and fill in the rest of @result.
 * Needs:  a kernel thread of its own, which stays pinned; code_check(), and all
 *         kernels agree.
 * Errors: false when a domain died, or a kernel computed anything else.
 */
bool code_measure(struct code_result *result);
