/* SPDX-License-Identifier: MIT */
/* files.h - find the files a system is made of. */
#pragma once
#include "file.h"
#include <stdbool.h>

/* Whether writing to one of two paths would change what the other names. */
bool files_are_one(const char *a, const char *b);

/*
 * Where manifests and domains lie: @lib if given, else beside the program,
 * else where they were installed. The answer holds systems/ and domains/.
 */
const char *files_root(const char *lib);

/*
 * The manifest called @name: the name of one under the root, or a path. A file
 * in the current folder does not hide one that comes with the program.
 */
bool files_find_system(const char *root, const char *name, char *path);

/* @name as the manifest at @manifest means it: beside it, or in the root. */
bool files_find_domain(const char *root, const char *manifest,
                       const char *name, char *path);
