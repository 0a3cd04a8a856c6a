/* SPDX-License-Identifier: MIT */
/*
 * snapshot.h - all that a refused call must leave as it was: each record of
 * the registry, each domain's bytes and frames, the memory that the caller's
 * arguments lie in.
 */
#pragma once
#include "rig.h"

#define SNAPSHOT_RECORDS 4096
#define SNAPSHOT_ACTORS 3

struct snapshot {
    uint32_t record_count;
    struct registry_record records[SNAPSHOT_RECORDS];
    struct {
        int64_t shared_bytes;
        uint32_t life;
        uint32_t frames;
        uint8_t room[ORDER_ROOM];
    } actors[SNAPSHOT_ACTORS];
};

void snapshot_take(struct snapshot *snapshot, const struct actor *actors);

/* What has changed since, or NULL when nothing has. */
const char *snapshot_difference(const struct snapshot *before,
                                const struct actor *actors);
