/* SPDX-License-Identifier: MIT */
/* report.h - what a run did, for people and for programs. */
#pragma once
#include "running.h"
#include <stdio.h>

void report_text(const struct running *running, FILE *file);
void report_json(const struct running *running, FILE *file);

/* Who owned what at the end of the run, by type, as a table. */
void report_stats(const struct running *running, FILE *file);
