/* SPDX-License-Identifier: MIT */
/* bench.h - what "tepal bench" measures, each in a file of its own. */
#pragma once
#include <stdio.h>

struct bench {
    const char *name;
    /* With what lies in @root; the system has ended then. Returns an exit code,
     * said on standard error. */
    int (*measure)(const char *root);
    /* What was measured. Needs: measure() answered EXIT_FINE. */
    void (*print_text)(void);
    void (*print_json)(FILE *file);
    void (*close)(void);
};

extern const struct bench bench_network, bench_code, bench_verify;
