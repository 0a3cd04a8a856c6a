/* SPDX-License-Identifier: MIT */
/*
 * versions.h - the files that a domain has run: the manifest's, then those that
 * "tepal ctl replace" brought. They stay until the end of the run, since reports
 * name places in them.
 */
#pragma once
#include "files.h"
#include "tepal_trusted/image.h"

struct version {
    struct file file;
    struct image image;
    uint32_t number;      /* domain->version while it runs */
    bool without_lines;   /* of deaths.c: it has none, as far as we know */
    struct version *before; /* NULL: the first */
};

/*
 * Read @path as the next version after @latest, which may be NULL.
 * Owns:   version_close() frees it, or versions_close() with all later ones.
 * Errors: NULL, and @why says why, in words.
 */
struct version *version_read(struct version *latest, const char *path,
                             const char **why);
void version_close(struct version *version);

/* @latest and all before it. */
void versions_close(struct version *latest);

/* Version @number of those up to @latest; NULL if it is not there yet. */
struct version *version_find(struct version *latest, uint32_t number);
