/* SPDX-License-Identifier: MIT */
/*
 * frame.h - from a frame's first bytes to the key that rules look at.
 */
#pragma once
#include "key.h"

enum {
    FRAME_FIRST = 64,     /* bytes that nearly always suffice */
    FRAME_HEADERS = 512,  /* headers reach no further, or are malformed */
    FRAME_EXTENSIONS = 8, /* IPv6 extension headers, at most */
};

enum frame_kind {
    FRAME_KEY,       /* an IP packet: the key is filled */
    FRAME_OTHER,     /* no IP */
    FRAME_MALFORMED, /* contradicts itself, is cut short, has too many headers
                      */
    FRAME_MORE,      /* ask again with more bytes */
};

/*
 * @have bytes of a frame of @length stand at @bytes, which nobody else can
 * change. FRAME_MORE only when @have is less than both @length and
 * FRAME_HEADERS.
 */
enum frame_kind frame_read(const uint8_t *bytes, uint32_t have, uint32_t length,
                           struct key *key);
