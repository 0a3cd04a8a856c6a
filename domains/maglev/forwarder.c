/* SPDX-License-Identifier: MIT */
/*
 * forwarder.c - backends into the look-up table, frames to backends.
 *
 * The table's rows stand in the order of addresses, and depend on address and
 * key alone: whatever came and went before, the same backends make the same
 * table, here and in another balancer of the same seed.
 */
#include "forwarder.h"
#include <string.h>

#define BATCH 32 /* what a queue holds */

/* A frame between the two passes over a batch. */
struct job {
    struct packet *packet;
    uint64_t hash;
    uint32_t length;
    struct flow flow;
};

/* SipHash over the address and a byte that tells two hashes apart: 7 bytes. */
static uint64_t hash_of_mac(const struct forwarder *forwarder, uint64_t mac,
                            uint64_t which)
{
    struct sip_state state = sip_begin(forwarder->key);

    sip_word(&state, mac | which << 48 | (uint64_t)7 << 56, SIP_C);
    return sip_end(&state, SIP_D);
}

/* Rows by ascending address; returns how many. */
static uint32_t list_rows(const struct forwarder *forwarder,
                          struct table_row *rows)
{
    uint64_t macs[TABLE_NONE], mac;
    uint32_t count = 0, i, at;

    for (i = 0; i < TABLE_NONE; i++) {
        mac = forwarder->backend[i].mac;
        if (mac == 0)
            continue;
        for (at = count++; at > 0 && macs[at - 1] > mac; at--) {
            macs[at] = macs[at - 1];
            rows[at] = rows[at - 1];
        }
        macs[at] = mac;
        rows[at].value = (uint8_t)i;
        rows[at].offset =
            (uint32_t)(hash_of_mac(forwarder, mac, 0) % TABLE_SIZE);
        rows[at].skip =
            (uint32_t)(hash_of_mac(forwarder, mac, 1) % (TABLE_SIZE - 1)) + 1;
    }
    return count;
}

static void rebuild(struct forwarder *forwarder)
{
    struct table_row rows[TABLE_NONE];

    forwarder->count = list_rows(forwarder, rows);
    table_fill(forwarder->table, rows, (uint32_t)forwarder->count);
}

static uint64_t wire_of(uint64_t mac)
{
    return __builtin_bswap64(mac) >> 16;
}

static void set_backend(struct forwarder *forwarder, uint32_t index,
                        uint64_t mac)
{
    forwarder->backend[index] =
        (struct backend){.mac = mac, .wire = wire_of(mac)};
}

bool forwarder_init(struct forwarder *forwarder,
                    const struct settings *settings, struct sip_key key)
{
    uint32_t i;

    memset(forwarder, 0, sizeof(*forwarder));
    if (!cache_init(&forwarder->cache, settings->cache_entries))
        return false;
    forwarder->key = key;
    forwarder->source = wire_of(settings->source);
    for (i = 0; i < settings->backends; i++)
        set_backend(forwarder, i, settings->mac[i]);
    rebuild(forwarder);
    return true;
}

uint32_t forwarder_add(struct forwarder *forwarder, uint64_t mac,
                       uint32_t *index)
{
    uint32_t i, free = TABLE_NONE;

    if (!settings_is_station(mac))
        return BALANCER_ERROR_BAD_ADDRESS;
    for (i = TABLE_NONE; i-- > 0;) {
        if (forwarder->backend[i].mac == mac)
            return BALANCER_ERROR_DUPLICATE;
        if (forwarder->backend[i].mac == 0)
            free = i;
    }
    if (free == TABLE_NONE)
        return BALANCER_ERROR_FULL;
    set_backend(forwarder, free, mac);
    rebuild(forwarder);
    *index = free;
    return 0;
}

uint32_t forwarder_remove(struct forwarder *forwarder, uint32_t index)
{
    if (!forwarder_backend(forwarder, index))
        return BALANCER_ERROR_NO_SUCH;
    set_backend(forwarder, index, 0);
    cache_forget(&forwarder->cache, index);
    rebuild(forwarder);
    return 0;
}

const struct backend *forwarder_backend(const struct forwarder *forwarder,
                                        uint32_t index)
{
    if (index >= TABLE_NONE || forwarder->backend[index].mac == 0)
        return NULL;
    return &forwarder->backend[index];
}

/* SipHash over the flow's 13 or 37 bytes. */
TP_INLINE uint64_t hash_of_flow(const struct forwarder *forwarder,
                                const struct flow *flow)
{
    struct sip_state state = sip_begin(forwarder->key);

    sip_word(&state, flow->word[0], SIP_C);
    if (flow->is_ipv6) {
        sip_word(&state, flow->word[1], SIP_C);
        sip_word(&state, flow->word[2], SIP_C);
        sip_word(&state, flow->word[3], SIP_C);
    }
    sip_word(&state, flow->word[4], SIP_C);
    return sip_end(&state, SIP_D);
}

/* First pass: whose flow it is; where that is kept is fetched meanwhile. */
TP_INLINE bool prepare(struct forwarder *forwarder, struct rref_packet frame,
                       struct job *job)
{
    enum flow_kind kind;

    job->packet = rref_packet_value(frame);
    job->length = flow_load16(&job->packet->length);
    kind = flow_find(job->packet, job->length, &job->flow);
    if (kind != FLOW_FOUND) {
        forwarder->malformed += kind == FLOW_MALFORMED;
        return false;
    }
    job->hash = hash_of_flow(forwarder, &job->flow);
    cache_fetch(&forwarder->cache, job->hash);
    return true;
}

TP_INLINE void readdress(const struct forwarder *forwarder,
                         struct packet *packet, uint64_t wire)
{
    __builtin_memcpy(packet->data, &wire, 6);
    if (forwarder->source)
        __builtin_memcpy(packet->data + 6, &forwarder->source, 6);
}

/* Second pass. Needs: there is a backend. */
TP_INLINE void send_on(struct forwarder *forwarder, const struct job *job)
{
    struct cache *cache = &forwarder->cache;
    uint32_t index = cache_find(cache, job->hash, &job->flow);
    struct backend *backend;

    if (index == TABLE_NONE) {
        index = forwarder->table[job->hash % TABLE_SIZE];
        cache_insert(cache, job->hash, &job->flow, index);
    }
    backend = &forwarder->backend[index];
    backend->frames++;
    backend->bytes += job->length;
    readdress(forwarder, job->packet, backend->wire);
}

void forwarder_work(struct forwarder *forwarder, const struct queue *frames)
{
    const uint32_t given = queue_len(frames);
    struct job jobs[BATCH];
    uint32_t i, count = 0;

    for (i = 0; i < given; i++)
        count += prepare(forwarder, queue_get(frames, i), &jobs[count]);
    if (forwarder->count == 0)
        count = 0;
    for (i = 0; i < count; i++)
        send_on(forwarder, &jobs[i]);
    forwarder->frames += given;
    forwarder->passed += given - count;
}
