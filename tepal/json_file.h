/* SPDX-License-Identifier: MIT */
/* json_file.h - the file that --json names; "-" is standard output. */
#pragma once
#include <stdio.h>

/*
 * Open it for writing, before what is long: in @file, NULL when @path is.
 * Errors: an exit code, said on standard error.
 */
int json_file_open(const char *path, FILE **file);

/* All is written. Errors: the same. Standard output is for main() to check. */
int json_file_close(FILE *file, const char *path);
