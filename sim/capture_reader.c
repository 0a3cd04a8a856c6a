/* SPDX-License-Identifier: MIT */
/*
 * capture_reader.c - libpcap on a stream of ours. libpcap bounds each record;
 * what it does not look at (time stamps) is bounded here.
 */
#include "capture_reader.h"
#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>

#define SECOND 1000000000u
#define LINKTYPE_RAW 101

const char *capture_open(struct capture_reader *reader, int descriptor,
                         const bool *stopped)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    pcap_t *capture;
    FILE *file;

    reader->capture = NULL;
    reader->reason[0] = '\0';
    file = capture_stream_open(&reader->stream, descriptor, stopped);
    if (!file)
        return strerror(errno);
    reader->is_micro = !reader->stream.is_pcapng && !reader->stream.is_nano;
    capture = pcap_fopen_offline_with_tstamp_precision(
        file, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (!capture) {
        if (!capture_stream_error(&reader->stream, reader->reason,
                                  sizeof(reader->reason)))
            snprintf(reader->reason, sizeof(reader->reason), "%s", reason);
        fclose(file);
        return reader->reason;
    }
    reader->capture = capture;
    reader->link = pcap_datalink(capture);
    return NULL;
}

void capture_close(struct capture_reader *reader)
{
    if (reader->capture)
        pcap_close(reader->capture);
    reader->capture = NULL;
}

/*
 * libpcap keeps the 32 bits of a pcap's seconds as signed. Its fraction can be
 * anything in a damaged file, and so can the seconds of a pcapng.
 */
static uint64_t nanoseconds_of(const struct timeval *stamp, bool is_pcapng)
{
    uint64_t seconds = is_pcapng ? (uint64_t)stamp->tv_sec
                                 : (uint32_t)stamp->tv_sec;
    uint64_t fraction = (uint64_t)stamp->tv_usec;

    if (seconds > UINT32_MAX)
        seconds = UINT32_MAX;
    if (fraction >= SECOND)
        fraction = SECOND - 1;
    return seconds * SECOND + fraction;
}

static void look_up_packet(const struct capture_blocks *blocks,
                           struct capture_record *record)
{
    record->link = blocks->packet_link == LINKTYPE_RAW ? DLT_RAW
                                                       : blocks->packet_link;
    if (blocks->packet_length > record->length)
        record->length = blocks->packet_length;
}

static enum capture_read damaged(struct capture_reader *reader, int got)
{
    if (capture_stream_error(&reader->stream, reader->reason,
                             sizeof(reader->reason)))
        return CAPTURE_DAMAGED;
    if (got == PCAP_ERROR_BREAK) /* the end of a sound file */
        return CAPTURE_END;
    snprintf(reader->reason, sizeof(reader->reason), "%s",
             pcap_geterr(reader->capture));
    return CAPTURE_DAMAGED;
}

enum capture_read capture_next(struct capture_reader *reader,
                               struct capture_record *record)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    int got = pcap_next_ex(reader->capture, &header, &data);

    if (got != 1)
        return damaged(reader, got);
    record->nanoseconds =
        nanoseconds_of(&header->ts, reader->stream.is_pcapng);
    record->data = data;
    record->captured = header->caplen;
    record->length = header->len;
    record->link = reader->link;
    if (reader->stream.is_pcapng)
        look_up_packet(&reader->stream.blocks, record);
    return CAPTURE_RECORD;
}
