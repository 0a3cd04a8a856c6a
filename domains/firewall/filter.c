/* SPDX-License-Identifier: MIT */
/*
 * filter.c - one frame after the other.
 *
 * Payloads can be scribbled on by other domains at any time. So the length is
 * read once, and headers are looked at in a copy of our own.
 */
#include "filter.h"
#include "frame.h"
#include "pump.h"
#include <stdlib.h>
#include <string.h>

_Static_assert(FRAME_HEADERS <= sizeof(((struct packet *)0)->data), "in it");

bool filter_init(struct filter *filter, const struct rules *rules,
                 uint64_t (*random)(void))
{
    uint32_t i;

    filter->rules = rules;
    for (i = 0; i < 5; i++)
        filter->cache.multiplier[i] = random() | 1;
    return classifier_build(&filter->classifier, rules);
}

void filter_free(struct filter *filter)
{
    classifier_free(&filter->classifier);
}

uint32_t filter_find(struct filter *filter, const struct key *key)
{
    struct cache_place place = cache_place(&filter->cache, key);
    uint32_t rule = cache_find(&filter->cache, key->is_ipv6, &place);

    if (rule != (uint32_t)CACHE_NONE) {
        filter->cache.hits++;
        return rule;
    }
    rule = classifier_find(&filter->classifier, key);
    cache_put(&filter->cache, key->is_ipv6, &place, rule);
    return rule;
}

/* Headers that do not end in the first bytes. */
static enum frame_kind read_more(const struct packet *packet, uint32_t length,
                                 struct key *key)
{
    uint8_t bytes[FRAME_HEADERS];

    memcpy(bytes, packet->data, sizeof(bytes));
    return frame_read(bytes,
                      length < sizeof(bytes) ? length : (uint32_t)sizeof(bytes),
                      length, key);
}

static enum frame_kind read_frame(const struct packet *packet, struct key *key)
{
    uint32_t length = *(const volatile uint16_t *)&packet->length;
    uint8_t bytes[FRAME_FIRST];
    enum frame_kind kind;

    if (length > sizeof(packet->data))
        return FRAME_MALFORMED;
    __builtin_memcpy(bytes, packet->data, sizeof(bytes));
    /* nothing may be read from the frame a second time */
    __asm__ volatile("" : : "r"(bytes) : "memory");
    kind = frame_read(bytes, length < sizeof(bytes) ? length : FRAME_FIRST,
                      length, key);
    return kind == FRAME_MORE ? read_more(packet, length, key) : kind;
}

static bool decide(struct filter *filter, const struct key *key)
{
    uint32_t rule = filter_find(filter, key);

    if (rule < FILTER_COUNTED && rule < filter->rules->count)
        filter->hits[rule]++;
    else if (rule < filter->rules->count)
        filter->later_hits++;
    else
        filter->default_hits++;
    return filter->rules->is_accepted[rule];
}

bool filter_accepts(struct filter *filter, const struct packet *packet)
{
    struct key key;
    enum frame_kind kind = read_frame(packet, &key);
    bool accepted;

    filter->frames++;
    if (kind == FRAME_KEY) {
        accepted = decide(filter, &key);
    } else if (kind == FRAME_OTHER) {
        filter->other++;
        accepted = filter->rules->other_accepted;
    } else {
        filter->malformed++;
        accepted = filter->rules->malformed_accepted;
    }
    if (accepted)
        filter->accepted++;
    else
        filter->dropped++;
    return accepted;
}

/* Go once round the deque, without those whose bit is set in @out. */
static void take_out(struct queue *frames, struct queue *buffers, uint32_t out)
{
    struct rref_packet frame;
    uint32_t count = queue_len(frames), i;

    for (i = 0; i < count && queue_pop_front(frames, &frame); i++) {
        if (out >> i & 1)
            pump_discard(&frame, buffers);
        else
            queue_push_back(frames, &frame);
    }
}

void filter_work(struct filter *filter, struct queue *frames,
                 struct queue *buffers)
{
    uint32_t count = queue_len(frames), out = 0, i;

    _Static_assert(sizeof(out) * 8 >= 32, "a bit for each frame of a batch");
    for (i = 0; i < count; i++)
        if (!filter_accepts(filter, rref_packet_value(queue_get(frames, i))))
            out |= 1u << i;
    if (out)
        take_out(frames, buffers, out);
}
