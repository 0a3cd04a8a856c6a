/* SPDX-License-Identifier: MIT */
/*
 * capture_flows.h - how many different conversations there are in a capture:
 * protocol, addresses and ports of TCP and UDP over IPv4 and IPv6, the two
 * directions of one being one. Behind VLAN tags as well; later fragments, which
 * have no ports, count for nothing.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define CAPTURE_FLOWS_MAX ((uint32_t)1 << 20)

struct capture_mark;

/* All zeros has no flows. */
struct capture_flows {
    struct capture_mark *table; /* at most half full */
    size_t places;              /* a power of two, or 0 */
    uint32_t count;
    uint64_t overflow; /* frames of flows that found no room */
    uint64_t secret[4];
};

/*
 * See an Ethernet frame.
 * Cost:   memory for each new flow, up to CAPTURE_FLOWS_MAX of them.
 */
void capture_flows_add(struct capture_flows *flows, const uint8_t *frame,
                       uint32_t bytes);

/* Free the memory; the counts stay. */
void capture_flows_end(struct capture_flows *flows);
