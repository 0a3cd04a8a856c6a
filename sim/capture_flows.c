/* SPDX-License-Identifier: MIT */
/*
 * capture_flows.c - a hash table of marks, which are 127 bits made from a
 * flow's key and a secret: that two of a million flows have the same one is
 * less likely than 2^-80. Without the secret, a capture made to fill one place
 * of the table could make reading it take the square of its length.
 * Source: RFC 791, RFC 8200 (sections 4 and 4.5), IEEE 802.1Q.
 */
#include "capture_flows.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PLACES_FIRST 1024
#define TAGS_MAX 2
#define EXTENSIONS_MAX 8

enum { /* types of Ethernet, protocols of IP */
    TYPE_IPV4 = 0x0800,
    TYPE_IPV6 = 0x86dd,
    TYPE_VLAN = 0x8100,
    TYPE_QINQ = 0x88a8,
    IP_HOP_BY_HOP = 0,
    IP_TCP = 6,
    IP_UDP = 17,
    IP_ROUTING = 43,
    IP_FRAGMENT = 44,
    IP_DESTINATION = 60,
};

/* The lesser end first. An IPv4 address stands in the first four bytes. */
struct flow_end {
    uint8_t address[16];
    uint8_t port[2];
};

struct flow {
    struct flow_end end[2];
    uint8_t version;
    uint8_t protocol;
    uint8_t zero[2];
};

#define KEY_WORDS (sizeof(struct flow) / sizeof(uint64_t))
_Static_assert(sizeof(struct flow) % sizeof(uint64_t) == 0,
               "a flow is whole words");

/* An empty place is zero in the second half, which no mark is. */
struct capture_mark {
    uint64_t half[2];
};

struct bytes {
    const uint8_t *at;
    uint32_t left;
};

/* NULL when there are not so many. */
static const uint8_t *take(struct bytes *bytes, uint32_t count)
{
    const uint8_t *taken = bytes->at;

    if (bytes->left < count)
        return NULL;
    bytes->at += count;
    bytes->left -= count;
    return taken;
}

static uint32_t get16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

/* The type behind addresses and tags; 0 for none. */
static uint32_t ethernet_type(struct bytes *frame)
{
    const uint8_t *at = take(frame, 14);
    uint32_t type = at ? get16(at + 12) : 0, tags;

    for (tags = 0; tags < TAGS_MAX; tags++) {
        if (type != TYPE_VLAN && type != TYPE_QINQ)
            break;
        at = take(frame, 4);
        type = at ? get16(at + 2) : 0;
    }
    return type;
}

static bool read_ports(struct bytes *packet, struct flow *flow)
{
    const uint8_t *at = take(packet, 4);

    if (!at || (flow->protocol != IP_TCP && flow->protocol != IP_UDP))
        return false;
    memcpy(flow->end[0].port, at, 2);
    memcpy(flow->end[1].port, at + 2, 2);
    return true;
}

static bool read_ipv4(struct bytes *packet, struct flow *flow)
{
    const uint8_t *at = take(packet, 20);
    uint32_t options;

    if (!at || at[0] >> 4 != 4 || (at[0] & 15) < 5)
        return false;
    if (get16(at + 6) & 0x1fff) /* a later fragment */
        return false;
    options = (at[0] & 15u) * 4 - 20;
    if (!take(packet, options))
        return false;
    flow->version = 4;
    flow->protocol = at[9];
    memcpy(flow->end[0].address, at + 12, 4);
    memcpy(flow->end[1].address, at + 16, 4);
    return read_ports(packet, flow);
}

/* Past the extension headers; false for a later fragment or damage. */
static bool skip_extensions(struct bytes *packet, uint8_t *protocol)
{
    const uint8_t *at;
    uint32_t i;

    for (i = 0; i < EXTENSIONS_MAX; i++) {
        if (*protocol != IP_HOP_BY_HOP && *protocol != IP_ROUTING &&
            *protocol != IP_FRAGMENT && *protocol != IP_DESTINATION)
            return true;
        at = take(packet, 8);
        if (!at)
            return false;
        if (*protocol == IP_FRAGMENT) {
            if (get16(at + 2) & 0xfff8)
                return false;
        } else if (!take(packet, at[1] * 8u)) {
            return false;
        }
        *protocol = at[0];
    }
    return false;
}

static bool read_ipv6(struct bytes *packet, struct flow *flow)
{
    const uint8_t *at = take(packet, 40);

    if (!at || at[0] >> 4 != 6)
        return false;
    flow->version = 6;
    flow->protocol = at[6];
    memcpy(flow->end[0].address, at + 8, 16);
    memcpy(flow->end[1].address, at + 24, 16);
    return skip_extensions(packet, &flow->protocol) &&
           read_ports(packet, flow);
}

static bool flow_of(const uint8_t *frame, uint32_t bytes,
                    struct flow *flow)
{
    struct bytes rest = {.at = frame, .left = bytes};
    struct flow_end first;
    uint32_t type = ethernet_type(&rest);

    memset(flow, 0, sizeof(*flow));
    if (type == TYPE_IPV4 ? !read_ipv4(&rest, flow)
                          : type != TYPE_IPV6 || !read_ipv6(&rest, flow))
        return false;
    if (memcmp(&flow->end[0], &flow->end[1], sizeof(first)) > 0) {
        first = flow->end[1];
        flow->end[1] = flow->end[0];
        flow->end[0] = first;
    }
    return true;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static struct capture_mark mark_of(const struct capture_flows *flows,
                                   const struct flow *flow)
{
    const uint64_t *secret = flows->secret;
    struct capture_mark mark = {{secret[0], secret[1]}};
    uint64_t word[KEY_WORDS];
    size_t i;

    memcpy(word, flow, sizeof(word));
    for (i = 0; i < KEY_WORDS; i++) {
        mark.half[0] = mix(mark.half[0] ^ word[i], secret[2]);
        mark.half[1] = mix(mark.half[1] + word[i], secret[3]);
    }
    mark.half[1] |= 1; /* not an empty place */
    return mark;
}

/* Where @mark is, or the empty place where it would be. */
static struct capture_mark *place_of(const struct capture_flows *flows,
                                     const struct capture_mark *mark)
{
    size_t i = (size_t)mark->half[0];

    for (;; i++) {
        struct capture_mark *place = &flows->table[i & (flows->places - 1)];

        if (place->half[1] == 0 || (place->half[0] == mark->half[0] &&
                                    place->half[1] == mark->half[1]))
            return place;
    }
}

static bool table_grow(struct capture_flows *flows)
{
    struct capture_flows larger = *flows;
    size_t i;

    larger.places = flows->places ? flows->places * 2 : PLACES_FIRST;
    larger.table = calloc(larger.places, sizeof(*larger.table));
    if (!larger.table)
        return false;
    for (i = 0; i < flows->places; i++)
        if (flows->table[i].half[1] != 0)
            *place_of(&larger, &flows->table[i]) = flows->table[i];
    free(flows->table);
    *flows = larger;
    return true;
}

/* Odd multipliers are never zero, which would make all marks one. */
static bool table_begin(struct capture_flows *flows)
{
    if (getrandom(flows->secret, sizeof(flows->secret), 0) !=
        (ssize_t)sizeof(flows->secret))
        return false;
    flows->secret[2] |= 1;
    flows->secret[3] |= 1;
    return table_grow(flows);
}

static bool may_add(struct capture_flows *flows)
{
    if (flows->count == CAPTURE_FLOWS_MAX)
        return false;
    return flows->count < flows->places / 2 || table_grow(flows);
}

void capture_flows_add(struct capture_flows *flows, const uint8_t *frame,
                       uint32_t bytes)
{
    struct capture_mark mark;
    struct flow flow;

    if (!flow_of(frame, bytes, &flow))
        return;
    if (flows->places == 0 && !table_begin(flows)) {
        flows->overflow++;
        return;
    }
    mark = mark_of(flows, &flow);
    if (place_of(flows, &mark)->half[1] != 0)
        return;
    if (!may_add(flows)) {
        flows->overflow++;
        return;
    }
    *place_of(flows, &mark) = mark; /* perhaps in a new table */
    flows->count++;
}

void capture_flows_end(struct capture_flows *flows)
{
    free(flows->table);
    flows->table = NULL;
    flows->places = 0;
}
