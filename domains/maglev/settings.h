/* SPDX-License-Identifier: MIT */
/*
 * settings.h - what the manifest says of a balancer: backends and sizes.
 *
 * By data=, a file of lines:       In args=, the same in one line:
 *     backend NAME ADDRESS             backend=ADDRESS
 *     source ADDRESS                   source=ADDRESS
 *     cache ENTRIES                    cache=ENTRIES
 *     seed NUMBER                      seed=NUMBER
 * # begins a comment. Addresses are those of Ethernet, numbers are decimal.
 */
#pragma once
#include "table.h"

#define SETTINGS_NAME_MAX 31
#define SETTINGS_CACHE_MAX (1u << 24)
#define SETTINGS_CACHE_DEFAULT 65536

struct settings {
    uint64_t mac[TABLE_NONE]; /* of backend 0, 1, ... */
    char name[TABLE_NONE][SETTINGS_NAME_MAX + 1];
    uint32_t backends;
    uint64_t source; /* 0 = frames keep theirs */
    uint64_t cache_entries;
    uint64_t seed;
    bool has_seed;
};

/* Where reading stopped, and why; NULL = it did not. */
struct settings_error {
    uint32_t line;
    const char *reason;
};

void settings_init(struct settings *settings);

/*
 * Add what @text says. Not terminated; any bytes.
 * @in_arguments: blanks end a statement, and = stands in it for a blank.
 * Errors: @settings holds what stood before the statement that is wrong.
 */
struct settings_error settings_read(struct settings *settings, const char *text,
                                    size_t length, bool in_arguments);

/* Whether frames can be sent to it: of one station, of 48 bits, not 0. */
static inline bool settings_is_station(uint64_t mac)
{
    return mac != 0 && mac >> 48 == 0 && !(mac >> 40 & 1);
}
