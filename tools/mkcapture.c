/* SPDX-License-Identifier: MIT */
/*
 * mkcapture.c - write a capture of made-up frames: Ethernet, IPv4, UDP, of
 * mixed sizes, the same file for the same seed. For the demo on a machine
 * where no real capture is to be had, and for tests.
 *
 * Lengths follow the mix that network testers call IMIX (seven short frames,
 * four middle ones, one full one), with one in eight drawn evenly instead, so
 * that every length from 60 to 1514 bytes occurs. Headers and checksums are
 * right; payloads are random.
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_MIN 60
#define FRAME_MAX 1514
#define ETHERNET_BYTES 14
#define IP_BYTES 20
#define UDP_BYTES 8
#define FRAMES_MAX 10000000
#define MICROSECONDS_APART 10

static const char help[] =
    "usage: mkcapture FILE [FRAMES [SEED [LENGTH]]]\n"
    "Write a capture of FRAMES made-up Ethernet frames (default 10000);\n"
    "the same SEED (default 1) gives the same file. All are LENGTH bytes long,\n"
    "60 to 1514; without it they are of mixed sizes.\n";

/* xorshift64*: deterministic on every machine, unlike rand(). */
static uint64_t draw(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1du >> 16;
}

static uint32_t draw_length(uint64_t *state)
{
    static const uint16_t mix[] = {60,  60,  60,  60,  60,  60,
                                   60,  590, 590, 590, 590, FRAME_MAX};

    if (draw(state) % 8 == 0)
        return FRAME_MIN + (uint32_t)(draw(state) % (FRAME_MAX - FRAME_MIN + 1));
    return mix[draw(state) % (sizeof(mix) / sizeof(mix[0]))];
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* Source: RFC 1071. @sum: what was added up before. */
static uint32_t add_up(const uint8_t *bytes, uint32_t count, uint32_t sum)
{
    uint32_t i;

    for (i = 0; i + 1 < count; i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    if (count % 2)
        sum += (uint32_t)bytes[count - 1] << 8;
    return sum;
}

static uint32_t fold(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

/* Source: RFC 791, 3.1. Addresses are of 198.18.0.0/15, for tests (RFC 2544). */
static void put_ip(uint8_t *ip, uint32_t bytes, uint64_t *state)
{
    memset(ip, 0, IP_BYTES);
    ip[0] = 0x45;
    put16(ip + 2, bytes);
    put16(ip + 4, (uint32_t)draw(state));
    ip[8] = 64;
    ip[9] = 17;
    put16(ip + 12, 198u << 8 | 18);
    put16(ip + 14, (uint32_t)draw(state));
    put16(ip + 16, 198u << 8 | 19);
    put16(ip + 18, (uint32_t)draw(state));
    put16(ip + 10, fold(add_up(ip, IP_BYTES, 0)));
}

/* Source: RFC 768. The payload is there already. */
static void put_udp(uint8_t *udp, uint32_t bytes, const uint8_t *ip,
                    uint64_t *state)
{
    uint32_t sum;

    put16(udp, 1024 + (uint32_t)(draw(state) % 64512));
    put16(udp + 2, 1024 + (uint32_t)(draw(state) % 64512));
    put16(udp + 4, bytes);
    put16(udp + 6, 0);
    sum = fold(add_up(udp, bytes, add_up(ip + 12, 8, 17 + bytes)));
    put16(udp + 6, sum ? sum : 0xffff);
}

/* @length: 0 = one of the mix. Returns the frame's length. */
static uint32_t make_frame(uint8_t *frame, uint64_t *state, uint32_t length)
{
    uint32_t i;
    uint8_t *ip = frame + ETHERNET_BYTES;
    uint8_t *udp = ip + IP_BYTES;

    if (length == 0)
        length = draw_length(state);
    for (i = 0; i < length; i++)
        frame[i] = (uint8_t)draw(state);
    frame[0] = 0x02; /* locally administered, one receiver */
    frame[6] = 0x02;
    put16(frame + 12, 0x0800);
    put_ip(ip, length - ETHERNET_BYTES, state);
    put_udp(udp, length - ETHERNET_BYTES - IP_BYTES, ip, state);
    return length;
}

/* What is asked for. */
struct order {
    uint64_t frames, seed, length;
};

static void write_frames(pcap_dumper_t *dumper, const struct order *order)
{
    uint64_t state = order->seed * 2 + 1; /* never 0 */
    uint8_t frame[FRAME_MAX];
    struct pcap_pkthdr header = {0};
    uint32_t i;

    for (i = 0; i < order->frames; i++) {
        uint64_t time = (uint64_t)i * MICROSECONDS_APART;

        header.caplen = header.len = 
            make_frame(frame, &state, (uint32_t)order->length);
        header.ts.tv_sec = (time_t)(1000000000 + time / 1000000);
        header.ts.tv_usec = (suseconds_t)(time % 1000000);
        pcap_dump((u_char *)dumper, &header, frame);
    }
}

static bool read_number(const char *text, uint64_t *number, uint64_t most)
{
    char *end;

    errno = 0;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno && *number <= most;
}

static int fail(const char *why)
{
    fprintf(stderr, "mkcapture: %s\n", why);
    return 1;
}

static int write_capture(const char *path, const struct order *order)
{
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);
    pcap_dumper_t *dumper = pcap ? pcap_dump_open(pcap, path) : NULL;
    bool fine;

    if (!dumper) {
        int code = fail(pcap ? pcap_geterr(pcap) : "out of memory");

        if (pcap)
            pcap_close(pcap);
        return code;
    }
    write_frames(dumper, order);
    fine = pcap_dump_flush(dumper) == 0 && !ferror(pcap_dump_file(dumper));
    pcap_dump_close(dumper);
    pcap_close(pcap);
    return fine ? 0 : fail("the capture could not be written whole");
}

int main(int argc, char **argv)
{
    struct order order = {10000, 1, 0};

    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return 0;
    }
    if (argc < 2 || argc > 5 || argv[1][0] == '-' ||
        (argc > 2 && !read_number(argv[2], &order.frames, FRAMES_MAX)) ||
        (argc > 3 && !read_number(argv[3], &order.seed, UINT64_MAX / 4)) ||
        (argc > 4 && (!read_number(argv[4], &order.length, FRAME_MAX) ||
                      order.length < FRAME_MIN))) {
        fputs(help, stderr);
        return 2;
    }
    return write_capture(argv[1], &order);
}
