/* SPDX-License-Identifier: MIT */
/*
 * replay.c - when frames are due. Rates become steps of 2^-40 ns when a replay
 * begins; from there on all is exact sums. The largest step, 2^20 ns for each
 * of 2^62 captured nanoseconds, fits in 128 bits.
 */
#include "replay.h"
#include <string.h>

#define FRACTION_BITS 40
#define SECOND 1000000000.0
#define RATE_MIN 1e-6
#define TIME_MAX ((uint64_t)3155760000 * 1000000000) /* 100 years */
#define GAP_MAX ((uint64_t)1 << 62)
#define POSITION_MAX ((unsigned __int128)UINT64_MAX << FRACTION_BITS)

void replay_defaults(struct replay_options *options)
{
    memset(options, 0, sizeof(*options));
    options->pace = REPLAY_TOP;
    options->rate = 1;
    options->loops = 1;
    options->truncated = REPLAY_SKIP;
    options->oversize = REPLAY_SKIP;
    options->backwards = REPLAY_PLAY;
    options->link_type = REPLAY_STOP;
}

static double rate_max(enum replay_pace pace)
{
    return pace == REPLAY_PPS ? 1e9 : 1e6;
}

const char *replay_check(const struct replay_options *options)
{
    /* Written so that a rate that is no number fails. */
    if (options->pace != REPLAY_TOP &&
        !(options->rate >= RATE_MIN &&
          options->rate <= rate_max(options->pace)))
        return options->pace == REPLAY_PPS
                   ? "the rate must be 0.000001 to 1000000000"
                   : "the rate must be 0.000001 to 1000000";
    if (options->gap_max_ns > TIME_MAX || options->loop_delay_ns > TIME_MAX ||
        options->duration_ns > TIME_MAX)
        return "no time may be longer than 100 years";
    return NULL;
}

/* In nanoseconds. */
static double step_of(const struct replay_options *options)
{
    switch (options->pace) {
    case REPLAY_PPS:
        return SECOND / options->rate;
    case REPLAY_MBPS:
        return 8 * 1000 / options->rate;
    case REPLAY_ORIGINAL:
        return 1 / options->rate;
    case REPLAY_TOP:
    default:
        return 0;
    }
}

void replay_pacer_begin(struct replay_pacer *pacer,
                        const struct replay_options *options)
{
    double step = step_of(options) * (double)((uint64_t)1 << FRACTION_BITS);

    memset(pacer, 0, sizeof(*pacer));
    pacer->pace = options->pace;
    pacer->step = (unsigned __int128)(step + 0.5);
    pacer->gap_max = (unsigned __int128)options->gap_max_ns << FRACTION_BITS;
}

static void advance(struct replay_pacer *pacer, unsigned __int128 by)
{
    pacer->position += by;
    if (pacer->position > POSITION_MAX)
        pacer->position = POSITION_MAX;
}

/* A stamp before the newest one stands still: its frame is due at once. */
static void follow_stamps(struct replay_pacer *pacer, uint64_t stamp)
{
    unsigned __int128 gap;
    uint64_t captured;

    if (!pacer->is_begun)
        pacer->newest = stamp;
    pacer->is_begun = true;
    if (stamp <= pacer->newest)
        return;
    captured = stamp - pacer->newest;
    pacer->newest = stamp;
    gap = pacer->step * (captured < GAP_MAX ? captured : GAP_MAX);
    if (pacer->gap_max > 0 && gap > pacer->gap_max)
        gap = pacer->gap_max;
    advance(pacer, gap);
}

uint64_t replay_pacer_due(struct replay_pacer *pacer, uint64_t stamp)
{
    if (pacer->pace == REPLAY_TOP)
        return pacer->hold;
    if (pacer->pace == REPLAY_ORIGINAL)
        follow_stamps(pacer, stamp);
    return (uint64_t)(pacer->position >> FRACTION_BITS);
}

void replay_pacer_played(struct replay_pacer *pacer, uint32_t bytes)
{
    if (pacer->pace == REPLAY_PPS)
        advance(pacer, pacer->step);
    else if (pacer->pace == REPLAY_MBPS)
        advance(pacer, pacer->step * bytes);
}

void replay_pacer_loop(struct replay_pacer *pacer, uint64_t now,
                       uint64_t delay)
{
    pacer->is_begun = false;
    if (delay > 0)
        pacer->hold = now + delay;
    advance(pacer, (unsigned __int128)delay << FRACTION_BITS);
}
