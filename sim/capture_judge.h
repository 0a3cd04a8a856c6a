/* SPDX-License-Identifier: MIT */
/* capture_judge.h - which records of a capture become frames of a device. */
#pragma once
#include "capture_reader.h"
#include "replay.h"

struct wire_pcap_counts;

enum capture_verdict {
    CAPTURE_PLAYED,
    CAPTURE_SKIPPED,
    CAPTURE_STOPPED, /* the run is to end here */
};

/* What is played of a record. */
struct capture_frame {
    const uint8_t *data;
    uint32_t bytes;    /* at @data */
    uint32_t prefix;   /* bytes of Ethernet header to be put before them */
    uint8_t header[14];
    bool is_cut;       /* to the longest frame */
    bool is_truncated; /* by the capture */
};

#define CAPTURE_LINK_BYTES 80

/* Whether @link (DLT_) is not Ethernet, and if so, that in words. */
bool capture_link_is_other(int link, char words[CAPTURE_LINK_BYTES]);

/*
 * Judge @record by the policies in @options, and count it.
 * @newest is the latest time stamp of a frame so far, and moves on.
 * Owns:   @frame points into @record.
 * Errors: when stopped, @why says why.
 */
enum capture_verdict capture_judge(const struct replay_options *options,
                                   const struct capture_record *record,
                                   uint64_t *newest,
                                   struct wire_pcap_counts *counts,
                                   struct capture_frame *frame, char *why,
                                   size_t why_bytes);
