/* SPDX-License-Identifier: MIT */
/*
 * capture_files.h - capture files built byte by byte: sound ones in every
 * byte order, and broken ones.
 * Source: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPTURE_BYTES_MAX ((size_t)4 << 20)

enum capture_format {
    CAPTURE_PCAP_MICRO,
    CAPTURE_PCAP_NANO,
    CAPTURE_PCAPNG,
};

struct capture_file {
    enum capture_format format;
    bool big_endian;
    uint8_t *bytes;
    size_t used;
    char path[64];
};

/* Begin a file: header, or section and interface with link type @link. */
void capture_begin(struct capture_file *file, enum capture_format format,
                   bool big_endian, uint16_t link);
/*
 * Add a record of @captured bytes at @data, whose frame was @length long.
 * @fraction is in microseconds or, in CAPTURE_PCAP_NANO, nanoseconds.
 */
void capture_add(struct capture_file *file, uint32_t seconds,
                 uint32_t fraction, const uint8_t *data, uint32_t captured,
                 uint32_t length);
/* Write the file out under a new temporary name, @path. */
void capture_write(struct capture_file *file);
/* Delete it and free what it holds. */
void capture_end(struct capture_file *file);
