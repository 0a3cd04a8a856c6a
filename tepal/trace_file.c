/* SPDX-License-Identifier: MIT */
/*
 * trace_file.c - a thread of the program takes full chunks of the trace while
 * the system runs, and writes their events; at the end come deaths and
 * restarts, and how many events were left out.
 *
 * A chunk is one thread's, so events stand in the order in which they happened
 * on each thread, and not otherwise sorted: readers of the format sort. After a
 * failure to write chunks are still taken, so that nobody waits for memory.
 */
#define _GNU_SOURCE
#include "trace_file.h"
#include "beside.h"
#include "host.h"
#include "tepal.h"
#include "arch/platform.h"
#include "tepal_trusted/timing.h"
#include "tepal_trusted/trace.h"
#include "trace_event.h"
#include <errno.h>
#include <pthread.h>
#include <string.h>

#define MEMORY_BYTES 0x4000000 /* 2 million events */
#define FILE_BUFFER 0x100000
#define CALIBRATION_NANOSECONDS 20000000
#define PAUSE_NANOSECONDS 1000000

static struct {
    struct trace_writer writer;
    const char *path;
    int error; /* the first failure to write; 0 for none */
    pthread_t thread;
    bool stopping;
} trace_file;

int trace_file_begin(bool virtual)
{
    return trace_begin(MEMORY_BYTES, virtual)
               ? EXIT_FINE
               : fail(EXIT_RUN_FAILED, "no memory for a trace");
}

/* Cycles and time of one moment, as near as they can be read. */
static uint64_t read_both(uint64_t *nanoseconds)
{
    uint64_t least = UINT64_MAX, at = 0;
    int i;

    for (i = 0; i < 10; i++) {
        uint64_t before = cpu_cycles(), now = clock_nanoseconds();
        uint64_t after = cpu_cycles();

        if (after - before >= least)
            continue;
        least = after - before;
        at = before + least / 2;
        *nanoseconds = now;
    }
    return at;
}

/* Tenths of a nanosecond in a cycle, times 2^32; and the cycle of time 0. */
static void calibrate(struct trace_writer *writer)
{
    uint64_t from = 0, to = 0, begin, end;

    if (timing) {
        writer->scale = 4ull << 32; /* ticks of 0.4 ns */
        return;
    }
    begin = read_both(&from);
    host_sleep(CALIBRATION_NANOSECONDS);
    end = read_both(&to);
    writer->scale = (uint64_t)(((unsigned __int128)(to - from) * 10 << 32) /
                               (end - begin));
    writer->start = end;
}

static void note_error(void)
{
    if (!trace_file.error && ferror(trace_file.writer.file))
        trace_file.error = errno ? errno : EIO;
}

static bool write_chunk(void)
{
    struct trace_chunk *chunk = trace_take();

    if (!chunk)
        return false;
    errno = 0;
    if (!trace_file.error)
        trace_write_chunk(&trace_file.writer, chunk);
    note_error();
    trace_give(chunk);
    return true;
}

static void *write_chunks(void *context)
{
    (void)context;
    for (;;) {
        /* Read first: what is full then is written still. */
        bool last = __atomic_load_n(&trace_file.stopping, __ATOMIC_ACQUIRE);

        while (write_chunk())
            ;
        if (last)
            return NULL;
        host_sleep(PAUSE_NANOSECONDS);
    }
}

int trace_file_open(const struct running *running, const char *path)
{
    struct trace_writer *writer = &trace_file.writer;

    writer->running = running;
    writer->file = fopen(path, "we");
    if (!writer->file)
        return fail(EXIT_RUN_FAILED, "%s: %s", path, strerror(errno));
    trace_file.path = path;
    setvbuf(writer->file, NULL, _IOFBF, FILE_BUFFER);
    calibrate(writer);
    trace_write_opening(writer);
    if (fflush(writer->file) == 0 &&
        beside_start(&trace_file.thread, write_chunks, NULL))
        return EXIT_FINE;
    fclose(writer->file);
    writer->file = NULL;
    return fail(EXIT_RUN_FAILED, "%s: %s", path, strerror(errno));
}

static void write_end(void)
{
    struct trace_writer *writer = &trace_file.writer;

    errno = 0;
    trace_write_lives(writer);
    trace_write_closing(writer, trace_left_out());
    note_error();
    if (fclose(writer->file) != 0 && !trace_file.error)
        trace_file.error = errno;
    writer->file = NULL;
}

int trace_file_close(void)
{
    if (!trace_file.writer.file)
        return EXIT_FINE;
    trace_stop();
    __atomic_store_n(&trace_file.stopping, true, __ATOMIC_RELEASE);
    pthread_join(trace_file.thread, NULL);
    write_end();
    if (trace_left_out())
        fail(EXIT_FINE, "%s: %llu events were left out: they came faster than "
             "they were written", trace_file.path,
             (unsigned long long)trace_left_out());
    trace_end();
    return trace_file.error ? fail(EXIT_RUN_FAILED, "%s: %s", trace_file.path,
                                   strerror(trace_file.error))
                            : EXIT_FINE;
}
