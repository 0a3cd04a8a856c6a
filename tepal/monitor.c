/* SPDX-License-Identifier: MIT */
/*
 * monitor.c - a thread that watches a run.
 *
 * It is no kernel thread: it takes no lock but that of the list of threads, and
 * reads what other threads count while they count it (peek.h). The walk over the registry, for who owns how many objects, is done once
 * a second. Time is the machine's, also in a run on the virtual clock.
 */
#define _GNU_SOURCE
#include "monitor.h"
#include "beside.h"
#include "deaths.h"
#include "devices.h"
#include "experiment.h"
#include "host.h"
#include "peek.h"
#include "status_text.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/thread.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SAMPLE_NS 10000000u
#define SAMPLES_A_STATUS 10
#define SAMPLES_A_SECOND 100
#define THREADS_MAX 256
#define LINE_BYTES 1024
#define LINE_START "\r\033[K" /* over what stands there */

/* One in a process. */
static struct {
    struct running *running;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool started, stopping, progress;
    bool in_place; /* the line of progress is written over */
    uint64_t start;
    struct status now, before; /* a second ago */
    uint8_t number[UINT16_MAX + 1]; /* of a domain by id, and 1; 0: none */
} monitor;

static void sample(void)
{
    const struct domain *found[THREADS_MAX];
    uint32_t count = thread_sample(found, THREADS_MAX), i, t;
    struct running *running = monitor.running;

    running->samples++;
    for (i = 0; i < running->loaded; i++)
        for (t = 0; t < count; t++)
            running->domains[i].samples += found[t] ==
                                           running->domains[i].domain;
}

static void look_at_counters(const struct domain *domain,
                             struct status_domain *status)
{
    uint32_t count = domain_counters(domain), c;

    status->counter_count = count < STATUS_COUNTERS_MAX ? count
                                                        : STATUS_COUNTERS_MAX;
    for (c = 0; c < status->counter_count; c++) {
        memcpy(status->counters[c].name, domain->counters[c].name,
               sizeof(status->counters[c].name));
        status->counters[c].value = domain_counter_value(domain, c);
    }
}

static void look_at_domain(const struct running_domain *place,
                           struct status_domain *status)
{
    const struct domain *domain = place->domain;

    status->crossings = domain_crossings(domain);
    status->private_bytes = peek_word(&domain->private_break) -
                            peek_word(&domain->private_start);
    status->alive = (peek_word(&domain->life) & DOMAIN_ALIVE) != 0;
    status->samples = place->samples;
    look_at_counters(domain, status);
}

static void look_at_device(const struct running_nic *nic,
                           struct status_device *status)
{
    const struct wire_pcap_counts *counts = &nic->wire.counts;
    const struct nic82599_drops *drops = &nic->nic.drops;

    status->packets_in = peek(&counts->packets_in);
    status->bytes_in = peek(&counts->bytes_in);
    status->packets_out = peek(&counts->packets_out);
    status->bytes_out = peek(&counts->bytes_out);
    status->drops = peek(&drops->rx_refused) + peek(&drops->rx_oversize) +
                    peek(&drops->rx_filtered) + peek(&drops->rx_missed) +
                    peek(&drops->rx_reset) + peek(&drops->tx_refused) +
                    peek(&drops->tx_malformed) + peek(&drops->tx_reset);
}

/* What it was given is a copy of what others sent or will send. */
static void look_at_recorder(const struct recorder *recorder,
                             struct status_device *status)
{
    status->drops = peek(&recorder->counts.refused) +
                    peek(&recorder->counts.too_long);
}

static void look(void)
{
    const struct running *running = monitor.running;
    uint32_t i;

    monitor.now.nanoseconds = host_nanoseconds() - monitor.start;
    monitor.now.samples = running->samples;
    for (i = 0; i < running->loaded; i++)
        look_at_domain(&running->domains[i], &monitor.now.domains[i]);
    for (i = 0; i < running->plugged; i++)
        if (devices_is_recorder(running, i))
            look_at_recorder(&running->nics[i].recorder,
                             &monitor.now.devices[i]);
        else
            look_at_device(&running->nics[i], &monitor.now.devices[i]);
}

/* Its type may be changing; its owner is all that is asked. */
static void count_object(struct registry_record *record, void *context)
{
    struct status *status = context;
    domain_id_t owner =
        owner_of(__atomic_load_n(&record->word, __ATOMIC_RELAXED));
    uint8_t number = monitor.number[owner];

    status->objects += owner != DOMAIN_NOBODY;
    if (number)
        status->domains[number - 1].objects++;
}

/* Ids are those of the present lives. */
static void count_objects(void)
{
    uint32_t i;

    memset(monitor.number, 0, sizeof(monitor.number));
    monitor.now.objects = 0;
    for (i = 0; i < monitor.now.domain_count; i++) {
        monitor.now.domains[i].objects = 0;
        monitor.number[(domain_id_t)domain_life(
            monitor.running->domains[i].domain)] = (uint8_t)(i + 1);
    }
    monitor.number[DOMAIN_NOBODY] = 0;
    heap_visit(count_object, &monitor.now);
}

/* In place on a terminal, cut to its width; else a line of its own. */
static void print_progress(void)
{
    char line[LINE_BYTES];
    struct winsize size;

    status_line(&monitor.now, &monitor.before, line, sizeof(line));
    if (!monitor.in_place) {
        dprintf(STDERR_FILENO, "%s\n", line);
        return;
    }
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 &&
        size.ws_col < sizeof(line))
        line[size.ws_col - 1] = 0;
    dprintf(STDERR_FILENO, "\r%s\033[K", line);
}

static void every_second(void)
{
    if (monitor.progress)
        print_progress();
    monitor.before = monitor.now;
}

/* False when it is to end. */
static bool wait_until(uint64_t nanoseconds)
{
    struct timespec until = {
        .tv_sec = (time_t)(nanoseconds / 1000000000u),
        .tv_nsec = (long)(nanoseconds % 1000000000u),
    };
    bool stopping;

    pthread_mutex_lock(&monitor.lock);
    while (!monitor.stopping &&
           pthread_cond_timedwait(&monitor.wake, &monitor.lock, &until) == 0)
        ;
    stopping = monitor.stopping;
    pthread_mutex_unlock(&monitor.lock);
    return !stopping;
}

/* After a death whose lines were looked up: many samples of one moment. */
static bool is_late(uint64_t round)
{
    return host_nanoseconds() >= monitor.start + (round + 1) * SAMPLE_NS;
}

static void *watch(void *context)
{
    const char *start =
        monitor.progress && monitor.in_place ? LINE_START : "";
    uint64_t round;

    (void)context;
    for (round = 1; wait_until(monitor.start + round * SAMPLE_NS); round++) {
        if (!is_late(round))
            sample();
        experiment_step(monitor.running, host_nanoseconds() - monitor.start);
        deaths_take(monitor.running, start);
        if (round % SAMPLES_A_STATUS)
            continue;
        look();
        if (round == SAMPLES_A_STATUS || round % SAMPLES_A_SECOND == 0)
            count_objects();
        if (round % SAMPLES_A_SECOND == 0)
            every_second();
        status_publish(&monitor.now);
    }
    return NULL;
}

static void take_names(void)
{
    const struct running *running = monitor.running;
    struct status *status = &monitor.now;
    uint32_t i;

    text_copy(status->system, sizeof(status->system), running->system.name);
    status->domain_count = running->loaded;
    status->device_count = running->system.device_count;
    for (i = 0; i < status->domain_count; i++) {
        text_copy(status->domains[i].name, sizeof(status->domains[i].name),
                  running->system.domains[i].name);
    }
    for (i = 0; i < status->device_count; i++)
        text_copy(status->devices[i].name, sizeof(status->devices[i].name),
                  running->system.devices[i].name);
}

bool monitor_start(struct running *running, bool progress)
{
    pthread_condattr_t attributes;

    monitor.running = running;
    monitor.progress = progress;
    monitor.in_place = isatty(STDERR_FILENO);
    monitor.start = host_nanoseconds();
    take_names();
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&monitor.lock, NULL);
    pthread_cond_init(&monitor.wake, &attributes);
    pthread_condattr_destroy(&attributes);
    look();
    status_publish(&monitor.now);
    monitor.started = beside_start(&monitor.thread, watch, NULL);
    return monitor.started;
}

void monitor_stop(void)
{
    if (!monitor.started)
        return;
    pthread_mutex_lock(&monitor.lock);
    monitor.stopping = true;
    pthread_cond_signal(&monitor.wake);
    pthread_mutex_unlock(&monitor.lock);
    pthread_join(monitor.thread, NULL);
    monitor.started = false;
    if (monitor.progress && monitor.in_place)
        dprintf(STDERR_FILENO, "\n");
}
