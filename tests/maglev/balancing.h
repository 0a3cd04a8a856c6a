/* SPDX-License-Identifier: MIT */
/*
 * balancing.h - the load balancer and its slow model side by side. Packets lie
 * in memory of the test, where the domain's code looks for the shared heap.
 */
#pragma once
#include "forwarder.h"
#include "frames.h"
#include "slow_model.h"

#define BALANCING_K0 UINT64_C(0x0706050403020100)
#define BALANCING_K1 UINT64_C(0x0f0e0d0c0b0a0908)
#define BALANCING_SOURCE UINT64_C(0x02aabbccddee)

struct balancing {
    struct forwarder forwarder;
    struct slow *slow;
    struct queue queue;
    struct frame sent[32]; /* what the packets in the queue were */
    uint64_t frames, passed, malformed;
};

/* With @backends of them, for a cache of @entries, both empty. */
struct balancing *balancing_new(uint32_t backends, uint64_t entries);
void balancing_free(struct balancing *balancing);

/* The address of the test's backend @number. */
uint64_t balancing_mac(uint32_t number);

void balancing_add(struct balancing *balancing, uint32_t number);
void balancing_remove(struct balancing *balancing, uint32_t index);

/* One more frame for the batch; a full batch is worked on and compared. */
void balancing_put(struct balancing *balancing, const struct frame *frame);
/* Work on what is there, and compare every byte and every counter. */
void balancing_flush(struct balancing *balancing);

/* Where the load balancer alone sends a plain frame of @flow: an index. */
uint32_t balancing_where(struct balancing *balancing, uint32_t flow);
