/* SPDX-License-Identifier: MIT */
/*
 * virtual_clock.h - a discrete-event clock in the place of the machine's, in
 * which a run is the same each time.
 *
 * Time is counted in ticks of 0.4 ns: a cycle of a 2.5 GHz processor, half the
 * time of a byte at 10 Gb/s. Each kernel thread has a processor of its own,
 * with its own time. A thread runs at full speed up to its next service; there
 * it is charged for what it did since the last one, by the cost table, and
 * goes on only when no other processor is earlier and every event up to its
 * time has happened. One thread runs at a time.
 *
 * Locking: whoever runs (see virtual_clock_enter()) has it all to itself.
 * Source: design, section 7 (Two clocks); docs/VIRTUAL_CLOCK.md.
 */
#pragma once
#include "cost_table.h"
#include "tepal_trusted/timing.h"

#define VIRTUAL_CPUS_MAX 16
#define VIRTUAL_DOMAINS_MAX 16
#define VIRTUAL_EVENTS_MAX 64
#define VIRTUAL_TICKS_A_BYTE 2 /* at 10 Gb/s */

static inline uint64_t virtual_nanoseconds(uint64_t ticks)
{
    return ticks / 5 * 2 + ticks % 5 * 2 / 5;
}

/* The first tick at which that many nanoseconds have passed. */
static inline uint64_t virtual_ticks(uint64_t nanoseconds)
{
    return nanoseconds / 2 * 5 + (nanoseconds % 2 ? 3 : 0);
}

/* Something that happens at a time of its own. Embedded in what it is about. */
struct virtual_event {
    void (*happen)(struct virtual_event *event);
    uint64_t time;
    bool waiting; /* for its time */
};

/* What a domain has done, as far as it was charged. */
struct virtual_domain {
    const struct domain *domain;
    char name[COST_NAME_MAX]; /* of its file, without .dom */
    uint64_t crossings, allocations;
    uint32_t counters; /* with costs known */
    uint32_t cost[64]; /* of a step of each counter */
    uint64_t seen[64]; /* the counters when it was last charged */
    uint64_t charged;  /* ticks */
};

struct virtual_cpu {
    uint64_t time;
    uint64_t idle_since; /* UINT64_MAX: is not idle */
    uint64_t busy;       /* ticks charged, idling apart */
    bool active;
};

struct virtual_clock {
    struct cost_table costs;
    struct virtual_cpu cpus[VIRTUAL_CPUS_MAX];
    uint32_t running; /* the processor that may; VIRTUAL_CPUS_MAX: none */
    struct virtual_domain domains[VIRTUAL_DOMAINS_MAX];
    uint32_t domain_count;
    struct virtual_event *events[VIRTUAL_EVENTS_MAX]; /* soonest first */
    uint32_t event_count;
    uint64_t now;
    uint64_t seed; /* state of tp_random() */
};

/* The clock that timing leads to, from virtual_clock_start() on. */
extern struct virtual_clock virtual_clock;

/* Start at 0, with the default costs, and put it in the machine's place. */
void virtual_clock_start(uint64_t seed);
/* The machine's clock again. Needs: no domain's thread runs. */
void virtual_clock_stop(void);

/*
 * Charge for @domain, which was loaded from NAME.dom.
 * Errors: false when there are too many.
 */
bool virtual_clock_watch(const struct domain *domain, const char *name);

/* Ticks that @domain was charged. */
uint64_t virtual_clock_charged(const struct domain *domain);

/*
 * A processor for a thread that will start now. All that start side by side
 * take theirs first. Needs: no domain's thread runs.
 */
uint32_t virtual_clock_take_cpu(void);
/* On that thread: waits for its turn. Until it leaves, it runs alone. */
void virtual_clock_enter(uint32_t cpu);
void virtual_clock_leave(uint32_t cpu);

/*
 * Let @event happen at @time, or now if that is past. One that waits already
 * is moved. Events of one time happen in the order in which they were asked
 * for. Needs: to run, or to be an event.
 */
void virtual_clock_at(struct virtual_event *event, uint64_t time);
void virtual_clock_forget(struct virtual_event *event);
