/* SPDX-License-Identifier: MIT */
/*
 * key.h - what a rule looks at: a packet as a point, a rule as a box.
 *
 * All fields are words of 32 bits. An IPv6 address is four of them: a prefix
 * is an interval in each. Where there are no ports (another protocol, a
 * fragment that is not the first), both are PORT_NONE, which only `any` holds.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    IPV4_SOURCE = 0,
    IPV4_TARGET = 1,
    IPV4_PORTS = 2, /* source, then destination */
    IPV4_PROTOCOL = 4,
    IPV4_FIELDS = 5,
    IPV6_SOURCE = 0,
    IPV6_TARGET = 4,
    IPV6_PORTS = 8,
    IPV6_PROTOCOL = 10,
    IPV6_FIELDS = 11,
    FIELDS_MAX = IPV6_FIELDS,
    PORT_MAX = 0xffff,
    PORT_NONE = 0x10000,
    PROTOCOL_MAX = 0xff,
    PROTOCOL_ICMP = 1,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_ICMP6 = 58,
};

struct key {
    uint32_t field[FIELDS_MAX];
    bool is_ipv6;
};

/* Both ends belong to it. */
struct interval {
    uint32_t low, high;
};

static inline bool protocol_has_ports(uint32_t protocol)
{
    return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
}
