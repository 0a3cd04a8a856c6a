/* SPDX-License-Identifier: MIT */
/* options.h - what the command line of "tepal run" says. */
#pragma once
#include "running.h"

#define OPTIONS_SETTINGS_MAX 128

/*
 * An option about a device or a domain, kept until the manifest has been read:
 * "NAME=VALUE", or "VALUE" for all where that makes sense.
 */
struct option_setting {
    const char *option; /* without its dashes */
    const char *text;
};

struct run_options {
    const char *system, *json, *lib, *samples, *trace;
    struct option_setting settings[OPTIONS_SETTINGS_MAX];
    uint32_t setting_count;
    struct running_clock clock;
    bool quiet, stats, progress, preload, drop_when_full;
};

/*
 * Read the words after "run".
 * Errors: an exit code, said on standard error: every value has been looked at
 * as far as that is possible without the manifest.
 */
int options_read(struct run_options *options, int argc, char **argv);

/*
 * Apply them to @running, whose manifest has been read.
 * Errors: an exit code, said on standard error.
 */
int options_apply(const struct run_options *options, struct running *running);

/* A setting's VALUE; sets @length to that of NAME, 0 if there is none. */
const char *option_value(const struct option_setting *setting,
                         size_t *length);
