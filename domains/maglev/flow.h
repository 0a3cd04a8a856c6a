/* SPDX-License-Identifier: MIT */
/*
 * flow.h - which flow a frame is of.
 *
 * Frames come from anywhere, and lie where others could write while they are
 * read: each field is read once, and what is checked is what was read.
 */
#pragma once
#include "net.h"

enum flow_kind {
    FLOW_OTHER,     /* not TCP or UDP over IP */
    FLOW_MALFORMED, /* lengths that contradict each other, or the frame */
    FLOW_FOUND,
};

/*
 * Addresses, ports and protocol as they stand in the packet, laid out as the
 * words that SipHash takes of these 13 bytes (IPv4) or 37 (IPv6): IPv4 lacks
 * the three in the middle, which are 0. So two flows are the same when all
 * their words are. A fragment's ports and protocol are 0: all of a datagram
 * are of one flow.
 */
struct flow {
    uint64_t word[5]; /* the last one: ports, protocol, bytes in all */
    bool is_ipv6;
};

#define FLOW_HEADERS_MAX 8 /* of IPv6 extension; more are FLOW_OTHER */

/*
 * The flow of the frame in @packet, whose length field said @length.
 * Needs:  nothing; @length and all of the frame may be anything.
 * Errors: anything but FLOW_FOUND: @flow is undefined.
 * Source: RFC 791, 768, 9293, 8200 (section 4), 6946; IEEE 802.1Q (two tags).
 */
enum flow_kind flow_find(const struct packet *packet, uint32_t length,
                         struct flow *flow);

/* A field that others may write: read once, here. */
TP_INLINE uint16_t flow_load16(const void *from)
{
    struct __attribute__((packed, may_alias)) word {
        uint16_t value;
    };
    return ((const volatile struct word *)from)->value;
}
