/* SPDX-License-Identifier: MIT */
/* crowd.c - very many live objects in the shared heap, of mixed sizes. */
#include "crowd.h"
#include <stdlib.h>

#define SEED 88172645463325252u

#define OBJECT(number, size)                                                   \
    {                                                                          \
        .id = (number), .name = "crowd", .bytes = (size),                      \
        .heap_bytes = TYPE_HEAP_BYTES(size)                                    \
    }

static const struct type types[] = {
    OBJECT(1, 64),
    OBJECT(2, 128),
    OBJECT(3, 192),
    OBJECT(4, 256),
};
#define TYPES (sizeof(types) / sizeof(types[0]))

/* xorshift64: good enough to lose any order. */
uint64_t crowd_chance(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void shuffle(struct crowd *crowd)
{
    uint64_t state = SEED;
    uint32_t i;

    for (i = crowd->count; i > 1; i--) {
        uint64_t *one = &crowd->handles[i - 1];
        uint64_t *other = &crowd->handles[crowd_chance(&state) % i];
        uint64_t handle = *one;

        *one = *other;
        *other = handle;
    }
}

bool crowd_gather(struct crowd *crowd, struct heap_cache *cache,
                  domain_id_t owner, uint32_t live)
{
    uint32_t all = live + live / 4;

    crowd->count = 0;
    crowd->handles = malloc(all * sizeof(*crowd->handles));
    if (!crowd->handles)
        return false;
    while (crowd->count < all) {
        uint64_t handle =
            heap_alloc(cache, &types[crowd->count % TYPES], owner);

        if (!handle)
            return false;
        crowd->handles[crowd->count++] = handle;
    }
    shuffle(crowd);
    while (crowd->count > live)
        crowd_drop(cache, crowd->handles[--crowd->count]);
    return true;
}

void crowd_leave(struct crowd *crowd, struct heap_cache *cache)
{
    while (crowd->count)
        crowd_drop(cache, crowd->handles[--crowd->count]);
    free(crowd->handles);
    crowd->handles = NULL;
}

bool crowd_replace(struct crowd *crowd, struct heap_cache *cache,
                   domain_id_t owner, uint32_t index)
{
    const struct type *type = registry_find(crowd->handles[index])->type;

    crowd_drop(cache, crowd->handles[index]);
    crowd->handles[index] = heap_alloc(cache, type, owner);
    return crowd->handles[index] != 0;
}
