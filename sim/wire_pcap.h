/* SPDX-License-Identifier: MIT */
/*
 * wire_pcap.h - a wire whose frames come from a capture file and go to
 * another. Host only, on libpcap.
 */
#pragma once
#include "wire.h"
#include <stddef.h>

/* Longest Ethernet frame played, without checksum. */
#define WIRE_PCAP_FRAME_MAX 1514
/* An Ethernet header; less is no frame. */
#define WIRE_PCAP_FRAME_MIN 14
#define WIRE_PCAP_ERROR_BYTES 512

struct wire_pcap_counts {
    uint64_t packets_in, bytes_in;   /* given to the device */
    uint64_t packets_out, bytes_out; /* sent by the device */
    /* records of the capture that were not played, and why */
    uint64_t skipped_oversize;  /* longer than WIRE_PCAP_FRAME_MAX */
    uint64_t skipped_truncated; /* not captured whole */
    uint64_t skipped_short;     /* below WIRE_PCAP_FRAME_MIN */
    uint64_t errors; /* the file is damaged: the rest of it was not read */
};

struct wire_pcap_record;

struct wire_pcap {
    struct wire wire; /* first */
    struct wire_pcap_counts counts;
    void *capture;          /* the input, NULL once it has been read */
    void *writer, *dumper;  /* the output, NULL for none */
    uint8_t *store;         /* frames read ahead */
    size_t store_bytes;     /* its size */
    size_t store_used;      /* bytes of records in it */
    size_t store_next;      /* where the next frame's record is */
    uint64_t seconds;       /* time stamp of the newest frame received */
    uint32_t fraction;
    bool stopped;           /* by wire_pcap_stop(); atomic */
    char error[WIRE_PCAP_ERROR_BYTES];
};

/*
 * Plug @pcap between the capture @input (pcap or pcapng, Ethernet) and a new
 * capture @output; NULL for one that only counts.
 * Outgoing frames carry the time stamp of the frame that came in last, in the
 * resolution of the input (pcapng: nanoseconds).
 * Owns:   on success end with wire_pcap_close(); on failure nothing.
 * Errors: a line that says what is wrong, which stays in @pcap; else NULL.
 */
const char *wire_pcap_open(struct wire_pcap *pcap, const char *input,
                           const char *output);

/*
 * Finish the output file.
 * Errors: as above; a damaged input or an output that could not be written
 * whole. @pcap's counts stay readable.
 */
const char *wire_pcap_close(struct wire_pcap *pcap);

/* No more frames arrive. May be called in a signal handler. */
void wire_pcap_stop(struct wire_pcap *pcap);
