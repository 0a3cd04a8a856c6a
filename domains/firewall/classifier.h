/* SPDX-License-Identifier: MIT */
/*
 * classifier.h - which rule is the first that matches?
 *
 * For each IP version one tree of all boxes if one will do; otherwise as many
 * as four, by whether source and destination are wide: a wide box in one
 * field beside narrow ones would be copied into each of their parts.
 * Source: Vamanan et al., "EffiCuts: Optimizing Packet Classification for
 * Memory and Throughput", SIGCOMM 2010, section 3.1 (separable trees).
 */
#pragma once
#include "tree.h"

enum { TREES_MAX = 4 };

struct forest {
    struct tree tree[TREES_MAX]; /* that of the first box first */
    uint32_t trees;
};

struct classifier {
    const struct rules *rules;
    struct forest ipv4, ipv6;
    uint32_t worst;   /* steps of a lookup, at most */
    uint32_t leaf_max; /* of them, rules that are looked at one by one */
    uint64_t bytes;   /* of all trees */
    uint64_t lookups, steps; /* so far */
};

/*
 * Needs:  @rules stays as long as @classifier.
 * Cost:   memory and time are bounded, whatever the rules are.
 * Errors: false, nothing held: no memory.
 */
bool classifier_build(struct classifier *classifier, const struct rules *rules);
void classifier_free(struct classifier *classifier);

/* The number of the first rule that matches; that of the default if none. */
uint32_t classifier_find(struct classifier *classifier, const struct key *key);
