/* SPDX-License-Identifier: MIT */
/*
 * trace_event.h - events of a trace as JSON objects of the Trace Event Format.
 */
#pragma once
#include "running.h"
#include "tepal_trusted/trace.h"
#include <stdio.h>

#define TRACE_THREADS_MAX 1024
/* Three names and a cause, all of bytes to escape, and what is between. */
#define TRACE_LINE_MAX 2048

/* @scale: tenths of a nanosecond that a cycle takes, times 2^32. */
struct trace_writer {
    FILE *file;
    const struct running *running;
    uint64_t start, scale;
    bool named[TRACE_THREADS_MAX]; /* the thread's name has been written */
    char line[TRACE_LINE_MAX];     /* the event that is being written */
    size_t used;
};

/* The opening bracket, and the names of the system, its domains and devices. */
void trace_write_opening(struct trace_writer *writer);
void trace_write_chunk(struct trace_writer *writer,
                       const struct trace_chunk *chunk);
/* All deaths and restarts so far. */
void trace_write_lives(struct trace_writer *writer);
void trace_write_closing(struct trace_writer *writer, uint64_t left_out);
