/* SPDX-License-Identifier: MIT */
/*
 * filter.h - what becomes of a frame: headers, cache, classifier, counters.
 */
#pragma once
#include "cache.h"
#include "classifier.h"
#include "net.h"

enum { FILTER_COUNTED = 32 }; /* the first rules, each with a counter */

struct filter {
    const struct rules *rules;
    struct classifier classifier;
    struct cache cache;
    uint64_t frames, accepted, dropped, malformed, other;
    /* decided by these rules; by later ones; by the default */
    uint64_t hits[FILTER_COUNTED], later_hits, default_hits;
};

/*
 * Needs:  @filter all zero; @rules stay; @random gives different numbers.
 * Errors: false, nothing held: no memory.
 */
bool filter_init(struct filter *filter, const struct rules *rules,
                 uint64_t (*random)(void));
void filter_free(struct filter *filter);

/* The rule that decides about @key. */
uint32_t filter_find(struct filter *filter, const struct key *key);

/* Whether @packet may go on. */
bool filter_accepts(struct filter *filter, const struct packet *packet);

/* Take those out that may not. Free buffers go to @buffers while there is room.
 */
void filter_work(struct filter *filter, struct queue *frames,
                 struct queue *buffers);
