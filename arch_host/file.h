/* SPDX-License-Identifier: MIT */
/* file.h - a whole file in memory. */
#pragma once
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

/* The name of @path's file, without what is behind its last dot. */
void file_stem(const char *path, char *stem, size_t room);
