/* SPDX-License-Identifier: MIT */
/* entered.h - which functions of a domain were entered, for run_dom. */
#pragma once
#include "tepal_trusted/image.h"
#include <stdbool.h>
#include <stdio.h>

/*
 * Put a breakpoint at each function of @image, which lies at @base, in text
 * that can be written. Each function's name is written to @list when it is
 * entered for the first time.
 * Needs: the text was verified as it was before.
 * Errors: false when there is no memory.
 */
bool entered_watch(const struct image *image, unsigned char *base, FILE *list);

/*
 * A trap whose instruction ends at @next. Returns whether it was one of the
 * breakpoints, which is gone now: go on one byte before @next.
 */
bool entered_at(const unsigned char *next);
