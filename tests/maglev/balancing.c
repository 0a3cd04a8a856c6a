/* SPDX-License-Identifier: MIT */
/* balancing.c - see balancing.h. */
#include "balancing.h"
#include "sure.h"
#include <stdlib.h>
#include <string.h>

static _Alignas(64) uint8_t memory[64 + 32 * sizeof(struct packet)];
uint8_t *test_shared = memory;

static struct packet *packet(uint32_t i)
{
    return (struct packet *)(void *)(memory + 64 + i * sizeof(struct packet));
}

uint64_t balancing_mac(uint32_t number)
{
    return UINT64_C(0x020000000000) + number;
}

struct balancing *balancing_new(uint32_t backends, uint64_t entries)
{
    struct balancing *balancing = calloc(1, sizeof(*balancing));
    const struct sip_key key = {BALANCING_K0, BALANCING_K1};
    static struct settings settings;
    uint32_t i;

    settings_init(&settings);
    settings.cache_entries = entries;
    settings.source = BALANCING_SOURCE;
    ck_assert_ptr_nonnull(balancing);
    ck_assert(forwarder_init(&balancing->forwarder, &settings, key));
    balancing->slow =
        slow_new(key.k0, key.k1, balancing->forwarder.cache.set_mask + 1, 4);
    for (i = 0; i < backends; i++)
        balancing_add(balancing, i + 1);
    return balancing;
}

void balancing_free(struct balancing *balancing)
{
    slow_free(balancing->slow);
    free(balancing->forwarder.cache.entries);
    free(balancing);
}

void balancing_add(struct balancing *balancing, uint32_t number)
{
    const uint64_t mac = balancing_mac(number);
    uint32_t index;

    balancing_flush(balancing);
    ck_assert_uint_eq(forwarder_add(&balancing->forwarder, mac, &index), 0);
    ck_assert_int_eq(slow_add(balancing->slow, mac), (int)index);
}

void balancing_remove(struct balancing *balancing, uint32_t index)
{
    balancing_flush(balancing);
    ck_assert_uint_eq(forwarder_remove(&balancing->forwarder, index), 0);
    slow_remove(balancing->slow, (int)index);
}

void balancing_put(struct balancing *balancing, const struct frame *frame)
{
    const uint32_t i = balancing->queue.length;
    struct rref_packet handle = {64 + i * sizeof(struct packet)};

    balancing->sent[i] = *frame;
    memcpy(packet(i)->data, frame->data, sizeof(frame->data));
    packet(i)->length = (uint16_t)frame->length;
    sure(queue_push_back(&balancing->queue, &handle));
    if (queue_is_full(&balancing->queue))
        balancing_flush(balancing);
}

static void put_mac(uint8_t *at, uint64_t mac)
{
    for (int i = 0; i < 6; i++)
        at[i] = (uint8_t)(mac >> (40 - 8 * i));
}

/* What the model makes of the frame, written into it. */
static void expect(struct balancing *balancing, struct frame *frame)
{
    struct slow_verdict verdict =
        slow_frame(balancing->slow, frame->data, frame->length);

    balancing->frames++;
    balancing->malformed += verdict.malformed;
    if (verdict.backend == SLOW_NOBODY) {
        balancing->passed++;
        return;
    }
    put_mac(frame->data, balancing->slow->mac[verdict.backend]);
    put_mac(frame->data + 6, BALANCING_SOURCE);
}

void balancing_flush(struct balancing *balancing)
{
    const struct forwarder *forwarder = &balancing->forwarder;
    const struct slow *slow = balancing->slow;
    const uint32_t count = balancing->queue.length;
    uint32_t i;

    if (count == 0)
        return;
    forwarder_work(&balancing->forwarder, &balancing->queue);
    sure(queue_len(&balancing->queue) == count);
    for (i = 0; i < count; i++) {
        expect(balancing, &balancing->sent[i]);
        sure(packet(i)->length == balancing->sent[i].length);
        sure(memcmp(packet(i)->data, balancing->sent[i].data, FRAME_ROOM) == 0);
    }
    balancing->queue.length = 0;
    sure(forwarder->frames == balancing->frames);
    sure(forwarder->passed == balancing->passed);
    sure(forwarder->malformed == balancing->malformed);
    sure(forwarder->cache.flows == slow->count);
    sure(forwarder->cache.hits == slow->hits);
    sure(forwarder->cache.misses == slow->misses);
    sure(forwarder->cache.evictions == slow->evictions);
}

uint32_t balancing_where(struct balancing *balancing, uint32_t flow)
{
    struct queue one = {.length = 1, .handle = {64}};
    struct frame frame;
    uint64_t mac = 0;
    uint32_t i;

    frame_plain(&frame, flow);
    memcpy(packet(0)->data, frame.data, sizeof(frame.data));
    packet(0)->length = (uint16_t)frame.length;
    forwarder_work(&balancing->forwarder, &one);
    for (i = 0; i < 6; i++)
        mac = mac << 8 | packet(0)->data[i];
    for (i = 0; i < TABLE_NONE; i++)
        if (balancing->forwarder.backend[i].mac == mac)
            return i;
    return TABLE_NONE;
}
