/* SPDX-License-Identifier: MIT */
/* status_text.h - what a run does now: what it has done since a moment ago. */
#pragma once
#include "status.h"
#include <stdio.h>

/* One line, without its end, of at most @room characters. */
void status_line(const struct status *now, const struct status *before,
                 char *line, size_t room);

/* A table: devices, then domains. @end is put before each line's newline. */
void status_table(const struct status *now, const struct status *before,
                  const char *end, FILE *file);
