/* SPDX-License-Identifier: MIT */
/*
 * running.h - a system on Linux, from manifest to end: its files, devices,
 * domains and threads.
 */
#pragma once
#include "batches.h"
#include "census.h"
#include "nic82599_timed.h"
#include "recorder.h"
#include "tepal_trusted/loader.h"
#include "versions.h"
#include "wire_pcap.h"

/* What --fault says: see nic82599_inject(). */
struct running_fault {
    bool wanted;
    uint64_t after, times;
};

struct running_nic {
    struct device *device; /* one of the models below */
    struct nic82599 nic;
    struct recorder recorder;
    struct nic82599_timed timed; /* on the virtual clock */
    struct wire_pcap wire;
    struct batches batches;
    struct wire *own;     /* instead of captures; NULL for none */
    const char *in, *out; /* paths, NULL for none */
    struct replay_options replay; /* how @in is played */
    bool drop_when_full;
    struct running_fault faults[NIC82599_FAULTS];
    const char *damage;   /* what was wrong with a capture */
};

struct running_domain {
    struct domain *domain;
    struct version *latest; /* atomic: of its files */
    struct file data;      /* for the domain to read */
    const char *data_path; /* instead of the manifest's; NULL for that */
    struct host_thread *thread;
    struct running *running; /* what it is a part of */
    bool has_ended; /* atomic: its own thread has, for good */
    uint32_t cpu;     /* on the virtual clock */
    struct rpc ended; /* of its own thread */
    uint32_t value;   /* what tp_main returned */
    int64_t charged_bytes; /* in its quota, at the end of the run */
    uint64_t charged_before; /* on the virtual clock, for its set-up */
    uint64_t charged_ticks;  /* and in the run */
    uint32_t counter_count; /* shown by the domain, at the end of the run */
    uint64_t counters[DOMAIN_COUNTERS_MAX];
    uint64_t samples;      /* of the monitor, in which a thread ran in it */
    uint64_t kill_every_ns; /* 0: never */
    uint64_t kills;         /* that were due so far */
};

/* How time passes in a run. */
struct running_clock {
    bool virtual;
    uint64_t seed;     /* of what is random then */
    const char *costs; /* file of a cost table, NULL for the default */
};

struct running {
    struct running_clock clock;
    struct file manifest;
    struct system system;
    struct running_nic nics[SYSTEM_DEVICES_MAX];
    struct running_domain domains[SYSTEM_DOMAINS_MAX];
    uint32_t loaded, plugged;
    bool is_set_up; /* atomic: the domains that nobody calls begin */
    uint64_t cycles, nanoseconds; /* from the end of all set-up to the last end */
    uint64_t samples; /* that the monitor took */
    const char *samples_path; /* of a table of them; NULL for none */
    uint64_t crossings, reclaimed;
    uint32_t crashes, restarts;
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

/*
 * Data file @path for @domain, a name of @length characters, in the place of
 * the manifest's; and its arguments.
 * Errors: why not, in words; else NULL.
 */
const char *running_set_data(struct running *running, const char *domain,
                             size_t length, const char *path);
const char *running_set_arguments(struct running *running, const char *domain,
                                  size_t length, const char *text);

/* Kill @domain each so many @seconds of the run. Errors: as above. */
const char *running_set_kill(struct running *running, const char *domain,
                             size_t length, const char *seconds);

/*
 * The domain at @place ends, and its next life runs the file at @path, as
 * domain_set_next() says. On one thread at a time, beside all others.
 * Errors: false; @error says why, and the version that runs goes on.
 */
bool running_replace(struct running_domain *place, const char *path,
                     struct load_error *error);

/* Its own thread has, for good; never so where others call it. */
static inline bool running_has_ended(const struct running_domain *place)
{
    return __atomic_load_n(&place->has_ended, __ATOMIC_ACQUIRE);
}

/* Load, wire, run, end. Returns an exit code, said on standard error. */
int running_start(struct running *running, const char *root);
int running_run(struct running *running);
void running_end(struct running *running);

/* Its files and its census, which reports still read. */
void running_close(struct running *running);
