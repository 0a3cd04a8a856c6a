/* SPDX-License-Identifier: MIT */
/*
 * heap_model.h - a plain model of the shared heap, and players that take
 * random steps in both and compare.
 *
 * The world knows of each granule which object covers it, which generation was
 * last seen there and whether it is retired. Players on different threads share
 * it; its cells change by atomic operations, so that two objects that overlap
 * are found whoever made them. A player notes the first claim that does not
 * hold and stops: only the suite's own thread may assert.
 * Source: thesis 3.1; design, section 3.
 */
#pragma once
#include "tepal_trusted/heap.h"

#define PLAYER_OBJECTS 1200
#define PLAYER_STALE 256
#define LANES 64

/* @mark fills the payload. */
struct object {
    uint64_t handle; /* 0 = none */
    const struct type *type;
    domain_id_t owner;
    uint8_t mark;
    uint32_t borrows;
};

struct player {
    struct heap_cache caches[2];
    uint32_t cache_count;
    bool alone; /* nobody else changes the heap meanwhile */
    bool large; /* half of all objects are, up to a whole chunk */
    domain_id_t first_owner;
    uint64_t state; /* of the generator */
    struct object objects[PLAYER_OBJECTS];
    uint64_t stale[PLAYER_STALE];
    struct object **in, **out; /* lanes to and from the other player */

    uint64_t steps, allocated, freed, refused, retired, received, reaped;
    uint64_t recovered; /* had again, of a class that was refused before */
    bool refused_class[HEAP_CLASSES];
    const char *wrong; /* the first claim that did not hold */
};

/* Note once what does not hold. */
#define CLAIM(p, claim)                                                        \
    do {                                                                       \
        if (!(claim) && !(p)->wrong)                                           \
            (p)->wrong = __FILE__ ": " #claim;                                 \
    } while (0)

/* A fresh heap of @chunks chunks, and a world to match. */
void world_begin(uint32_t chunks);
void world_end(void);

/* The same seed, the same steps; owners are 100 * seed and the next 99. */
void player_begin(struct player *player, uint64_t seed);
/* Take @steps random steps. */
void player_go(struct player *player, uint64_t steps);
/* Compare the heap's statistics and every record with @count players'. */
void player_compare_all(struct player *players, uint32_t count);
/* Free all it has. */
void player_end(struct player *player);

/* TP_TEST_OPERATIONS, or @usual. */
uint64_t operations(uint64_t usual);
