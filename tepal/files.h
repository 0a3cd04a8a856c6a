/* SPDX-License-Identifier: MIT */
/* files.h - find and read the files a system is made of. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_PATH_MAX 4096

/* A whole file in memory, read-only once it is read. */
struct file {
    char path[FILE_PATH_MAX];
    const uint8_t *bytes;
    size_t size;
};

/*
 * Read @path whole.
 * Owns:   on success release it with file_close().
 * Errors: false; errno says why (EFBIG above 64 MiB).
 */
bool file_read(struct file *file, const char *path);
void file_close(struct file *file);

/*
 * Where manifests and domains lie: @lib if given, else beside the program,
 * else where they were installed. The answer holds systems/ and domains/.
 */
const char *files_root(const char *lib);

/* The manifest called @name: a path, or the name of one under the root. */
bool files_find_system(const char *root, const char *name, char *path);

/* @name as the manifest at @manifest means it: beside it, or in the root. */
bool files_find_domain(const char *root, const char *manifest,
                       const char *name, char *path);
