/* SPDX-License-Identifier: MIT */
/*
 * play.c - captures for the test of the whole program.
 *
 * "play make FILE FRAMES FLOWS": frames of every kind, as a capture.
 * "play model IN OUT SEED ADDRESS... [CHANGE...]": what the slow model makes of
 * IN, with a cache of 65536 flows. CHANGE is FRAMES-INDEX or FRAMES+ADDRESS:
 * after so many frames that backend goes, or this one comes. An address is
 * twelve digits.
 * Frames of less than 14 bytes, more than 1514, or cut short are left out.
 */
#include "frames.h"
#include "slow_model.h"
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what)
{
    fprintf(stderr, "play: %s\n", what);
    exit(1);
}

static pcap_t *written; /* one capture in a run */

static pcap_dumper_t *open_capture(const char *path)
{
    pcap_dumper_t *dumper;

    written = pcap_open_dead(DLT_EN10MB, 65535);
    dumper = pcap_dump_open(written, path);
    if (!dumper)
        fail(path);
    return dumper;
}

static void close_capture(pcap_dumper_t *dumper)
{
    pcap_dump_close(dumper);
    pcap_close(written);
}

static void put(pcap_dumper_t *dumper, const uint8_t *data, uint32_t length,
                uint32_t number)
{
    struct pcap_pkthdr header = {
        .ts = {.tv_sec = 1000000000 + number / 1000000,
               .tv_usec = number % 1000000},
        .caplen = length,
        .len = length,
    };

    pcap_dump((u_char *)dumper, &header, data);
}

static int make(char **argv)
{
    pcap_dumper_t *dumper = open_capture(argv[2]);
    uint32_t frames = (uint32_t)strtoul(argv[3], NULL, 10);
    uint32_t flows = (uint32_t)strtoul(argv[4], NULL, 10), i = 0;
    struct dice dice = {42};
    struct frame frame;

    while (i < frames) {
        frame_any(&frame, flows, &dice);
        if (frame.length >= 14 && frame.length <= 1514)
            put(dumper, frame.data, frame.length, i++);
    }
    close_capture(dumper);
    return 0;
}

/* The changes that are due when @seen frames have been. */
static char **change(struct slow *slow, char **changes, uint64_t seen)
{
    char *sign;

    for (; *changes && strtoull(*changes, &sign, 10) <= seen; changes++) {
        if (*sign == '-')
            slow_remove(slow, atoi(sign + 1));
        else if (*sign == '+')
            slow_add(slow, strtoull(sign + 1, NULL, 16));
        else
            fail(*changes);
    }
    return changes;
}

static void put_mac(uint8_t *at, uint64_t mac)
{
    for (int i = 0; i < 6; i++)
        at[i] = (uint8_t)(mac >> (40 - 8 * i));
}

static void play(struct slow *slow, pcap_t *in, pcap_dumper_t *out,
                 char **changes)
{
    struct pcap_pkthdr *header;
    struct slow_verdict verdict;
    uint8_t frame[FRAME_ROOM];
    const u_char *data;
    uint32_t seen = 0;

    while (pcap_next_ex(in, &header, &data) == 1) {
        if (header->len < 14 || header->len > 1514 ||
            header->caplen < header->len)
            continue;
        changes = change(slow, changes, seen);
        memcpy(frame, data, header->len);
        verdict = slow_frame(slow, frame, header->len);
        if (verdict.backend != SLOW_NOBODY)
            put_mac(frame, slow->mac[verdict.backend]);
        put(out, frame, header->len, seen++);
    }
}

static int model(char **argv)
{
    uint64_t seed = strtoull(argv[4], NULL, 10);
    struct slow *slow = slow_new(seed, ~seed, 16384, 4);
    char error[PCAP_ERRBUF_SIZE], **rest = argv + 5;
    pcap_t *in = pcap_open_offline(argv[2], error);
    pcap_dumper_t *out = open_capture(argv[3]);

    if (!in)
        fail(error);
    for (; *rest && strlen(*rest) == 12; rest++)
        slow_add(slow, strtoull(*rest, NULL, 16));
    play(slow, in, out, rest);
    printf("%lu flows, %lu hits, %lu misses, %lu evictions\n",
           (unsigned long)slow->count, (unsigned long)slow->hits,
           (unsigned long)slow->misses, (unsigned long)slow->evictions);
    close_capture(out);
    pcap_close(in);
    slow_free(slow);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "make") == 0)
        return make(argv);
    if (argc > 5 && strcmp(argv[1], "model") == 0)
        return model(argv);
    fail("usage: play make|model ...");
}
