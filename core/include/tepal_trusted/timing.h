/* SPDX-License-Identifier: MIT */
/*
 * timing.h - where a virtual clock takes the place of the machine's. Trusted
 * only.
 *
 * With none (timing == NULL) time is the machine's and services run at once.
 * With one, every service that can tell the time or meet a device first asks
 * it: it charges the thread for the work it did, and lets it wait until all
 * that is earlier has happened. Only one thread at a time runs then.
 * Source: design, section 7 (Two clocks).
 */
#pragma once
#include "arch/cpu.h"
#include "tepal/abi.h"
#include <stddef.h>
#include <stdint.h>

struct domain;

struct timing {
    /* @caller's thread is about to get @service. */
    void (*service)(const struct domain *caller, enum tp_service service);
    /* It has nothing to do before @deadline, unless something happens. */
    void (*idle)(uint64_t deadline_nanoseconds);
    uint64_t (*nanoseconds)(void);
    uint64_t (*cycles)(void);
    uint64_t (*random)(void);
};

/* Changed only while no domain's thread runs. */
extern const struct timing *timing;

static inline void timing_service(const struct domain *caller,
                                  enum tp_service service)
{
    if (__builtin_expect(timing != NULL, 0))
        timing->service(caller, service);
}

/* One round of a loop that waits for a device. */
static inline void timing_idle(uint64_t deadline_nanoseconds)
{
    if (timing)
        timing->idle(deadline_nanoseconds);
    else
        cpu_relax();
}

static inline uint64_t timing_cycles(void)
{
    return timing ? timing->cycles() : cpu_cycles();
}
