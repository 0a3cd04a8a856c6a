/* SPDX-License-Identifier: MIT */
/*
 * diag.h - messages about an IDL file.
 *
 * An error names the place, shows the line and points at it; a note after it
 * says what to do instead. After DIAG_ERRORS_MAX errors the compiler gives up.
 */
#pragma once
#include "source.h"
#include <stdio.h>

#define DIAG_ERRORS_MAX 20u

struct diag {
    const struct source *source;
    FILE *out;
    uint32_t errors;
};

__attribute__((format(printf, 3, 4))) void
diag_error(struct diag *diag, struct span at, const char *format, ...);

/* The remedy. It belongs to the error just reported. */
__attribute__((format(printf, 2, 3))) void diag_note(struct diag *diag,
                                                     const char *format, ...);

/* Another place that the error just reported is about. */
__attribute__((format(printf, 3, 4))) void
diag_note_at(struct diag *diag, struct span at, const char *format, ...);

/* Enough errors: look no further. */
static inline bool diag_is_full(const struct diag *diag)
{
    return diag->errors >= DIAG_ERRORS_MAX;
}
