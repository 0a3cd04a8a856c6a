/* SPDX-License-Identifier: MIT */
/* snapshot.c - see snapshot.h. */
#include "snapshot.h"
#include <stdlib.h>
#include <string.h>

static void note_record(struct registry_record *record, void *context)
{
    struct snapshot *snapshot = context;

    if (snapshot->record_count == SNAPSHOT_RECORDS)
        abort();
    snapshot->records[snapshot->record_count++] = *record;
}

void snapshot_take(struct snapshot *snapshot, const struct actor *actors)
{
    uint32_t i;

    snapshot->record_count = 0;
    heap_visit(note_record, snapshot);
    for (i = 0; i < SNAPSHOT_ACTORS; i++) {
        const struct domain *domain = actors[i].domain;

        snapshot->actors[i].shared_bytes = domain->shared_bytes;
        snapshot->actors[i].life = domain->life;
        snapshot->actors[i].frames = domain_frames(domain);
        memcpy(snapshot->actors[i].room, actors[i].order->room, ORDER_ROOM);
    }
}

const char *snapshot_difference(const struct snapshot *before,
                                const struct actor *actors)
{
    static struct snapshot now;
    uint32_t i;

    snapshot_take(&now, actors);
    if (now.record_count != before->record_count)
        return "new records were carved";
    for (i = 0; i < now.record_count; i++) {
        if (now.records[i].word != before->records[i].word)
            return "an owner word has changed";
        if (now.records[i].type != before->records[i].type)
            return "a type or free link has changed";
    }
    for (i = 0; i < SNAPSHOT_ACTORS; i++) {
        if (now.actors[i].shared_bytes != before->actors[i].shared_bytes)
            return "the shared bytes of a domain have changed";
        if (now.actors[i].life != before->actors[i].life)
            return "a domain has died";
        if (now.actors[i].frames != before->actors[i].frames)
            return "a frame was left behind";
        if (memcmp(now.actors[i].room, before->actors[i].room, ORDER_ROOM))
            return "a domain's memory has changed";
    }
    return NULL;
}
