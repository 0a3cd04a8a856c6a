/* SPDX-License-Identifier: MIT */
/*
 * wire_pcap.h - a wire whose frames come from a capture file and go to
 * another. Host only, on libpcap and zlib. Nothing is shared between two of
 * them; each is used by one thread, apart from wire_pcap_stop().
 */
#pragma once
#include "capture_flows.h"
#include "capture_reader.h"
#include "capture_writer.h"
#include "histogram.h"
#include "replay.h"
#include "wire.h"
#include <stddef.h>

/* Longest Ethernet frame played, without checksum. */
#define WIRE_PCAP_FRAME_MAX 1514
/* An Ethernet header; less is no frame. */
#define WIRE_PCAP_FRAME_MIN 14
#define WIRE_PCAP_ERROR_BYTES 512
/* Frames in memory: read ahead, or of a whole capture that was preloaded. */
#define WIRE_PCAP_STORE_BYTES ((size_t)64 << 20)
#define WIRE_PCAP_PRELOAD_BYTES ((size_t)1 << 30)

struct wire_pcap_counts {
    uint64_t packets_in, bytes_in;   /* given to the device, in all loops */
    uint64_t packets_out, bytes_out; /* sent by the device */

    /*
     * What was read of the capture, counted in the first loop. Reading runs
     * ahead of playing, and ends at the limit of frames: so packets_in is
     * playable times loops_done when nothing else ended the run.
     */
    uint64_t records;  /* playable or skipped */
    uint64_t playable; /* frames for the device */
    /* records that are not played, by the first reason that applies */
    uint64_t skipped_linktype;  /* not Ethernet */
    uint64_t skipped_oversize;  /* longer than WIRE_PCAP_FRAME_MAX */
    uint64_t skipped_truncated; /* not captured whole */
    uint64_t skipped_short;     /* below WIRE_PCAP_FRAME_MIN */
    uint64_t skipped_backwards; /* earlier than a frame before */
    /* of the playable */
    uint64_t played_truncated; /* as far as captured */
    uint64_t played_oversize;  /* cut to WIRE_PCAP_FRAME_MAX */
    uint64_t runts;            /* below 60 bytes */
    uint64_t flows;            /* different ones, see capture_flows.h */
    uint64_t flows_overflow;   /* frames of more flows than can be counted */
    /* of the records */
    uint64_t backwards; /* earlier than a frame before, played or not */

    uint64_t loops_done; /* played to their end */
    uint64_t errors; /* the file is damaged: the rest of it was not read */
    /*
     * By clock_nanoseconds(), when the first and the newest frame were given
     * to the device; without pacing, duration and loop delay the newest one is
     * known to 64 frames.
     */
    uint64_t first_ns, last_ns;
};

struct wire_pcap_record;

struct wire_pcap {
    struct wire wire; /* first */
    struct wire_pcap_counts counts;
    /* In a paced replay: nanoseconds from when a frame was due until it was
     * taken. */
    struct histogram lateness;

    /* The rest is the wire's own. */
    struct replay_options options;
    struct capture_reader reader;
    struct capture_writer writer;
    struct capture_flows flows;
    const char *name;    /* of the input, for messages */
    int input;           /* descriptor to read again from; -1 for none */
    uint64_t start;      /* of the replay, by clock_nanoseconds() */
    uint64_t to_read;    /* frames until the limit */
    uint64_t to_play;
    uint64_t newest;     /* time stamp read */
    bool is_started, is_timed, is_done;
    bool is_whole;       /* the store holds all of the capture */
    bool is_failed;      /* reading ended early */
    bool is_refused;     /* because of a record's policy */
    /* frames read ahead */
    uint8_t *store;
    size_t store_bytes, store_limit;
    size_t store_used;   /* bytes of records in it */
    size_t store_next;   /* where the next frame's record is */
    /* of the next frame */
    uint64_t due;
    bool is_due_known;
    struct replay_pacer pacer;
    /* of this loop */
    uint64_t loop_frames, loop_first, loop_newest;
    uint64_t shift;      /* of time stamps in this loop */
    uint64_t stamp;      /* of the newest frame received, shifted; atomic */
    const uint64_t *stamp_sent; /* of outgoing frames: that, or another's */
    bool stopped;        /* by wire_pcap_stop(); atomic */
    char error[WIRE_PCAP_ERROR_BYTES];
};

/*
 * Plug @pcap between the capture @input (pcap or pcapng, perhaps compressed by
 * gzip) and a new capture @output. NULL as input: nothing ever arrives; NULL as
 * output: what is sent is only counted.
 * Outgoing frames carry the time stamp of the frame that came in last (0 before
 * the first one), in the resolution of the input (pcapng: nanoseconds). With
 * each loop time stamps go on where those of the loop before ended, after the
 * loop delay.
 * Needs:  @pcap and @input stay where they are until it is closed.
 * Owns:   on success end with wire_pcap_close(); on failure nothing.
 * Errors: a line that says what is wrong, which stays in @pcap; else NULL.
 */
const char *wire_pcap_open(struct wire_pcap *pcap, const char *input,
                           const char *output,
                           const struct replay_options *options);

/*
 * The same for the file at @descriptor, called @name, with at most @store_bytes
 * of frames in memory. One that cannot be read twice (a pipe) can be played in
 * loops only if it fits.
 * Owns:   @descriptor in any case.
 */
const char *wire_pcap_open_descriptor(struct wire_pcap *pcap, int descriptor,
                                      const char *name, size_t store_bytes,
                                      const char *output,
                                      const struct replay_options *options);

/*
 * Give outgoing frames the time stamps that @other's have, of which they are
 * copies. The two may be used by different threads.
 * Needs: both are open, and @other stays where it is until @pcap is closed.
 */
void wire_pcap_stamp_like(struct wire_pcap *pcap,
                          const struct wire_pcap *other);

/*
 * Finish the output file.
 * Errors: as above; a damaged input, a record that was to stop the run or an
 * output that could not be written whole. @pcap's counts stay readable.
 */
const char *wire_pcap_close(struct wire_pcap *pcap);

/* No more frames arrive. May be called in a signal handler. */
void wire_pcap_stop(struct wire_pcap *pcap);
