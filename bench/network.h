/* SPDX-License-Identifier: MIT */
/*
 * network.h - what a packet costs in domains, beside the same code without
 * isolation, in turns of one run.
 */
#pragma once
#include "clock.h"
#include "wire.h"
#include <stdbool.h>
#include <stdint.h>

#define NETWORK_FRAME_BYTES 60
#define NETWORK_TURN_FRAMES 100000u

/* A wire on which the same few frames arrive, and what leaves is counted. */
struct network_wire {
    struct wire wire; /* first */
    uint64_t left, sent;
    uint32_t next;
};

void network_wire_init(struct network_wire *wire);

/* One way to run an application until its wire has ended. */
struct network_way {
    const char *name;
    struct network_wire *wire;
    bool (*run)(void *context);
    void *context;
    struct sample cycles; /* TSC, a packet */
};

/*
 * Run all ways in turns and fill in their cycles.
 * Needs:  a kernel thread of its own, which stays pinned.
 * Errors: false when a way failed or a frame was lost.
 */
bool network_measure(struct network_way *ways, uint32_t count);
