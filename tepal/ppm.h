/* SPDX-License-Identifier: MIT */
/* ppm.h - decoded pixels as a file: PPM, binary (P6). */
#pragma once
#include "decoder.h"
#include "files.h"
#include <stdio.h>

/* @sink first: it is what decoder_decode() is given. */
struct ppm {
    struct decoder_sink sink;
    char path[FILE_PATH_MAX]; /* "-" is standard output */
    FILE *file;
    int error; /* an errno: why pixels were not taken; 0 = they were */
};

/*
 * Pixels for @path, which is created or emptied when the first ones come.
 * Errors: false: the path is too long.
 */
bool ppm_begin(struct ppm *ppm, const char *path);

/*
 * All has come: @fine, or it is no image, and the file goes away.
 * Errors: false: it could not be written, because of @ppm->error, and is away.
 */
bool ppm_end(struct ppm *ppm, bool fine);
