/* SPDX-License-Identifier: MIT */
/* unit.h - one assembly file from the compiler's form to the verifier's. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct unit_options {
    bool written_by_hand; /* report lines of this very file */
    bool keeps_debug;     /* leave line numbers and debug sections in */
    bool frame_pointer;   /* the compiler kept one in %rbp */
    uint32_t flavour;     /* TP_FLAVOUR_BASE or TP_FLAVOUR_GS */
};

/*
 * Rewrite @text, the contents of the assembly file @path, to @out.
 * Errors: false after messages; what was written is of no use then.
 */
bool unit_rewrite(const char *path, const char *text, FILE *out,
                  struct unit_options options);
