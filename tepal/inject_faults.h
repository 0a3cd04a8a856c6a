/* SPDX-License-Identifier: MIT */
/* inject_faults.h - one fault of each kind, in a world that stands still. */
#pragma once
#include "inject.h"

/* Where a fault strikes. */
struct inject_target {
    struct running *running;
    const struct inject_plan *plan;
    uint32_t thread; /* of stop_at(), that runs the domain; or UINT32_MAX */
    struct domain *domain;
    char *what;      /* INJECT_WHAT_MAX: says what was done */
    bool is_late;    /* inject_strike_late() does it */
    bool is_final;   /* the device will not come back from it */
    struct running_nic *nic; /* whose model has a fault in wait; or NULL */
};

/*
 * Do what the plan says.
 * Errors: false: there is nothing of that kind here, such as a device.
 */
bool inject_strike(struct inject_target *target);

/* What is to be done while the world runs. */
void inject_strike_late(const struct inject_target *target);

/* What lasts only for a while ends; the world may run. */
void inject_relent(struct inject_target *target);

/* A device's fault that did not come is called off. Needs: it stands still. */
void inject_call_off(struct inject_target *target);

/* Whether the domain has to be caught while it runs. */
bool inject_needs_thread(enum inject_kind kind);
