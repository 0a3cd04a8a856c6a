/* SPDX-License-Identifier: MIT */
/*
 * wire_claims.h - what holds of every capture that is played, hostile or not:
 * for test_wire_mutants and for the fuzzer. Needs: CLAIM(condition), which ends
 * the program in the way of whoever includes this.
 */
#pragma once
#include "wire_pcap.h"

static inline void claim_frame(const uint8_t *data, uint32_t bytes)
{
    static volatile uint8_t sum; /* a sanitizer sees each byte read */
    uint32_t i;

    CLAIM(bytes >= WIRE_PCAP_FRAME_MIN && bytes <= WIRE_PCAP_FRAME_MAX);
    for (i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + data[i]);
}

static inline void claim_counts(const struct wire_pcap_counts *c)
{
    CLAIM(c->records == c->playable + c->skipped_linktype +
                            c->skipped_oversize + c->skipped_truncated +
                            c->skipped_short + c->skipped_backwards);
    CLAIM(c->played_truncated + c->played_oversize <= c->playable);
    CLAIM(c->runts <= c->playable && c->flows <= c->playable);
    CLAIM(c->skipped_backwards <= c->backwards && c->errors <= 1);
}
