/* SPDX-License-Identifier: MIT */
/*
 * capture_reader.h - the records of a capture file, one after the other: pcap
 * and pcapng, either byte order, plain or compressed by gzip.
 */
#pragma once
#include "capture_stream.h"

#define CAPTURE_REASON_BYTES 320

/* Valid until the next one is read. */
struct capture_record {
    uint64_t nanoseconds; /* of the time stamp; seconds below 2^32 */
    const uint8_t *data;
    uint32_t captured; /* bytes at @data */
    uint32_t length;   /* on the wire */
    int link;          /* as libpcap's DLT_ */
};

struct capture_reader {
    void *capture; /* libpcap's; NULL: not open */
    struct capture_stream stream;
    bool is_micro; /* time stamps in microseconds */
    int link;      /* of a pcap, which has one for all */
    char reason[CAPTURE_REASON_BYTES];
};

enum capture_read {
    CAPTURE_RECORD,
    CAPTURE_END,
    CAPTURE_DAMAGED, /* why stands in the reader; the rest cannot be read */
};

/*
 * Read the file at @descriptor from its place on, until *@stopped.
 * Owns:   @descriptor in any case.
 * Errors: NULL, or what is wrong; then it is not open.
 */
const char *capture_open(struct capture_reader *reader, int descriptor,
                         const bool *stopped);

enum capture_read capture_next(struct capture_reader *reader,
                               struct capture_record *record);

/* Harmless when not open. */
void capture_close(struct capture_reader *reader);
