/* SPDX-License-Identifier: MIT */
/* capture_files.c - writes capture files for the wire's tests. */
#include "capture_files.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put(struct capture_file *file, const void *data, size_t bytes)
{
    ck_assert_uint_le(bytes, CAPTURE_BYTES_MAX - file->used);
    memcpy(file->bytes + file->used, data, bytes);
    file->used += bytes;
}

static void put32(struct capture_file *file, uint32_t value)
{
    uint32_t stored = file->big_endian ? __builtin_bswap32(value) : value;

    put(file, &stored, sizeof(stored));
}

static void put16(struct capture_file *file, uint16_t value)
{
    uint16_t stored = file->big_endian ? __builtin_bswap16(value) : value;

    put(file, &stored, sizeof(stored));
}

static void begin_pcap(struct capture_file *file, uint16_t link)
{
    put32(file, file->format == CAPTURE_PCAP_NANO ? 0xa1b23c4d : 0xa1b2c3d4);
    put16(file, 2);
    put16(file, 4);
    put32(file, 0);
    put32(file, 0);
    put32(file, 65535);
    put32(file, link);
}

static void begin_pcapng(struct capture_file *file, uint16_t link)
{
    put32(file, 0x0a0d0d0a); /* section header */
    put32(file, 28);
    put32(file, 0x1a2b3c4d);
    put16(file, 1);
    put16(file, 0);
    put32(file, 0xffffffff); /* length of the section: not given */
    put32(file, 0xffffffff);
    put32(file, 28);
    put32(file, 1); /* interface description */
    put32(file, 20);
    put16(file, link);
    put16(file, 0);
    put32(file, 65535);
    put32(file, 20);
}

void capture_begin(struct capture_file *file, enum capture_format format,
                   bool big_endian, uint16_t link)
{
    memset(file, 0, sizeof(*file));
    file->format = format;
    file->big_endian = big_endian;
    file->bytes = malloc(CAPTURE_BYTES_MAX);
    ck_assert_ptr_nonnull(file->bytes);
    if (format == CAPTURE_PCAPNG)
        begin_pcapng(file, link);
    else
        begin_pcap(file, link);
}

static void add_pcapng(struct capture_file *file, uint64_t time,
                       const uint8_t *data, uint32_t captured, uint32_t length)
{
    static const uint8_t zeros[4];
    uint32_t padding = (4 - captured % 4) % 4;
    uint32_t bytes = 32 + captured + padding;

    put32(file, 6); /* enhanced packet */
    put32(file, bytes);
    put32(file, 0);
    put32(file, (uint32_t)(time >> 32));
    put32(file, (uint32_t)time);
    put32(file, captured);
    put32(file, length);
    put(file, data, captured);
    put(file, zeros, padding);
    put32(file, bytes);
}

void capture_add(struct capture_file *file, uint32_t seconds,
                 uint32_t fraction, const uint8_t *data, uint32_t captured,
                 uint32_t length)
{
    if (file->format == CAPTURE_PCAPNG) {
        add_pcapng(file, seconds * 1000000ull + fraction, data, captured,
                   length);
        return;
    }
    put32(file, seconds);
    put32(file, fraction);
    put32(file, captured);
    put32(file, length);
    put(file, data, captured);
}

void capture_write(struct capture_file *file)
{
    int descriptor;

    strcpy(file->path, P_tmpdir "/tepal-capture-XXXXXX");
    descriptor = mkstemp(file->path);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, file->bytes, file->used),
                     (ssize_t)file->used);
    close(descriptor);
}

void capture_end(struct capture_file *file)
{
    if (file->path[0] != '\0')
        unlink(file->path);
    free(file->bytes);
    file->bytes = NULL;
}
