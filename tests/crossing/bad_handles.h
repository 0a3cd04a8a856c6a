/* SPDX-License-Identifier: MIT */
/*
 * bad_handles.h - an orchard of objects in every state, and handles out of it
 * that no proxy may accept. Deterministic: the same seed, the same tries.
 */
#pragma once
#include "rig.h"

/* xorshift64*, seeded by rig tests. */
uint64_t chance(void);
uint32_t chance_below(uint32_t bound);
void chance_seed(uint64_t seed);

#define ORCHARD_EACH 16

struct orchard {
    struct actor *owner, *others[2];
    uint64_t apples[ORCHARD_EACH], pears[ORCHARD_EACH]; /* the owner's */
    uint64_t foreign_apples[ORCHARD_EACH], foreign_pears[ORCHARD_EACH];
    uint64_t lent_apples[4], lent_pears[4]; /* the owner's, on loan */
    uint64_t stale[ORCHARD_EACH];           /* dropped */
    uint64_t reused[4];                     /* dropped, the record lives on */
};

/* Every pear of @owner's has a seed of its own. */
void orchard_plant(struct orchard *orchard, struct actor *owner,
                   struct actor *other, struct actor *third);

enum wanted {
    WANTED_TO_MOVE,
    WANTED_TO_LEND, /* what is on loan already can be lent again */
};

/* A handle that is no @pear (or apple) of the owner's to move (or lend).
 * Null only where @null_is_bad. */
uint64_t orchard_bad(const struct orchard *orchard, bool pear,
                     enum wanted wanted, bool null_is_bad);

/* Independent of the proxies: would the protocol's table accept it? */
bool orchard_accepts(const struct orchard *orchard, uint64_t handle, bool pear,
                     enum wanted wanted);

/*
 * A slot offset at which @actor cannot have @bytes written: unmapped, read
 * only, straddling the end of what is mapped, or of the slot. @upper: with
 * rubbish in the upper half, which proxies ignore.
 */
uint64_t bad_pointer(const struct actor *actor, uint32_t bytes);
