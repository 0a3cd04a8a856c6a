/* SPDX-License-Identifier: MIT */
/*
 * batch.h - a queue's ends in registers for the time of one batch.
 *
 * The queue's own functions keep head and length in memory, and the compiler
 * cannot know that descriptors do not lie over them: a store and a reload for
 * each packet, on the one path where that counts. A spine is plain memory of
 * its domain, so a batch may hold its ends and write them back at the end.
 * Source: docs/ABI.md, "Handles and spines".
 */
#pragma once
#include "net.h"

#define BATCH_CAPACITY 32u
_Static_assert(sizeof(((struct queue *)0)->handle) ==
                   BATCH_CAPACITY * sizeof(uint64_t),
               "net.idl");

struct batch {
    uint64_t *handle;
    uint32_t head, length;
};

static inline struct batch batch_open(struct queue *queue)
{
    struct batch batch = {queue->handle, queue->head, queue_len(queue)};

    return batch;
}

static inline void batch_close(const struct batch *batch, struct queue *queue)
{
    queue->head = batch->head % BATCH_CAPACITY;
    queue->length = batch->length;
}

static inline uint32_t batch_room(const struct batch *batch)
{
    return BATCH_CAPACITY - batch->length;
}

/* Needs: not empty. */
static inline struct rref_packet batch_take(struct batch *batch)
{
    struct rref_packet packet = {
        batch->handle[batch->head++ % BATCH_CAPACITY]};

    batch->length--;
    return packet;
}

/* Needs: not full. */
static inline void batch_put(struct batch *batch, struct rref_packet packet)
{
    uint32_t place = batch->head + batch->length++;

    batch->handle[place % BATCH_CAPACITY] = packet.handle;
}
