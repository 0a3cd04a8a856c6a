/* SPDX-License-Identifier: MIT */
/*
 * flow.c - from a frame's bytes to its flow.
 *
 * [at, end) is what is left of the frame, or of the packet when its own length
 * is smaller. Invariant: at <= end <= sizeof data.
 */
#include "flow.h"

enum {
    ETHERNET_BYTES = 14,
    TYPE_IPV4 = 0x0800,
    TYPE_IPV6 = 0x86dd,
    TYPE_VLAN = 0x8100,
    TYPE_SERVICE_VLAN = 0x88a8,
    TAGS_MAX = 2,
    TAG_BYTES = 4,
    IPV4_BYTES = 20,
    IPV4_FRAGMENT = 0x3fff, /* more of them, or not the first */
    IPV6_BYTES = 40,
    IPV6_FRAGMENT = 0xfff9,
    UDP_BYTES = 8,
    TCP_BYTES = 20,
};

enum header {
    HEADER_HOP_BY_HOP = 0,
    HEADER_TCP = 6,
    HEADER_UDP = 17,
    HEADER_ROUTING = 43,
    HEADER_FRAGMENT = 44,
    HEADER_DESTINATION = 60,
};

/* Bytes of a flow, where SipHash wants them: in the top of its last word. */
#define LENGTH(bytes) ((uint64_t)(bytes) << 56)

struct span {
    const uint8_t *data;
    uint32_t at, end;
};

TP_INLINE uint32_t left(const struct span *span)
{
    return span->end - span->at;
}

/* Needs, also of those below: the bytes are left. */
TP_INLINE uint8_t load8(const struct span *span, uint32_t offset)
{
    return *(const volatile uint8_t *)&span->data[span->at + offset];
}

/* In the order of bytes on the wire. */
TP_INLINE uint32_t load16(const struct span *span, uint32_t offset)
{
    return __builtin_bswap16(flow_load16(&span->data[span->at + offset]));
}

/* As the bytes lie. */
TP_INLINE uint32_t copy32(const struct span *span, uint32_t offset)
{
    struct __attribute__((packed, may_alias)) word {
        uint32_t value;
    };
    const void *from = &span->data[span->at + offset];

    return ((const volatile struct word *)from)->value;
}

TP_INLINE uint64_t copy64(const struct span *span, uint32_t offset)
{
    struct __attribute__((packed, may_alias)) word {
        uint64_t value;
    };
    const void *from = &span->data[span->at + offset];

    return ((const volatile struct word *)from)->value;
}

TP_INLINE bool has_ports(uint32_t header)
{
    return header == HEADER_TCP || header == HEADER_UDP;
}

TP_INLINE void finish(struct flow *flow, uint32_t ports, uint32_t protocol)
{
    uint64_t last = ports | (uint64_t)protocol << 32;

    flow->word[4] = last | LENGTH(flow->is_ipv6 ? 37 : 13);
}

TP_INLINE enum flow_kind find_ports(const struct span *span, uint32_t protocol,
                                    struct flow *flow)
{
    if (left(span) < (protocol == HEADER_TCP ? TCP_BYTES : UDP_BYTES))
        return FLOW_MALFORMED;
    finish(flow, copy32(span, 0), protocol);
    return FLOW_FOUND;
}

TP_INLINE enum flow_kind find_fragment(uint32_t protocol, struct flow *flow)
{
    if (!has_ports(protocol))
        return FLOW_OTHER;
    finish(flow, 0, 0);
    return FLOW_FOUND;
}

TP_INLINE enum flow_kind find_ipv4(struct span span, struct flow *flow)
{
    uint32_t first, header, total, protocol;

    if (left(&span) < IPV4_BYTES)
        return FLOW_MALFORMED;
    first = load8(&span, 0);
    header = (first & 15) * 4;
    total = load16(&span, 2);
    if (first >> 4 != 4 || header < IPV4_BYTES || total < header ||
        total > left(&span))
        return FLOW_MALFORMED;
    protocol = load8(&span, 9);
    flow->is_ipv6 = false;
    flow->word[0] = copy64(&span, 12);
    flow->word[1] = flow->word[2] = flow->word[3] = 0;
    if (load16(&span, 6) & IPV4_FRAGMENT)
        return find_fragment(protocol, flow);
    if (!has_ports(protocol))
        return FLOW_OTHER;
    span.end = span.at + total;
    span.at += header;
    return find_ports(&span, protocol, flow);
}

/* Step over one extension header. False: it is longer than what is left. */
static bool skip_header(struct span *span, uint32_t *next)
{
    uint32_t bytes;

    if (left(span) < 8)
        return false;
    bytes = (load8(span, 1) + 1u) * 8;
    if (bytes > left(span))
        return false;
    *next = load8(span, 0);
    span->at += bytes;
    return true;
}

/*
 * Of a fragment it is the fragment header's word that counts, which all of a
 * datagram have the same. One that is the whole datagram is none (RFC 6946).
 */
static enum flow_kind find_headers(struct span *span, uint32_t next,
                                   struct flow *flow)
{
    uint32_t i, fragment;

    for (i = 0; i < FLOW_HEADERS_MAX && !has_ports(next); i++) {
        if (next == HEADER_FRAGMENT) {
            if (left(span) < 8)
                return FLOW_MALFORMED;
            next = load8(span, 0);
            fragment = load16(span, 2);
            if (fragment & IPV6_FRAGMENT)
                return find_fragment(next, flow);
            span->at += 8;
            continue;
        }
        if (next != HEADER_HOP_BY_HOP && next != HEADER_ROUTING &&
            next != HEADER_DESTINATION)
            return FLOW_OTHER;
        if ((next == HEADER_HOP_BY_HOP && i > 0) || !skip_header(span, &next))
            return FLOW_MALFORMED;
    }
    return has_ports(next) ? find_ports(span, next, flow) : FLOW_OTHER;
}

TP_INLINE enum flow_kind find_ipv6(struct span span, struct flow *flow)
{
    uint32_t payload, next, i;

    if (left(&span) < IPV6_BYTES || load8(&span, 0) >> 4 != 6)
        return FLOW_MALFORMED;
    payload = load16(&span, 4);
    if (payload > left(&span) - IPV6_BYTES)
        return FLOW_MALFORMED;
    next = load8(&span, 6);
    flow->is_ipv6 = true;
    for (i = 0; i < 4; i++)
        flow->word[i] = copy64(&span, 8 + 8 * i);
    span.at += IPV6_BYTES;
    span.end = span.at + payload;
    if (has_ports(next))
        return find_ports(&span, next, flow);
    return find_headers(&span, next, flow);
}

enum flow_kind flow_find(const struct packet *packet, uint32_t length,
                         struct flow *flow)
{
    struct span span = {packet->data, 0, length};
    uint32_t type, tags;

    if (length < ETHERNET_BYTES || length > sizeof(packet->data))
        return FLOW_MALFORMED;
    type = load16(&span, 12);
    span.at = ETHERNET_BYTES;
    for (tags = 0;
         tags < TAGS_MAX && (type == TYPE_VLAN || type == TYPE_SERVICE_VLAN);
         tags++) {
        if (left(&span) < TAG_BYTES)
            return FLOW_MALFORMED;
        type = load16(&span, 2);
        span.at += TAG_BYTES;
    }
    if (type == TYPE_IPV4)
        return find_ipv4(span, flow);
    if (type == TYPE_IPV6)
        return find_ipv6(span, flow);
    return FLOW_OTHER;
}
