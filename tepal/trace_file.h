/* SPDX-License-Identifier: MIT */
/*
 * trace_file.h - "tepal run --trace": the trace of a run as a file, in the
 * format that chrome://tracing and Perfetto read. tepal(1), "TRACES", says
 * what stands in it.
 */
#pragma once
#include "running.h"

/*
 * Let what is loaded from now on be traced.
 * Errors: an exit code, said on standard error.
 */
int trace_file_begin(bool virtual);

/*
 * Open @path, and write to it what the run records, while it runs.
 * Needs:  @running is started, @path stays; trace_file_close() ends it.
 * Errors: an exit code, said on standard error.
 */
int trace_file_open(const struct running *running, const char *path);

/*
 * The rest of it, and what was left out. Does nothing when none is open.
 * Needs:  the run is over, its domains are there.
 * Errors: an exit code, said on standard error.
 */
int trace_file_close(void);
