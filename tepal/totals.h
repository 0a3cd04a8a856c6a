/* SPDX-License-Identifier: MIT */
/* totals.h - what a run did, added up over its devices. */
#pragma once
#include "running.h"

struct totals {
    struct wire_pcap_counts counts; /* times and errors apart */
    struct nic82599_drops drops;
    uint64_t device_drops; /* their sum */
    uint64_t handed_in;    /* frames that drivers had from devices */
    uint64_t recorded, recorded_bytes; /* frames, by recorders */
    uint64_t damaged;      /* captures */
};

struct totals totals_of(const struct running *running);

/* What one device dropped, for whatever reason. */
uint64_t totals_drops(const struct nic82599_drops *drops);

/* Frames that came in and did not go out. */
uint64_t totals_lost(const struct totals *totals);

/*
 * Of those, frames that a driver had and that no device was given to send: left
 * out on purpose, or gone with a domain that died. 0 if domains made more.
 */
uint64_t totals_lost_in_domains(const struct totals *totals);

/* Records of captures that were not played. */
uint64_t totals_skipped(const struct totals *totals);

/* @count a second, over the whole run. */
double totals_rate(const struct running *running, uint64_t count);

/* TSC cycles a packet that came in, over the whole run. */
double totals_cycles(const struct running *running, const struct totals *totals);

/* What @domain ever made of @type; of any type when that is NULL. */
uint64_t totals_allocated(const struct domain *domain, const struct type *type);

/*
 * The share of one processor that the domain's code had, in percent: charged
 * on the virtual clock, sampled on the real one.
 */
double totals_cpu(const struct running *running, uint32_t domain);
