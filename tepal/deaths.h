/* SPDX-License-Identifier: MIT */
/* deaths.h - the deaths of a run: said once, kept for the report. */
#pragma once
#include "json.h"
#include "running.h"
#include <stdio.h>

/*
 * Take what has been filed since, and say each death on standard error, behind
 * @start. By one thread at a time: the monitor, and when that has ended, the
 * report.
 */
void deaths_take(const struct running *running, const char *start);

/* All that were taken, and how many were not kept. */
void deaths_json(struct json *json);
