/* SPDX-License-Identifier: MIT */
/* options.h - the command line. */
#pragma once
#include "process.h"
#include <stdbool.h>
#include <stdint.h>

struct options {
    const char *output; /* NULL = not given */
    const char *cc;
    const char *root;   /* where include/, dom.ld and libdom.a are */
    const char *script; /* linker script; NULL = the root's */
    uint32_t flavour;   /* TP_FLAVOUR_BASE or TP_FLAVOUR_GS */
    bool is_clang;      /* @cc is one; see compiler_check() */
    bool compiles_only; /* -c */
    bool assembly_only; /* -S */
    bool debug, save_temps, no_library;
    uint32_t stack_bytes;
    struct arguments compiler; /* for the compiler, as given */
    struct arguments inputs;   /* files, -L and -l in their order */
};

enum options_outcome { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_USAGE };

/* Read the command line. Messages and help are printed here. */
enum options_outcome options_read(struct options *options, int argc,
                                  char **argv);
void options_free(struct options *options);

/* Whether @path ends in @suffix. */
bool has_suffix(const char *path, const char *suffix);
