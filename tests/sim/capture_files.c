/* SPDX-License-Identifier: MIT */
/* capture_files.c - writes capture files for the wire's tests. */
#include "capture_files.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

void capture_reserve(struct capture_file *file, size_t bytes)
{
    if (file->used + bytes <= file->room)
        return;
    ck_assert_uint_le(file->used + bytes, CAPTURE_BYTES_MAX);
    file->room = 2 * (file->used + bytes);
    file->bytes = realloc(file->bytes, file->room);
    ck_assert_ptr_nonnull(file->bytes);
}

static void put(struct capture_file *file, const void *data, size_t bytes)
{
    capture_reserve(file, bytes);
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

bool capture_is_nano(const struct capture_file *file)
{
    return file->format == CAPTURE_PCAP_NANO ||
           file->format == CAPTURE_PCAPNG_NANO;
}

void capture_section(struct capture_file *file)
{
    put32(file, 0x0a0d0d0a);
    put32(file, 28);
    put32(file, 0x1a2b3c4d);
    put16(file, 1);
    put16(file, 0);
    put32(file, 0xffffffff); /* length of the section: not given */
    put32(file, 0xffffffff);
    put32(file, 28);
}

void capture_interface(struct capture_file *file, uint16_t link,
                       uint32_t snaplen, uint8_t digits)
{
    const uint8_t resolution[4] = {digits};
    uint32_t bytes = digits == 6 ? 20 : 32;

    put32(file, 1);
    put32(file, bytes);
    put16(file, link);
    put16(file, 0);
    put32(file, snaplen);
    if (digits != 6) {
        put16(file, 9); /* if_tsresol */
        put16(file, 1);
        put(file, resolution, sizeof(resolution));
        put32(file, 0); /* end of options */
    }
    put32(file, bytes);
}

void capture_begin(struct capture_file *file, enum capture_format format,
                   bool big_endian, uint16_t link)
{
    memset(file, 0, sizeof(*file));
    file->format = format;
    file->big_endian = big_endian;
    capture_reserve(file, 4096);
    if (format == CAPTURE_PCAP_MICRO || format == CAPTURE_PCAP_NANO) {
        begin_pcap(file, link);
        return;
    }
    capture_section(file);
    capture_interface(file, link, 65535,
                      format == CAPTURE_PCAPNG_NANO ? 9 : 6);
}

static void add_pcapng(struct capture_file *file, uint64_t time,
                       const uint8_t *data, uint32_t captured, uint32_t length)
{
    static const uint8_t zeros[4];
    uint32_t padding = (4 - captured % 4) % 4;
    uint32_t bytes = 32 + captured + padding;

    put32(file, 6); /* enhanced packet */
    put32(file, bytes);
    put32(file, file->interface);
    put32(file, (uint32_t)(time >> 32));
    put32(file, (uint32_t)time);
    put32(file, captured);
    put32(file, length);
    put(file, data, captured);
    put(file, zeros, padding);
    put32(file, bytes);
}

void capture_add_simple(struct capture_file *file, const uint8_t *data,
                        uint32_t captured, uint32_t length)
{
    static const uint8_t zeros[4];
    uint32_t padding = (4 - captured % 4) % 4;
    uint32_t bytes = 16 + captured + padding;

    put32(file, 3);
    put32(file, bytes);
    put32(file, length);
    put(file, data, captured);
    put(file, zeros, padding);
    put32(file, bytes);
}

void capture_add(struct capture_file *file, uint32_t seconds,
                 uint32_t fraction, const uint8_t *data, uint32_t captured,
                 uint32_t length)
{
    uint64_t units = capture_is_nano(file) ? 1000000000 : 1000000;

    if (file->format == CAPTURE_PCAPNG ||
        file->format == CAPTURE_PCAPNG_NANO) {
        add_pcapng(file, seconds * units + fraction, data, captured, length);
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

void capture_compress(struct capture_file *file)
{
    z_stream stream = {0};
    size_t room = file->used + file->used / 8 + 1024;
    uint8_t *packed = malloc(room);

    ck_assert_ptr_nonnull(packed);
    ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8,
                                  Z_DEFAULT_STRATEGY),
                     Z_OK);
    stream.next_in = file->bytes;
    stream.avail_in = (uInt)file->used;
    stream.next_out = packed;
    stream.avail_out = (uInt)room;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    file->used = stream.total_out;
    free(file->bytes);
    file->bytes = packed;
    file->room = room;
}

void capture_end(struct capture_file *file)
{
    if (file->path[0] != '\0')
        unlink(file->path);
    free(file->bytes);
    file->bytes = NULL;
}
