/* SPDX-License-Identifier: MIT */
/*
 * sets.h - sets of rules, and packets near the edges of what they match.
 */
#pragma once
#include "filter.h"
#include "linear.h"

enum set_kind {
    SET_MIXED,         /* as people write them; IPv4 and IPv6 */
    SET_WILDCARDS,     /* any to any, all of them */
    SET_NESTED,        /* prefixes within prefixes, the longest first */
    SET_NESTED_RANGES, /* port ranges within port ranges */
    SET_RANGES,        /* port ranges that overlap at random */
    SET_CROSSED,       /* from one host to any, or from any to one host */
    SET_KINDS,
};

extern const char *const set_names[SET_KINDS];

/* A set of @rules rules, as text; the caller frees it. */
char *set_new(enum set_kind kind, int rules, uint64_t seed);

/* xorshift64*: the same on every machine. */
uint64_t set_draw(uint64_t *state);

/* A packet at or beside the edges of a rule, most often; or any packet. */
struct linear_packet set_packet(const struct linear *linear, uint64_t *state);

/* What the domain sees of it. */
struct key set_key(const struct linear_packet *packet);

/* Numbers for filter_init(): the same in each run. */
uint64_t set_random(void);

/* How many packets, when the environment does not say: TP_TEST_PACKETS. */
uint64_t set_packets(uint64_t packets);
