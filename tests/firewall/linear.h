/* SPDX-License-Identifier: MIT */
/*
 * linear.h - a firewall as simple as can be: each packet is compared with one
 * rule after the other. It shares no code with the domain: text is split by
 * sscanf(), addresses are read by inet_pton(), headers one byte at a time.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 address_t;

struct linear_packet {
    int version; /* 4 or 6 */
    address_t source, target;
    int protocol;
    int source_port, target_port; /* -1: none */
};

struct linear_rule {
    bool accept;
    int version; /* 0: both */
    address_t source_low, source_high, target_low, target_high;
    int protocol; /* -1: any */
    int source_ports[2], target_ports[2]; /* -1 first: any */
    int line;
};

struct linear {
    struct linear_rule *rule;
    int count;
    bool accept_default, accept_malformed, accept_other;
};

/* Needs: @text is right; the test fails otherwise. */
struct linear *linear_new(const char *text);
void linear_free(struct linear *linear);

/* The first rule that matches; the number of rules if none does. */
int linear_first(const struct linear *linear,
                 const struct linear_packet *packet);

enum linear_kind { LINEAR_PACKET, LINEAR_OTHER, LINEAR_MALFORMED };

/* What docs/FIREWALL.md says of a frame. */
enum linear_kind linear_frame(const uint8_t *frame, int length,
                              struct linear_packet *packet);
