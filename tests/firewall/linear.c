/* SPDX-License-Identifier: MIT */
/* linear.c - the slow model. Source: docs/FIREWALL.md. */
#include "linear.h"
#include "sure.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static address_t number_of(const uint8_t *bytes, int count)
{
    address_t number = 0;

    while (count-- > 0)
        number = number << 8 | *bytes++;
    return number;
}

/* Returns the version; 0 for any. */
static int read_prefix(char *text, address_t *low, address_t *high)
{
    char *slash = strchr(text, '/');
    uint8_t bytes[16];
    int version = strchr(text, ':') ? 6 : 4, bits = version == 6 ? 128 : 32;
    int length = slash ? atoi(slash + 1) : bits;
    address_t rest;

    *low = 0;
    *high = ~(address_t)0;
    if (strcmp(text, "any") == 0)
        return 0;
    if (slash)
        *slash = 0;
    sure(inet_pton(version == 6 ? AF_INET6 : AF_INET, text, bytes) == 1);
    rest = length == 128 ? 0 : ~(address_t)0 >> (128 - bits) >> length;
    *low = number_of(bytes, bits / 8);
    *high = *low | rest;
    return version;
}

static void read_ports(const char *text, int *ports)
{
    ports[0] = ports[1] = -1;
    if (strcmp(text, "any") == 0)
        return;
    if (sscanf(text, "%d-%d", &ports[0], &ports[1]) == 1)
        ports[1] = ports[0];
}

static int protocol_of(const char *text)
{
    if (strcmp(text, "any") == 0)
        return -1;
    if (strcmp(text, "tcp") == 0)
        return 6;
    if (strcmp(text, "udp") == 0)
        return 17;
    if (strcmp(text, "icmp") == 0)
        return 1;
    return strcmp(text, "icmp6") == 0 ? 58 : atoi(text);
}

static void read_statement(struct linear *linear, const char *line, int number)
{
    char word[7][64];
    int words = sscanf(line, "%63s %63s %63s %63s %63s %63s %63s", word[0],
                       word[1], word[2], word[3], word[4], word[5], word[6]);
    struct linear_rule *rule = &linear->rule[linear->count];
    int source, target;

    if (words < 1 || word[0][0] == '#')
        return;
    if (words == 2 && strcmp(word[0], "default") == 0) {
        linear->accept_default = strcmp(word[1], "accept") == 0;
    } else if (words == 2 && strcmp(word[0], "malformed") == 0) {
        linear->accept_malformed = strcmp(word[1], "accept") == 0;
    } else if (words == 2 && strcmp(word[0], "other") == 0) {
        linear->accept_other = strcmp(word[1], "accept") == 0;
    } else {
        sure(words == 7);
        rule->accept = strcmp(word[0], "accept") == 0;
        rule->protocol = protocol_of(word[1]);
        source = read_prefix(word[2], &rule->source_low, &rule->source_high);
        target = read_prefix(word[5], &rule->target_low, &rule->target_high);
        rule->version = source ? source : target;
        read_ports(word[3], rule->source_ports);
        read_ports(word[6], rule->target_ports);
        rule->line = number;
        linear->count++;
    }
}

struct linear *linear_new(const char *text)
{
    struct linear *linear = calloc(1, sizeof(*linear));
    size_t lines = 1, i;
    char line[256];
    int number = 0;

    for (i = 0; text[i]; i++)
        lines += text[i] == '\n';
    sure(linear != NULL);
    linear->accept_other = true;
    linear->rule = calloc(lines, sizeof(*linear->rule));
    while (*text) {
        size_t length = strcspn(text, "\n");

        sure(length < sizeof(line));
        memcpy(line, text, length);
        line[length] = 0;
        read_statement(linear, line, ++number);
        text += length + (text[length] == '\n');
    }
    return linear;
}

void linear_free(struct linear *linear)
{
    free(linear->rule);
    free(linear);
}

static bool port_matches(const int *ports, int port)
{
    return ports[0] < 0 || (port >= ports[0] && port <= ports[1]);
}

static bool matches(const struct linear_rule *rule,
                    const struct linear_packet *packet)
{
    return (rule->version == 0 || rule->version == packet->version) &&
           packet->source >= rule->source_low &&
           packet->source <= rule->source_high &&
           packet->target >= rule->target_low &&
           packet->target <= rule->target_high &&
           (rule->protocol < 0 || rule->protocol == packet->protocol) &&
           port_matches(rule->source_ports, packet->source_port) &&
           port_matches(rule->target_ports, packet->target_port);
}

int linear_first(const struct linear *linear,
                 const struct linear_packet *packet)
{
    int i;

    for (i = 0; i < linear->count; i++)
        if (matches(&linear->rule[i], packet))
            break;
    return i;
}

static int word16(const uint8_t *at)
{
    return at[0] * 256 + at[1];
}

static enum linear_kind transport(const uint8_t *at, int left, int protocol,
                                  bool first, struct linear_packet *packet)
{
    packet->protocol = protocol;
    packet->source_port = packet->target_port = -1;
    if (!first || (protocol != 6 && protocol != 17))
        return LINEAR_PACKET;
    if (left < 4)
        return LINEAR_MALFORMED;
    packet->source_port = word16(at);
    packet->target_port = word16(at + 2);
    return LINEAR_PACKET;
}

static enum linear_kind version4(const uint8_t *at, int left,
                                 struct linear_packet *packet)
{
    int header, total;

    if (left < 20 || at[0] / 16 != 4)
        return LINEAR_MALFORMED;
    header = at[0] % 16 * 4;
    total = word16(at + 2);
    if (header < 20 || total < header || total > left)
        return LINEAR_MALFORMED;
    packet->version = 4;
    packet->source = number_of(at + 12, 4);
    packet->target = number_of(at + 16, 4);
    return transport(at + header, total - header, at[9],
                     word16(at + 6) % 8192 == 0, packet);
}

static enum linear_kind version6(const uint8_t *at, int left,
                                 const uint8_t *frame,
                                 struct linear_packet *packet)
{
    int next, extensions = 0, bytes;
    bool first = true;

    if (left < 40 || at[0] / 16 != 6 || word16(at + 4) > left - 40)
        return LINEAR_MALFORMED;
    packet->version = 6;
    packet->source = number_of(at + 8, 16);
    packet->target = number_of(at + 24, 16);
    next = at[6];
    left = word16(at + 4);
    at += 40;
    while (first && (next == 0 || next == 43 || next == 44 || next == 51 ||
                     next == 60)) {
        if (extensions++ == 8 || left < 8 || at + 8 - frame > 512)
            return LINEAR_MALFORMED;
        bytes = next == 44 ? 8 : next == 51 ? at[1] * 4 + 8 : at[1] * 8 + 8;
        if (bytes > left)
            return LINEAR_MALFORMED;
        if (next == 44)
            first = word16(at + 2) / 8 == 0;
        next = at[0];
        at += bytes;
        left -= bytes;
    }
    if (first && (next == 6 || next == 17) && at + 4 - frame > 512)
        return LINEAR_MALFORMED;
    return transport(at, left, next, first, packet);
}

enum linear_kind linear_frame(const uint8_t *frame, int length,
                              struct linear_packet *packet)
{
    int at = 12, type, tags = 0;

    if (length < 14 || length > 2048)
        return LINEAR_MALFORMED;
    for (type = word16(frame + at); type == 0x8100 || type == 0x88a8;
         type = word16(frame + at)) {
        at += 4;
        if (++tags > 2 || at + 2 > length)
            return LINEAR_MALFORMED;
    }
    at += 2;
    if (type == 0x0800)
        return version4(frame + at, length - at, packet);
    if (type == 0x86dd)
        return version6(frame + at, length - at, frame, packet);
    return LINEAR_OTHER;
}
