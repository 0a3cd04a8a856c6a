/* SPDX-License-Identifier: MIT */
/*
 * diag.h - messages to the user.
 *
 * One form for what is wrong in the input:
 *     file:line: function 'f': construct: remedy
 */
#pragma once

/* Where a construct stands in the user's source. */
struct place {
    const char *file;
    unsigned line;
};

/* What is wrong with @construct, and what to do instead. */
void diag_refuse(struct place place, const char *function,
                 const char *construct, const char *remedy);

/* What is wrong with a file or with the run as a whole. */
void diag_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Messages so far. */
unsigned diag_count(void);
