/* SPDX-License-Identifier: MIT */
/*
 * wire_memory.h - a wire whose frames come from a capture in memory and go to
 * whoever takes the bytes of another: where there are no files. Portable; what
 * it plays, leaves out and writes is what wire_pcap does without options.
 * Source: pcap-savefile(5).
 */
#pragma once
#include "wire.h"
#include <stddef.h>

struct wire_memory {
    struct wire wire; /* first */
    uint64_t frames_in, frames_out, skipped;

    /* The rest is the wire's own. */
    const uint8_t *bytes;
    size_t size, at;     /* of the next record that is played */
    bool is_swapped, is_nano;
    uint32_t seconds, fraction; /* of the frame that came in last */
    uint64_t (*clock)(void);
    void (*write)(const void *bytes, size_t count);
};

/*
 * Plug @wire between the capture of @size bytes at @bytes, pcap with Ethernet
 * frames, and a new capture that goes to @write, piece by piece; NULL: what is
 * sent is only counted. @clock: nanoseconds.
 * Owns:   @bytes stay where they are while it is used.
 * Errors: what is wrong with the capture; else NULL. One that is damaged
 *         further on ends there.
 */
const char *wire_memory_open(struct wire_memory *wire, const uint8_t *bytes,
                             size_t size, uint64_t (*clock)(void),
                             void (*write)(const void *bytes, size_t count));
