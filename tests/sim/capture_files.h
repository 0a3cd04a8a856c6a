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
    CAPTURE_PCAPNG,      /* microseconds, as when nothing is said */
    CAPTURE_PCAPNG_NANO, /* says nanoseconds */
};

struct capture_file {
    enum capture_format format;
    bool big_endian;
    uint8_t *bytes;
    size_t used, room;
    uint32_t interface; /* pcapng: what capture_add() adds to */
    char path[64];
};

/* Begin a file: header, or section and interface with link type @link. */
void capture_begin(struct capture_file *file, enum capture_format format,
                   bool big_endian, uint16_t link);
/* Make room for @bytes more. */
void capture_reserve(struct capture_file *file, size_t bytes);
/* Whether its time stamps are in nanoseconds. */
bool capture_is_nano(const struct capture_file *file);
/*
 * pcapng: describe one more interface, whose time stamps are in 10^-@digits
 * seconds (6: nothing is said of them).
 */
void capture_interface(struct capture_file *file, uint16_t link,
                       uint32_t snaplen, uint8_t digits);
/* pcapng: begin another section, with no interface yet. */
void capture_section(struct capture_file *file);
/* pcapng: a simple packet block. */
void capture_add_simple(struct capture_file *file, const uint8_t *data,
                        uint32_t captured, uint32_t length);
/*
 * Add a record of @captured bytes at @data, whose frame was @length long.
 * @fraction is in microseconds or, if capture_is_nano(), nanoseconds.
 */
void capture_add(struct capture_file *file, uint32_t seconds,
                 uint32_t fraction, const uint8_t *data, uint32_t captured,
                 uint32_t length);
/* Write the file out under a new temporary name, @path. */
void capture_write(struct capture_file *file);
/* Replace the bytes by what gzip would make of them. */
void capture_compress(struct capture_file *file);
/* Delete it and free what it holds. */
void capture_end(struct capture_file *file);
