/* SPDX-License-Identifier: MIT */
/* sets.c - rules and packets, drawn from seeds. */
#include "sets.h"
#include "sure.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 160 };

const char *const set_names[SET_KINDS] = {
    "mixed", "wildcards", "nested", "nested ranges", "ranges", "crossed",
};

uint64_t set_draw(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1du >> 16;
}

static uint32_t draw_below(uint64_t *state, uint32_t limit)
{
    return (uint32_t)(set_draw(state) % limit);
}

uint64_t set_random(void)
{
    static uint64_t state = 77;

    return set_draw(&state) << 32 ^ set_draw(&state);
}

uint64_t set_packets(uint64_t packets)
{
    const char *text = getenv("TP_TEST_PACKETS");

    return text ? strtoull(text, NULL, 10) : packets;
}

struct out {
    char *text;
    size_t used, room;
};

static void __attribute__((format(printf, 2, 3)))
put(struct out *out, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    out->used += (size_t)vsnprintf(out->text + out->used,
                                   out->room - out->used, format, list);
    va_end(list);
    sure(out->used < out->room);
}

/* Addresses come from few networks, so that prefixes meet. */
static void put_ipv4(struct out *out, uint64_t *state)
{
    static const uint32_t lengths[] = {32, 32, 32, 24, 24, 24, 16, 20, 28, 8};
    uint32_t length = lengths[draw_below(state, 10)];
    uint32_t address = (10 + draw_below(state, 4)) << 24 |
                       draw_below(state, 16) << 16 |
                       draw_below(state, 64) << 8 | draw_below(state, 256);

    address &= UINT32_MAX << (32 - length);
    put(out, "%u.%u.%u.%u/%u ", address >> 24, address >> 16 & 255,
        address >> 8 & 255, address & 255, length);
}

static void put_ipv6(struct out *out, uint64_t *state)
{
    uint32_t site = draw_below(state, 64), net = draw_below(state, 256);

    if (draw_below(state, 3) == 0)
        put(out, "2001:db8:%x::/48 ", site);
    else if (draw_below(state, 2))
        put(out, "2001:db8:%x:%x::/64 ", site, net);
    else
        put(out, "2001:db8:%x:%x::%x ", site, net, draw_below(state, 4));
}

static void put_address(struct out *out, uint64_t *state, bool is_any,
                        bool is_ipv6)
{
    if (is_any)
        put(out, "any ");
    else if (is_ipv6)
        put_ipv6(out, state);
    else
        put_ipv4(out, state);
}

static void put_ports(struct out *out, uint64_t *state, bool is_source)
{
    static const uint32_t well_known[] = {22, 25, 53, 80, 123, 443, 8080, 3306};
    uint32_t low;

    if (draw_below(state, 10) < (is_source ? 8u : 2u)) {
        put(out, "any ");
    } else if (draw_below(state, 4)) {
        put(out, "%u ", well_known[draw_below(state, 8)]);
    } else {
        low = draw_below(state, 60000);
        put(out, "%u-%u ", low, low + draw_below(state, 65536 - low));
    }
}

static void put_mixed(struct out *out, uint64_t *state)
{
    static const char *const protocols[] = {"tcp", "tcp", "tcp", "udp", "udp",
                                            "any", "icmp", "47"};
    const char *protocol = protocols[draw_below(state, 8)];
    bool is_ipv6 = draw_below(state, 4) == 0;
    bool has_ports = *protocol == 't' || *protocol == 'u' || *protocol == 'a';
    uint32_t any = draw_below(state, 4); /* 0: source, 1: destination */

    put(out, "%s %s ", draw_below(state, 2) ? "accept" : "drop", protocol);
    put_address(out, state, any == 0, is_ipv6);
    if (has_ports)
        put_ports(out, state, true);
    else
        put(out, "any ");
    put(out, "-> ");
    put_address(out, state, any == 1, is_ipv6);
    if (has_ports)
        put_ports(out, state, false);
    else
        put(out, "any");
}

/* The @number-th pair of prefixes, long ones first. */
static void put_nested(struct out *out, uint32_t number)
{
    uint32_t source = 32 - number / 25 % 25, target = 32 - number % 25;
    uint32_t mask = UINT32_MAX << (32 - source), net = 0x0a5aa5a5 & mask;

    put(out, "accept tcp %u.%u.%u.%u/%u any -> ", net >> 24, net >> 16 & 255,
        net >> 8 & 255, net & 255, source);
    mask = UINT32_MAX << (32 - target);
    net = 0x0aa55a5a & mask;
    put(out, "%u.%u.%u.%u/%u %u", net >> 24, net >> 16 & 255, net >> 8 & 255,
        net & 255, target, 1 + number / 625);
}

static void put_ranges(struct out *out, uint64_t *state)
{
    uint32_t source = draw_below(state, 65536);
    uint32_t target = draw_below(state, 65536);

    put(out, "drop udp any %u-%u -> any %u-%u", source,
        source + draw_below(state, 65536 - source), target,
        target + draw_below(state, 65536 - target));
}

static void put_crossed(struct out *out, uint64_t *state, uint32_t number)
{
    uint32_t host = (uint32_t)set_draw(state);

    if (number % 2)
        put(out, "accept tcp any any -> %u.%u.%u.%u 80", host >> 24,
            host >> 16 & 255, host >> 8 & 255, host & 255);
    else
        put(out, "drop any %u.%u.%u.%u any -> any any", host >> 24,
            host >> 16 & 255, host >> 8 & 255, host & 255);
}

static void put_rule(struct out *out, enum set_kind kind, uint32_t number,
                     uint32_t rules, uint64_t *state)
{
    uint32_t edge = (rules - 1 - number) % 32768;

    if (kind == SET_MIXED)
        put_mixed(out, state);
    else if (kind == SET_WILDCARDS)
        put(out, "accept any any any -> any any");
    else if (kind == SET_NESTED)
        put_nested(out, number);
    else if (kind == SET_NESTED_RANGES)
        put(out, "accept udp any %u-%u -> any %u-%u", edge, 65535 - edge, edge,
            65535 - edge);
    else if (kind == SET_RANGES)
        put_ranges(out, state);
    else
        put_crossed(out, state, number);
}

char *set_new(enum set_kind kind, int rules, uint64_t seed)
{
    struct out out = {.room = ((size_t)rules + 1) * LINE_MAX_BYTES};
    uint64_t state = seed * 0x9e3779b97f4a7c15u | 1;
    int i;

    out.text = malloc(out.room);
    sure(out.text != NULL);
    out.text[0] = 0;
    for (i = 0; i < rules; i++) {
        put_rule(&out, kind, (uint32_t)i, (uint32_t)rules, &state);
        put(&out, "\n");
    }
    put(&out, "default drop\n");
    return out.text;
}

static address_t draw_address(uint64_t *state, address_t low, address_t high,
                              int version)
{
    address_t all = version == 6 ? ~(address_t)0 : 0xffffffff;
    address_t any = ((address_t)set_draw(state) << 96 ^
                     (address_t)set_draw(state) << 48 ^ set_draw(state));

    switch (draw_below(state, 8)) {
    case 0:
        return (low - 1) & all;
    case 1:
        return (high + 1) & all;
    case 2:
        return low & all;
    case 3:
        return high & all;
    case 4:
        return any & all;
    default: /* within */
        return high - low == ~(address_t)0 ? any & all
                                           : low + any % (high - low + 1);
    }
}

static int draw_port(uint64_t *state, const int *ports)
{
    int low = ports[0] < 0 ? 0 : ports[0];
    int high = ports[0] < 0 ? 65535 : ports[1];

    switch (draw_below(state, 8)) {
    case 0:
        return low ? low - 1 : 0;
    case 1:
        return high < 65535 ? high + 1 : high;
    case 2:
        return low;
    case 3:
        return high;
    default:
        return low + (int)draw_below(state, (uint32_t)(high - low + 1));
    }
}

struct linear_packet set_packet(const struct linear *linear, uint64_t *state)
{
    static const struct linear_rule none = {
        .source_high = ~(address_t)0, .target_high = ~(address_t)0,
        .protocol = -1, .source_ports = {-1, -1}, .target_ports = {-1, -1}};
    static const int protocols[] = {1, 6, 6, 17, 17, 47, 58, 132};
    const struct linear_rule *rule = &none;
    struct linear_packet packet = {.source_port = -1, .target_port = -1};

    if (linear->count && draw_below(state, 16))
        rule = &linear->rule[draw_below(state, (uint32_t)linear->count)];
    packet.version = rule->version ? rule->version
                                   : draw_below(state, 2) ? 4 : 6;
    packet.source = draw_address(state, rule->source_low, rule->source_high,
                                 packet.version);
    packet.target = draw_address(state, rule->target_low, rule->target_high,
                                 packet.version);
    packet.protocol = rule->protocol >= 0 && draw_below(state, 8)
                          ? rule->protocol
                          : protocols[draw_below(state, 8)];
    if ((packet.protocol == 6 || packet.protocol == 17) &&
        draw_below(state, 16)) {
        packet.source_port = draw_port(state, rule->source_ports);
        packet.target_port = draw_port(state, rule->target_ports);
    }
    return packet;
}

struct key set_key(const struct linear_packet *packet)
{
    struct key key = {.is_ipv6 = packet->version == 6};
    uint32_t words = key.is_ipv6 ? 4 : 1, i;

    for (i = 0; i < words; i++) {
        key.field[i] = (uint32_t)(packet->source >> 32 * (words - 1 - i));
        key.field[words + i] =
            (uint32_t)(packet->target >> 32 * (words - 1 - i));
    }
    key.field[2 * words] =
        packet->source_port < 0 ? PORT_NONE : (uint32_t)packet->source_port;
    key.field[2 * words + 1] =
        packet->target_port < 0 ? PORT_NONE : (uint32_t)packet->target_port;
    key.field[2 * words + 2] = (uint32_t)packet->protocol;
    return key;
}
