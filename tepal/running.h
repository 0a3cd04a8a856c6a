/* SPDX-License-Identifier: MIT */
/*
 * running.h - a system on Linux, from manifest to end: its files, devices,
 * domains and threads.
 */
#pragma once
#include "census.h"
#include "files.h"
#include "nic82599.h"
#include "tepal_trusted/loader.h"
#include "wire_pcap.h"

struct running_nic {
    struct nic82599 nic;
    struct wire_pcap wire;
    const char *in, *out; /* paths, NULL for none */
    const char *damage;   /* what was wrong with a capture */
};

struct running_domain {
    struct domain *domain;
    struct file file;
    struct host_thread *thread;
    struct rpc ended; /* of its own thread */
    uint32_t value;   /* what tp_main returned */
    int64_t charged_bytes; /* in its quota, at the end of the run */
};

struct running {
    struct file manifest;
    struct system system;
    struct running_nic nics[SYSTEM_DEVICES_MAX];
    struct running_domain domains[SYSTEM_DOMAINS_MAX];
    uint32_t loaded, plugged;
    uint64_t cycles, nanoseconds; /* from the end of all set-up to the last end */
    uint64_t crossings, reclaimed;
    uint32_t crashes;
    struct census census; /* when the threads had ended, before the domains */
    uint64_t live_rrefs; /* after the end */
    struct load_error error;
};

/*
 * Read the manifest called @name.
 * Errors: an exit code, said on standard error.
 */
int running_read(struct running *running, const char *root, const char *name);

/*
 * Capture @path as input or output of @device, a name of @length characters.
 * Errors: why not, in words; else NULL.
 */
const char *running_plug(struct running *running, const char *device,
                         size_t length, const char *path, bool in);

/* Load, wire, run, end. Returns an exit code, said on standard error. */
int running_start(struct running *running, const char *root);
int running_run(struct running *running);
void running_end(struct running *running);

/* Its files and its census, which reports still read. */
void running_close(struct running *running);
