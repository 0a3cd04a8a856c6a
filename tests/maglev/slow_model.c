/* SPDX-License-Identifier: MIT */
/*
 * slow_model.c - see slow_model.h.
 * Source: Eisenbud et al., NSDI 2016, section 3.4, pseudocode 1; Aumasson and
 * Bernstein, "SipHash", section 2; RFC 791, 8200; docs/MAGLEV.md.
 */
#include "slow_model.h"
#include <stdlib.h>
#include <string.h>

/* --- SipHash ------------------------------------------------------------- */

static uint64_t little(const uint8_t *bytes, size_t count)
{
    uint64_t value = 0;

    while (count-- > 0)
        value = value * 256 + bytes[count];
    return value;
}

static uint64_t rotl(uint64_t x, int bits)
{
    return (x << bits) + (x >> (64 - bits));
}

/* Figure 2.1 of the paper, from left to right and from above. */
static void sipround(uint64_t v[4])
{
    v[0] += v[1], v[2] += v[3];
    v[1] = rotl(v[1], 13), v[3] = rotl(v[3], 16);
    v[1] ^= v[0], v[3] ^= v[2];
    v[0] = rotl(v[0], 32);
    v[2] += v[1], v[0] += v[3];
    v[1] = rotl(v[1], 17), v[3] = rotl(v[3], 21);
    v[1] ^= v[2], v[3] ^= v[0];
    v[2] = rotl(v[2], 32);
}

uint64_t slow_siphash(int c, int d, const uint8_t key[16], const uint8_t *bytes,
                      size_t length)
{
    static const uint8_t constant[] = "uespemos"
                                      "modnarod"
                                      "arenegyl"
                                      "setybdet";
    size_t blocks = length / 8 + 1, i;
    uint8_t *padded = calloc(blocks, 8);
    uint64_t v[4], result;

    memcpy(padded, bytes, length);
    padded[blocks * 8 - 1] = (uint8_t)length;
    for (i = 0; i < 4; i++)
        v[i] = little(constant + 8 * i, 8) ^ little(key + i % 2 * 8, 8);
    for (i = 0; i < blocks; i++) {
        v[3] ^= little(padded + 8 * i, 8);
        for (int round = 0; round < c; round++)
            sipround(v);
        v[0] ^= little(padded + 8 * i, 8);
    }
    v[2] ^= 0xff;
    for (int round = 0; round < d; round++)
        sipround(v);
    result = v[0] ^ v[1] ^ v[2] ^ v[3];
    free(padded);
    return result;
}

/* --- the table: pseudocode 1 --------------------------------------------- */

/* Of the 7 bytes: the address, its last byte first, and @which. */
static uint64_t name_hash(const struct slow *slow, uint64_t mac, int which)
{
    uint8_t bytes[7];
    int i;

    for (i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(mac >> 8 * i);
    bytes[6] = (uint8_t)which;
    return slow_siphash(1, 3, slow->key, bytes, sizeof(bytes));
}

/* The whole of a backend's permutation. */
static int *permutation_of(const struct slow *slow, uint64_t mac)
{
    const uint64_t m = SLOW_SIZE;
    uint64_t offset = name_hash(slow, mac, 0) % m;
    uint64_t skip = name_hash(slow, mac, 1) % (m - 1) + 1;
    int *permutation = calloc(m, sizeof(int));

    for (uint64_t j = 0; j < m; j++)
        permutation[j] = (int)((offset + j * skip) % m);
    return permutation;
}

/* The backends that there are, by address. Returns how many. */
static int in_order(const struct slow *slow, int *order)
{
    uint64_t least = 0;
    int n = 0, i, best;

    for (;;) {
        best = -1;
        for (i = 0; i < SLOW_BACKENDS; i++)
            if (slow->mac[i] > least &&
                (best < 0 || slow->mac[i] < slow->mac[best]))
                best = i;
        if (best < 0)
            return n;
        order[n++] = best;
        least = slow->mac[best];
    }
}

static void populate(struct slow *slow)
{
    int order[SLOW_BACKENDS], next[SLOW_BACKENDS] = {0};
    int *permutation[SLOW_BACKENDS];
    int count = in_order(slow, order), n = 0, i, j, c;

    for (j = 0; j < SLOW_SIZE; j++)
        slow->entry[j] = SLOW_NOBODY;
    for (i = 0; i < count; i++)
        permutation[i] = permutation_of(slow, slow->mac[order[i]]);
    while (count > 0 && n < SLOW_SIZE) {
        for (i = 0; i < count && n < SLOW_SIZE; i++) {
            c = permutation[i][next[i]];
            while (slow->entry[c] >= 0) {
                next[i] = next[i] + 1;
                c = permutation[i][next[i]];
            }
            slow->entry[c] = order[i];
            next[i] = next[i] + 1;
            n = n + 1;
        }
    }
    for (i = 0; i < count; i++)
        free(permutation[i]);
}

/* --- flows --------------------------------------------------------------- */

static void drop_where(struct slow *slow, int backend)
{
    struct slow_flow **link = &slow->flows, *flow;

    while ((flow = *link) != NULL) {
        if (flow->backend == backend) {
            *link = flow->next;
            free(flow);
            slow->count--;
        } else {
            link = &flow->next;
        }
    }
}

/* Take the flow out of the list, if it is there. */
static struct slow_flow *take(struct slow *slow, const struct slow_tuple *tuple)
{
    struct slow_flow **link = &slow->flows, *flow;

    for (; (flow = *link) != NULL; link = &flow->next) {
        if (flow->tuple.length == tuple->length &&
            memcmp(flow->tuple.bytes, tuple->bytes, tuple->length) == 0) {
            *link = flow->next;
            return flow;
        }
    }
    return NULL;
}

/* If @ways of its set are there, the one that was seen longest ago goes. */
static void make_room(struct slow *slow, uint64_t set)
{
    struct slow_flow **link = &slow->flows, **last = NULL, *flow;
    uint64_t in_set = 0;

    for (; (flow = *link) != NULL; link = &flow->next) {
        if (flow->set == set) {
            in_set++;
            last = link;
        }
    }
    if (in_set < slow->ways)
        return;
    flow = *last;
    *last = flow->next;
    free(flow);
    slow->count--;
    slow->evictions++;
}

static int backend_of(struct slow *slow, const struct slow_tuple *tuple)
{
    uint64_t hash = slow_siphash(1, 3, slow->key, tuple->bytes, tuple->length);
    struct slow_flow *flow = take(slow, tuple);

    if (flow) {
        slow->hits++;
    } else {
        slow->misses++;
        make_room(slow, hash % slow->sets);
        flow = calloc(1, sizeof(*flow));
        flow->tuple = *tuple;
        flow->set = hash % slow->sets;
        flow->backend = slow->entry[hash % SLOW_SIZE];
        slow->count++;
    }
    flow->next = slow->flows;
    slow->flows = flow;
    return flow->backend;
}

/* --- frames -------------------------------------------------------------- */

enum outcome { OTHER, BAD, BALANCED };

struct bytes {
    const uint8_t *at;
    size_t left;
};

static bool skip(struct bytes *bytes, size_t count)
{
    if (bytes->left < count)
        return false;
    bytes->at += count;
    bytes->left -= count;
    return true;
}

static unsigned big(const uint8_t *at)
{
    return at[0] * 256u + at[1];
}

static void append(struct slow_tuple *tuple, const uint8_t *bytes, size_t count)
{
    memcpy(tuple->bytes + tuple->length, bytes, count);
    tuple->length += count;
}

/* The four bytes of ports and the protocol. */
static enum outcome transport(struct bytes payload, uint8_t protocol,
                              bool fragment, struct slow_tuple *tuple)
{
    static const uint8_t none[5];

    if (protocol != 6 && protocol != 17)
        return OTHER;
    if (fragment) {
        append(tuple, none, 5);
        return BALANCED;
    }
    if (payload.left < (protocol == 6 ? 20 : 8))
        return BAD;
    append(tuple, payload.at, 4);
    append(tuple, &protocol, 1);
    return BALANCED;
}

static enum outcome version4(struct bytes packet, struct slow_tuple *tuple)
{
    const uint8_t *header = packet.at;
    size_t words, total;
    bool fragment;

    if (packet.left < 20 || header[0] / 16 != 4)
        return BAD;
    words = header[0] % 16;
    total = big(header + 2);
    if (words < 5 || total < words * 4 || packet.left < total)
        return BAD;
    packet.left = total;
    skip(&packet, words * 4);
    append(tuple, header + 12, 4);
    append(tuple, header + 16, 4);
    /* more fragments, or an offset */
    fragment = (header[6] & 0x20) || (header[6] & 0x1f) || header[7];
    return transport(packet, header[9], fragment, tuple);
}

/* After the fixed header; at most eight extension headers are stepped over. */
static enum outcome extensions(struct bytes packet, uint8_t next,
                               struct slow_tuple *tuple)
{
    for (int stepped = 0;; stepped++) {
        const uint8_t *header = packet.at;

        if (next == 6 || next == 17)
            return transport(packet, next, false, tuple);
        if (next != 0 && next != 43 && next != 44 && next != 60)
            return OTHER;
        if (stepped == 8)
            return OTHER;
        if (next == 0 && stepped > 0)
            return BAD;
        if (packet.left < 8)
            return BAD;
        if (next == 44) {
            bool more = header[3] & 1;
            unsigned offset = big(header + 2) / 8;

            if (more || offset > 0)
                return transport(packet, header[0], true, tuple);
            skip(&packet, 8);
        } else if (!skip(&packet, 8 + 8 * (size_t)header[1])) {
            return BAD;
        }
        next = header[0];
    }
}

static enum outcome version6(struct bytes packet, struct slow_tuple *tuple)
{
    const uint8_t *header = packet.at;
    size_t payload;

    if (packet.left < 40 || header[0] / 16 != 6)
        return BAD;
    payload = big(header + 4);
    skip(&packet, 40);
    if (packet.left < payload)
        return BAD;
    packet.left = payload;
    append(tuple, header + 8, 16);
    append(tuple, header + 24, 16);
    return extensions(packet, header[6], tuple);
}

static enum outcome read_frame(const uint8_t *frame, size_t length,
                               struct slow_tuple *tuple)
{
    struct bytes bytes = {frame, length};
    unsigned type;
    int tags = 0;

    tuple->length = 0;
    if (length > 2048 || !skip(&bytes, 12))
        return BAD;
    for (;;) {
        if (bytes.left < 2)
            return BAD;
        type = big(bytes.at);
        skip(&bytes, 2);
        if ((type != 0x8100 && type != 0x88a8) || tags == 2)
            break;
        tags++;
        if (bytes.left < 4)
            return BAD;
        skip(&bytes, 2); /* priority and number of the VLAN */
    }
    if (type == 0x0800)
        return version4(bytes, tuple);
    return type == 0x86dd ? version6(bytes, tuple) : OTHER;
}

/* --- all of it ----------------------------------------------------------- */

struct slow *slow_new(uint64_t k0, uint64_t k1, uint64_t sets, uint64_t ways)
{
    struct slow *slow = calloc(1, sizeof(*slow));

    for (int i = 0; i < 8; i++) {
        slow->key[i] = (uint8_t)(k0 >> 8 * i);
        slow->key[8 + i] = (uint8_t)(k1 >> 8 * i);
    }
    slow->sets = sets;
    slow->ways = ways;
    populate(slow);
    return slow;
}

void slow_free(struct slow *slow)
{
    struct slow_flow *flow;

    while ((flow = slow->flows) != NULL) {
        slow->flows = flow->next;
        free(flow);
    }
    free(slow);
}

int slow_add(struct slow *slow, uint64_t mac)
{
    int index = 0;

    while (slow->mac[index] != 0)
        index++;
    slow->mac[index] = mac;
    populate(slow);
    return index;
}

void slow_remove(struct slow *slow, int index)
{
    slow->mac[index] = 0;
    drop_where(slow, index);
    populate(slow);
}

struct slow_verdict slow_frame(struct slow *slow, const uint8_t *frame,
                               size_t length)
{
    struct slow_verdict verdict = {false, SLOW_NOBODY};
    struct slow_tuple tuple;
    enum outcome outcome = read_frame(frame, length, &tuple);

    verdict.malformed = outcome == BAD;
    if (outcome == BALANCED && slow->entry[0] != SLOW_NOBODY)
        verdict.backend = backend_of(slow, &tuple);
    return verdict;
}
