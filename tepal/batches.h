/* SPDX-License-Identifier: MIT */
/*
 * batches.h - how full the batches are that a driver takes, and what a packet
 * costs in them: seen from the receive tail, which is written once a batch.
 */
#pragma once
#include "histogram.h"
#include "nic82599.h"

struct batches {
    struct histogram fill;   /* frames in a batch */
    struct histogram cycles; /* TSC, a packet: from one batch to the next of its
                                queue, waiting for frames included */
    struct histogram recovery; /* nanoseconds, from a domain's death to the
                                  next batch that a restarted one takes */
    uint64_t last[NIC82599_QUEUES]; /* 0: none since the device's last reset */
    uint64_t deaths, resets;        /* that have been seen */
    const struct nic82599 *nic;
};

/* Watch @nic, for as long as it is there. Needs: @batches is all zeros. */
void batches_watch(struct batches *batches, struct nic82599 *nic);
