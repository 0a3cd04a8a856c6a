/* SPDX-License-Identifier: MIT */
/* stages.h - the two stages of the driver. */
#pragma once
#include "options.h"

/*
 * Find out what compiler options->cc is.
 * Errors: false after a message when it cannot make the flavour.
 */
bool compiler_check(struct options *options);

/*
 * Compile or assemble the source @path to the object or assembly file
 * @output. @number makes its temporary files unique.
 */
bool compile_file(const struct options *options, const char *path,
                  const char *output, size_t number);

/* Whether @path is a source for compile_file(). */
bool is_source(const char *path);

/* Link @inputs, objects and archives, to the domain file @output. */
bool link_domain(const struct options *options, const struct arguments *inputs,
                 const char *output);
