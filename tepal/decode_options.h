/* SPDX-License-Identifier: MIT */
/* decode_options.h - the command line of "tepal decode", read. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct decode_options {
    char **files;
    int file_count;
    const char *output;     /* of the one file; NULL: nowhere */
    const char *output_dir; /* of all; NULL: nowhere */
    const char *json, *lib;
    uint64_t memory_bytes;  /* 0: as the manifest says */
    uint32_t budget_ticks;  /* 0: the same */
    bool gs, quiet;
};

/* Errors: an exit code, said on standard error. */
int decode_options_read(struct decode_options *options, int argc, char **argv);
