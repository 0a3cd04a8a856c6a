/* SPDX-License-Identifier: MIT */
/*
 * status.h - what a run has done so far, and the file in which it says so.
 *
 * The file is tepal-PID.status in $XDG_RUNTIME_DIR or in /tmp/tepal-UID: one
 * struct status_page, written by the run about ten times a second and read by
 * "tepal top". A run holds a lock on its file (flock) as long as it lives, so
 * one without a lock was left behind. It is written and read by pwrite() and
 * pread(), not mapped: a file that somebody cuts short must not be a fault.
 * To who reads it, it is hostile.
 */
#pragma once
#include "tepal_trusted/loader.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define STATUS_MAGIC 0x7375746154706574u
#define STATUS_VERSION 1
#define STATUS_COUNTERS_MAX 16

struct status_counter {
    char name[DOMAIN_COUNTER_NAME];
    uint64_t value;
};

struct status_domain {
    char name[DOMAIN_NAME_MAX];
    uint64_t crossings;
    uint64_t objects; /* shared, that it owns */
    uint64_t private_bytes;
    uint64_t samples; /* in which a thread ran in it */
    uint32_t alive;
    uint32_t counter_count; /* the first ones, if there are more */
    struct status_counter counters[STATUS_COUNTERS_MAX];
};

struct status_device {
    char name[DEVICE_NAME_MAX];
    uint64_t packets_in, bytes_in, packets_out, bytes_out, drops;
};

/* All counts are from the start of the run. */
struct status {
    char system[DOMAIN_NAME_MAX];
    uint64_t nanoseconds; /* from the start, on the machine's clock */
    uint64_t samples;     /* taken of all threads */
    uint64_t objects;     /* live in the shared heap */
    uint32_t domain_count, device_count;
    struct status_domain domains[SYSTEM_DOMAINS_MAX];
    struct status_device devices[SYSTEM_DEVICES_MAX];
};

/* The layout of the file: a change is a new version. */
struct status_page {
    uint64_t magic;
    uint32_t version, bytes;
    uint64_t sequence; /* odd while it is being written */
    struct status status;
};
_Static_assert(sizeof(struct status_page) == 24 + 64 + 4 * 56 + 16 * 584,
               "no padding, and the same everywhere");

/*
 * The folder for such files: made if it is not there, ours alone. It is an open
 * descriptor.
 * Errors: -1, and @path and errno say what is wrong with what.
 */
int status_folder(const char **path);

/*
 * Begin to publish this process' status, and end. What fails is only that
 * nobody can see it.
 * Errors: false, with errno set.
 */
bool status_publish_begin(void);
void status_publish(const struct status *status);
/* Safe in a signal handler. */
void status_publish_end(void);

#define STATUS_RUNS_MAX 256

/*
 * The processes that publish theirs, in @pids, at most STATUS_RUNS_MAX. Files
 * of those that are gone are removed.
 */
uint32_t status_runs(int folder, pid_t *pids);

/*
 * The newest status of process @pid: names end, counts are within bounds, and
 * every character is one to print.
 * Errors: false: it is gone, or its file is not one.
 */
bool status_read(int folder, pid_t pid, struct status *status);
