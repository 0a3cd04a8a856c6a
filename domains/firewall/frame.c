/* SPDX-License-Identifier: MIT */
/*
 * frame.c - Ethernet, up to two VLAN tags, IPv4 or IPv6, ports.
 *
 * [at, end) is what is left of the frame, and of the packet once its own
 * length is known. Invariant: at <= end; nothing at or behind have is read.
 * Source: IEEE 802.1Q; RFC 791; RFC 8200; RFC 4302, 2.2 (AH).
 */
#include "frame.h"

enum {
    ETHERNET_BYTES = 14,
    TYPE_IPV4 = 0x0800,
    TYPE_IPV6 = 0x86dd,
    TYPE_VLAN = 0x8100,
    TYPE_SERVICE_VLAN = 0x88a8,
    TAGS_MAX = 2,
    TAG_BYTES = 4,
    IPV4_BYTES = 20,
    IPV4_OFFSET = 0x1fff, /* of a fragment */
    IPV6_BYTES = 40,
    IPV6_OFFSET = 0xfff8,
    PORTS_BYTES = 4,
    HEADER_HOP_BY_HOP = 0,
    HEADER_ROUTING = 43,
    HEADER_FRAGMENT = 44,
    HEADER_AUTHENTICATION = 51,
    HEADER_DESTINATION = 60,
    EXTENSION_BYTES = 8, /* at least */
};

struct span {
    const uint8_t *bytes;
    uint32_t at, end, have;
};

/* FRAME_KEY: @count bytes are left, and here. */
static inline enum frame_kind need(const struct span *span, uint32_t count)
{
    if (span->end - span->at < count)
        return FRAME_MALFORMED;
    if (span->at + count <= span->have)
        return FRAME_KEY;
    return span->have < FRAME_HEADERS ? FRAME_MORE : FRAME_MALFORMED;
}

static inline uint32_t load16(const struct span *span, uint32_t offset)
{
    uint16_t value;

    __builtin_memcpy(&value, &span->bytes[span->at + offset], sizeof(value));
    return __builtin_bswap16(value);
}

static inline uint32_t load32(const struct span *span, uint32_t offset)
{
    uint32_t value;

    __builtin_memcpy(&value, &span->bytes[span->at + offset], sizeof(value));
    return __builtin_bswap32(value);
}

static inline enum frame_kind read_ports(const struct span *span,
                                         uint32_t protocol, bool has_start,
                                         uint32_t *ports)
{
    enum frame_kind kind;
    uint32_t both;

    ports[0] = ports[1] = PORT_NONE;
    ports[2] = protocol; /* it follows in both keys */
    if (!has_start || !protocol_has_ports(protocol))
        return FRAME_KEY;
    kind = need(span, PORTS_BYTES);
    if (kind != FRAME_KEY)
        return kind;
    both = load32(span, 0);
    ports[0] = both >> 16;
    ports[1] = both & PORT_MAX;
    return FRAME_KEY;
}

static inline enum frame_kind read_ipv4(struct span span, struct key *key)
{
    enum frame_kind kind = need(&span, IPV4_BYTES);
    uint32_t header, total, protocol;
    bool has_start;

    if (kind != FRAME_KEY)
        return kind;
    header = (span.bytes[span.at] & 15u) * 4;
    total = load16(&span, 2);
    if (span.bytes[span.at] >> 4 != 4 || header < IPV4_BYTES ||
        total < header || total > span.end - span.at)
        return FRAME_MALFORMED;
    key->is_ipv6 = false;
    key->field[IPV4_SOURCE] = load32(&span, 12);
    key->field[IPV4_TARGET] = load32(&span, 16);
    span.end = span.at + total;
    has_start = (load16(&span, 6) & IPV4_OFFSET) == 0;
    protocol = span.bytes[span.at + 9];
    span.at += header;
    return read_ports(&span, protocol, has_start, &key->field[IPV4_PORTS]);
}

static bool is_extension(uint32_t protocol)
{
    return protocol == HEADER_HOP_BY_HOP || protocol == HEADER_ROUTING ||
           protocol == HEADER_FRAGMENT || protocol == HEADER_AUTHENTICATION ||
           protocol == HEADER_DESTINATION;
}

/* Step over one extension header. @has_start: a later fragment clears it. */
static enum frame_kind skip(struct span *span, uint32_t *protocol,
                            bool *has_start)
{
    enum frame_kind kind = need(span, EXTENSION_BYTES);
    uint32_t bytes;

    if (kind != FRAME_KEY)
        return kind;
    bytes = (span->bytes[span->at + 1] + 1u) * 8;
    if (*protocol == HEADER_FRAGMENT)
        bytes = EXTENSION_BYTES;
    else if (*protocol == HEADER_AUTHENTICATION)
        bytes = (span->bytes[span->at + 1] + 2u) * 4;
    if (bytes > span->end - span->at || bytes < EXTENSION_BYTES)
        return FRAME_MALFORMED;
    if (*protocol == HEADER_FRAGMENT && load16(span, 2) & IPV6_OFFSET)
        *has_start = false;
    *protocol = span->bytes[span->at];
    span->at += bytes;
    return FRAME_KEY;
}

static enum frame_kind skip_all(struct span *span, uint32_t *protocol,
                                bool *has_start)
{
    enum frame_kind kind;
    uint32_t i;

    for (i = 0; is_extension(*protocol) && *has_start; i++) {
        if (i == FRAME_EXTENSIONS)
            return FRAME_MALFORMED;
        kind = skip(span, protocol, has_start);
        if (kind != FRAME_KEY)
            return kind;
    }
    return FRAME_KEY;
}

static inline enum frame_kind read_ipv6(struct span span, struct key *key)
{
    enum frame_kind kind = need(&span, IPV6_BYTES);
    uint32_t i, protocol, payload;
    bool has_start = true;

    if (kind != FRAME_KEY)
        return kind;
    payload = load16(&span, 4);
    if (span.bytes[span.at] >> 4 != 6 ||
        payload > span.end - span.at - IPV6_BYTES)
        return FRAME_MALFORMED;
    key->is_ipv6 = true;
    for (i = 0; i < 8; i++)
        key->field[i] = load32(&span, 8 + 4 * i);
    protocol = span.bytes[span.at + 6];
    span.at += IPV6_BYTES;
    span.end = span.at + payload;
    kind = skip_all(&span, &protocol, &has_start);
    if (kind != FRAME_KEY)
        return kind;
    return read_ports(&span, protocol, has_start, &key->field[IPV6_PORTS]);
}

static bool is_tag(uint32_t type)
{
    return type == TYPE_VLAN || type == TYPE_SERVICE_VLAN;
}

enum frame_kind frame_read(const uint8_t *bytes, uint32_t have, uint32_t length,
                           struct key *key)
{
    struct span span = {bytes, 0, length, have};
    enum frame_kind kind = need(&span, ETHERNET_BYTES);
    uint32_t type, tags;

    if (kind != FRAME_KEY)
        return kind;
    type = load16(&span, 12);
    span.at = ETHERNET_BYTES;
    for (tags = 0; is_tag(type); tags++) {
        kind = tags < TAGS_MAX ? need(&span, TAG_BYTES) : FRAME_MALFORMED;
        if (kind != FRAME_KEY)
            return kind;
        type = load16(&span, 2);
        span.at += TAG_BYTES;
    }
    if (type == TYPE_IPV4)
        return read_ipv4(span, key);
    return type == TYPE_IPV6 ? read_ipv6(span, key) : FRAME_OTHER;
}
