/* SPDX-License-Identifier: MIT */
/*
 * forwarder.h - the load balancer itself: backends, and what is done with a
 * batch of frames. Nothing in it asks the kernel for anything but memory.
 *
 * A flow that the cache knows goes to the backend it went to before; another
 * goes where the look-up table says, and is kept in the cache. Locking: the
 * caller's.
 */
#pragma once
#include "balancer.h"
#include "cache.h"
#include "settings.h"
#include "hash.h"

struct backend {
    uint64_t mac;  /* 0 = there is none of this index */
    uint64_t wire; /* its six bytes as they are sent, the lowest first */
    uint64_t frames, bytes;
};

struct forwarder {
    struct sip_key key;
    uint64_t source; /* as backend.wire; 0 = frames keep theirs */
    uint64_t frames, passed, malformed; /* counters: see docs/MAGLEV.md */
    uint64_t count;                     /* of backends */
    struct cache cache;
    struct backend backend[TABLE_NONE];
    uint8_t table[TABLE_SIZE];
};

/*
 * Needs:  @settings as settings_read() left it.
 * Errors: false: no memory for the cache.
 */
bool forwarder_init(struct forwarder *forwarder,
                    const struct settings *settings, struct sip_key key);

/*
 * Errors: BALANCER_ERROR_BAD_ADDRESS, _DUPLICATE, _FULL.
 * Cost:   the whole look-up table is filled anew.
 */
uint32_t forwarder_add(struct forwarder *forwarder, uint64_t mac,
                       uint32_t *index);

/*
 * Its flows are forgotten, those of others stay.
 * Errors: BALANCER_ERROR_NO_SUCH.
 * Cost:   the whole look-up table is filled anew.
 */
uint32_t forwarder_remove(struct forwarder *forwarder, uint32_t index);

/* The backend of @index; NULL when there is none. */
const struct backend *forwarder_backend(const struct forwarder *forwarder,
                                        uint32_t index);

/* Address each frame of @frames to the backend of its flow, if it has one. */
void forwarder_work(struct forwarder *forwarder, const struct queue *frames);
