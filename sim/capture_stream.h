/* SPDX-License-Identifier: MIT */
/*
 * capture_stream.h - the bytes of a capture file, plain or compressed by gzip,
 * as a stream for libpcap. Nothing is inflated ahead of need.
 */
#pragma once
#include "capture_blocks.h"
#include <stdio.h>

struct capture_stream {
    void *file;          /* zlib's; NULL once closed */
    const bool *stopped; /* atomic; reading fails once it is true */
    struct capture_blocks blocks;
    bool is_pcapng;
    bool is_nano;        /* a pcap whose stamps are in nanoseconds */
    uint8_t head[4];     /* read to see what it is, still to be given */
    size_t head_bytes, head_given;
    char buffer[1 << 15];
};

/*
 * A stream of what @descriptor has from its place on. libpcap closes it.
 * Owns:   @descriptor in any case; @stream is in use until the FILE is closed.
 * Errors: NULL; errno says why.
 */
FILE *capture_stream_open(struct capture_stream *stream, int descriptor,
                          const bool *stopped);

/*
 * What was wrong below libpcap (compression, reading), in @text; false if
 * nothing was. Before the stream is closed.
 */
bool capture_stream_error(const struct capture_stream *stream, char *text,
                          size_t bytes);
