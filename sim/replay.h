/* SPDX-License-Identifier: MIT */
/*
 * replay.h - how a capture is played: how fast, how often, and what becomes of
 * records that are not whole Ethernet frames. docs/REPLAY.md is for users.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum replay_pace {
    REPLAY_TOP,      /* as fast as the device takes frames */
    REPLAY_ORIGINAL, /* as far apart as they were captured */
    REPLAY_PPS,      /* so many frames a second, evenly */
    REPLAY_MBPS,     /* so many megabits of frames a second */
};

/* What becomes of a record that is no plain frame. */
enum replay_policy {
    REPLAY_SKIP, /* it is left out and counted */
    REPLAY_PLAY, /* what can be played of it is */
    REPLAY_STOP, /* the run ends there, with an error */
};

struct replay_options {
    enum replay_pace pace;
    /*
     * REPLAY_PPS: frames a second. REPLAY_MBPS: 10^6 bits a second, of frames
     * only: no preamble, checksum or gap between them. REPLAY_ORIGINAL: how
     * many times faster than captured. Not looked at in REPLAY_TOP.
     */
    double rate;
    uint64_t gap_max_ns;    /* no longer pause in REPLAY_ORIGINAL; 0: any */
    uint64_t loops;         /* how often the capture is played; 0: for ever */
    uint64_t loop_delay_ns; /* from one loop to the next */
    uint64_t limit;         /* frames given to the device; 0: any number */
    uint64_t duration_ns;   /* from the first call on; 0: any time */
    bool preload;           /* the whole capture in memory before the start */
    enum replay_policy truncated; /* play: as much as was captured */
    enum replay_policy oversize;  /* play: its first 1514 bytes */
    enum replay_policy backwards; /* play: at once */
    enum replay_policy link_type; /* play: raw IP behind an Ethernet header */
};

/*
 * Once, as fast as possible; truncated and oversize records are left out,
 * backward time stamps played, other link types refused.
 */
void replay_defaults(struct replay_options *options);

/*
 * NULL, or what is wrong with @options: a rate that is no number or out of
 * range (10^-6 to 10^9 frames a second, 10^6 Mbit/s or times), or a duration
 * or delay beyond 100 years.
 */
const char *replay_check(const struct replay_options *options);

/*
 * When each frame is due, counted from the start: what is rounded or late once
 * does not add up. Fill in with replay_pacer_begin().
 */
struct replay_pacer {
    enum replay_pace pace;
    bool is_begun;          /* a frame of this loop came by */
    uint64_t newest;        /* time stamp of this loop */
    uint64_t hold;          /* REPLAY_TOP: nothing before */
    unsigned __int128 step; /* of a frame, a byte or a captured nanosecond */
    unsigned __int128 gap_max;
    unsigned __int128 position; /* all three in 2^-40 ns */
};

/* Needs: options that replay_check() found good. */
void replay_pacer_begin(struct replay_pacer *pacer,
                        const struct replay_options *options);

/*
 * When the next frame, captured at @stamp, is due: nanoseconds from the start.
 * Call once for each frame.
 */
uint64_t replay_pacer_due(struct replay_pacer *pacer, uint64_t stamp);

/* That frame was played and had @bytes. */
void replay_pacer_played(struct replay_pacer *pacer, uint32_t bytes);

/*
 * The next frame is the first of another loop, @delay after the end of this
 * one; @now counts from the start.
 */
void replay_pacer_loop(struct replay_pacer *pacer, uint64_t now,
                       uint64_t delay);
