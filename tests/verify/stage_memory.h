/* SPDX-License-Identifier: MIT */
/* stage_memory.h - the stage's regions; shared with the child. */
#pragma once
#include "stage.h"
#include <stddef.h>

enum owner {
    OWNER_DOMAIN,  /* may change; what it reads there is its own */
    OWNER_NOBODY,  /* table and text: the domain's, but may not change */
    OWNER_OUTSIDE, /* differs between the worlds, and may not change */
    OWNER_STACK,   /* differs; may change below the return address */
};

struct region {
    uint64_t address;
    uint32_t bytes;
    enum owner owner;
    int protection; /* while the domain runs */
    uint8_t *before; /* contents at the start */
    uint8_t *after;  /* contents at the end of the first world's run */
};

#define REGIONS 12
extern struct region regions[REGIONS];

/* Fill all for @run in @world (0, 1); %rsp, at the return address. */
uint64_t memory_fill(const struct stage_run *run, unsigned world);

/* Has anything changed that may not? @stack: where %rsp began. */
bool memory_has_damage(uint64_t stack);

/* Keep the domain's memory, or compare it with what was kept. */
void memory_keep(void);
bool memory_is_as_kept(void);

/* Where the caller of @world wants to have control back. */
static inline uint64_t return_address(unsigned world)
{
    return STAGE_RETURN + 0x1000 * world;
}
