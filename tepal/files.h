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
 * Owns:   on success release it with file_close(); on failure nothing.
 * Errors: why, in words: not there, no regular file, above 64 MiB; else NULL.
 */
const char *file_read(struct file *file, const char *path);
void file_close(struct file *file);

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
