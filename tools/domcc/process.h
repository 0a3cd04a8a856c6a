/* SPDX-License-Identifier: MIT */
/*
 * process.h - other programs, and the temporary files they exchange.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* A growing list of program arguments, with a NULL after the last. */
struct arguments {
    const char **list;
    size_t count, room;
};

void arguments_add(struct arguments *arguments, const char *argument);
void arguments_add_all(struct arguments *arguments,
                       const struct arguments *more);
void arguments_free(struct arguments *arguments);

/* Run a program found on the PATH. False if it fails, after a message. */
bool process_run(const struct arguments *arguments);

/* Run a program and read the first line of its output. */
bool process_first_line(const struct arguments *arguments, char *line,
                        size_t bytes);

/*
 * Make the directory for temporary files: @keep, or a new one that goes away
 * with its files when domcc ends, also by a signal.
 */
bool temporary_start(const char *keep);
void temporary_end(void);

/* The path of a temporary file; lives until temporary_end(). */
const char *temporary_path(const char *name);
const char *temporary_directory(void);

/* A whole file as a string; the caller frees it. NULL after a message. */
char *read_file(const char *path, size_t *bytes);
