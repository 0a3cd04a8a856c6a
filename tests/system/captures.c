/* SPDX-License-Identifier: MIT */
/*
 * captures.c - write a capture of a given kind, for the tests of the whole
 * program: "captures KIND FILE [FRAMES]", or "captures --list".
 *
 * Files are written byte by byte, in either byte order, so that nothing here
 * shares code with what reads them. Frames are Ethernet with the experimental
 * type 0x88b5; their bytes are drawn from the frame's number, so that no two
 * are alike and the same number is the same frame in every kind.
 * Source: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ETHERNET 1
#define RAW_IP 101
#define LENGTH_MAX 9018
#define SNAPLEN 65535
#define FRAMES_MAX 10000000

enum format { PCAP_MICRO, PCAP_NANO, PCAPNG };

/* Which frames a capture is made of. */
struct frames {
    uint32_t count;
    uint32_t shortest, longest; /* lengths follow each other, round and round */
    uint32_t odd_each;          /* every so many frames an odd one; 0 never */
    uint32_t odd_length;
    uint32_t odd_captured; /* how much of it is there; 0 leaves it out */
};

struct kind {
    const char *name;
    enum format format;
    bool big_endian;
    uint16_t link;
    uint32_t cut; /* bytes missing at the end */
    struct frames frames;
};

/* Odd frames stand between whole ones; "-without" is the same without them. */
static const struct kind kinds[] = {
    {"micro", PCAP_MICRO, false, ETHERNET, 0, {100, 60, 1514, 0, 0, 0}},
    {"nano", PCAP_NANO, false, ETHERNET, 0, {100, 60, 1514, 0, 0, 0}},
    {"micro-big", PCAP_MICRO, true, ETHERNET, 0, {100, 60, 1514, 0, 0, 0}},
    {"nano-big", PCAP_NANO, true, ETHERNET, 0, {100, 60, 1514, 0, 0, 0}},
    {"pcapng", PCAPNG, false, ETHERNET, 0, {100, 60, 1514, 0, 0, 0}},
    {"pcapng-big", PCAPNG, true, ETHERNET, 0, {100, 60, 1514, 0, 0, 0}},
    {"one", PCAP_MICRO, false, ETHERNET, 0, {1, 60, 60, 0, 0, 0}},
    {"empty", PCAP_MICRO, false, ETHERNET, 0, {0, 60, 60, 0, 0, 0}},
    {"lengths", PCAP_MICRO, false, ETHERNET, 0, {1501, 14, 1514, 0, 0, 0}},
    {"longest", PCAP_MICRO, false, ETHERNET, 0, {500, 1514, 1514, 0, 0, 0}},
    {"shortest", PCAP_MICRO, false, ETHERNET, 0, {500, 14, 14, 0, 0, 0}},
    {"oversize", PCAP_NANO, false, ETHERNET, 0, {100, 60, 1514, 5, 1515, 1515}},
    {"jumbo", PCAPNG, false, ETHERNET, 0, {100, 60, 1514, 3, 9018, 9018}},
    {"snapped", PCAP_MICRO, false, ETHERNET, 0, {100, 60, 1514, 4, 1000, 96}},
    {"snapped-without",
     PCAP_MICRO,
     false,
     ETHERNET,
     0,
     {100, 60, 1514, 4, 1000, 0}},
    {"runts", PCAP_MICRO, false, ETHERNET, 0, {100, 60, 1514, 4, 13, 13}},
    {"runts-without",
     PCAP_MICRO,
     false,
     ETHERNET,
     0,
     {100, 60, 1514, 4, 13, 0}},
    /* Not to be played, or not to the end. */
    {"raw-ip", PCAP_MICRO, false, RAW_IP, 0, {10, 60, 60, 0, 0, 0}},
    {"raw-ip-pcapng", PCAPNG, false, RAW_IP, 0, {10, 60, 60, 0, 0, 0}},
    {"truncated", PCAP_MICRO, false, ETHERNET, 30, {10, 60, 60, 0, 0, 0}},
    {"truncated-header",
     PCAP_MICRO,
     false,
     ETHERNET,
     70,
     {10, 60, 60, 0, 0, 0}},
    {"truncated-pcapng", PCAPNG, false, ETHERNET, 30, {10, 60, 60, 0, 0, 0}},
    {"half-header", PCAP_MICRO, false, ETHERNET, 14, {0, 60, 60, 0, 0, 0}},
    {"nothing", PCAP_MICRO, false, ETHERNET, 24, {0, 60, 60, 0, 0, 0}},
    /* As many as asked for. */
    {"many", PCAP_MICRO, false, ETHERNET, 0, {10000, 60, 124, 0, 0, 0}},
};

struct writer {
    FILE *file;
    bool big_endian;
};

static void put16(const struct writer *w, uint32_t value)
{
    fputc((int)(w->big_endian ? value >> 8 : value) & 0xff, w->file);
    fputc((int)(w->big_endian ? value : value >> 8) & 0xff, w->file);
}

static void put32(const struct writer *w, uint32_t value)
{
    put16(w, w->big_endian ? value >> 16 : value);
    put16(w, w->big_endian ? value : value >> 16);
}

static void put_pcap_header(const struct writer *w, const struct kind *kind)
{
    put32(w, kind->format == PCAP_NANO ? 0xa1b23c4d : 0xa1b2c3d4);
    put16(w, 2);
    put16(w, 4);
    put32(w, 0);
    put32(w, 0);
    put32(w, SNAPLEN);
    put32(w, kind->link);
}

/* A section header block and an interface description block. */
static void put_pcapng_header(const struct writer *w, const struct kind *kind)
{
    put32(w, 0x0a0d0d0a);
    put32(w, 28);
    put32(w, 0x1a2b3c4d);
    put16(w, 1);
    put16(w, 0);
    put32(w, UINT32_MAX); /* the section's length: not told */
    put32(w, UINT32_MAX);
    put32(w, 28);

    put32(w, 1);
    put32(w, 20);
    put16(w, kind->link);
    put16(w, 0);
    put32(w, SNAPLEN);
    put32(w, 20);
}

/* Microseconds, or nanoseconds in PCAP_NANO: as many as @number. */
static void put_pcap_record(const struct writer *w, const uint8_t *frame,
                            uint32_t number, uint32_t captured, uint32_t length)
{
    put32(w, 1000000000);
    put32(w, number % 1000000);
    put32(w, captured);
    put32(w, length);
    fwrite(frame, 1, captured, w->file);
}

/* An enhanced packet block. */
static void put_pcapng_record(const struct writer *w, const uint8_t *frame,
                              uint32_t number, uint32_t captured,
                              uint32_t length)
{
    uint32_t padding = -captured & 3;

    put32(w, 6);
    put32(w, 32 + captured + padding);
    put32(w, 0);
    put32(w, 0x38d7e); /* about 2001, in microseconds */
    put32(w, number);
    put32(w, captured);
    put32(w, length);
    fwrite(frame, 1, captured, w->file);
    fwrite("\0\0", 1, padding, w->file);
    put32(w, 32 + captured + padding);
}

static void make_frame(uint8_t *frame, uint32_t number, uint32_t length)
{
    uint64_t state = number * 2 + 1; /* xorshift64: never 0 */
    uint32_t i;

    for (i = 0; i < length; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        frame[i] = (uint8_t)(state >> 32);
    }
    frame[0] = 0x02; /* locally administered, one receiver */
    frame[6] = 0x02;
    frame[12] = 0x88;
    frame[13] = 0xb5;
}

static void put_record(const struct writer *w, const struct kind *kind,
                       uint32_t number)
{
    const struct frames *f = &kind->frames;
    bool odd = f->odd_each && number % f->odd_each == f->odd_each - 1;
    uint32_t length = f->shortest + number % (f->longest - f->shortest + 1);
    uint32_t captured = length;
    static uint8_t frame[LENGTH_MAX];

    if (odd) {
        length = f->odd_length;
        captured = f->odd_captured;
    }
    if (captured == 0)
        return;
    make_frame(frame, number, length);
    if (kind->format == PCAPNG)
        put_pcapng_record(w, frame, number, captured, length);
    else
        put_pcap_record(w, frame, number, captured, length);
}

static bool cut_end(const char *path, uint32_t bytes)
{
    FILE *file = fopen(path, "rb");
    static char kept[0x10000];
    size_t size;

    if (!file)
        return false;
    size = fread(kept, 1, sizeof(kept), file);
    fclose(file);
    file = fopen(path, "wb");
    if (!file)
        return false;
    fwrite(kept, 1, size > bytes ? size - bytes : 0, file);
    return fclose(file) == 0;
}

static bool write_kind(const struct kind *kind, const char *path,
                       uint32_t count)
{
    struct writer w = {fopen(path, "wb"), kind->big_endian};
    uint32_t i;
    bool fine;

    if (!w.file)
        return false;
    if (kind->format == PCAPNG)
        put_pcapng_header(&w, kind);
    else
        put_pcap_header(&w, kind);
    for (i = 0; i < count; i++)
        put_record(&w, kind, i);
    fine = !ferror(w.file);
    fine = fclose(w.file) == 0 && fine;
    return fine && (!kind->cut || cut_end(path, kind->cut));
}

static const struct kind *find_kind(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static int list(void)
{
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        puts(kinds[i].name);
    return 0;
}

int main(int argc, char **argv)
{
    const struct kind *kind = argc > 2 ? find_kind(argv[1]) : NULL;
    unsigned long count;

    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return list();
    count = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    if (!kind || argc > 4 || count > FRAMES_MAX) {
        fputs("usage: captures KIND FILE [FRAMES] | captures --list\n", stderr);
        return 2;
    }
    if (!write_kind(kind, argv[2],
                    count ? (uint32_t)count : kind->frames.count)) {
        fprintf(stderr, "captures: %s: %s\n", argv[2], strerror(errno));
        return 1;
    }
    return 0;
}
