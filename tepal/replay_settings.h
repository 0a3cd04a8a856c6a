/* SPDX-License-Identifier: MIT */
/*
 * replay_settings.h - how a capture is to be played, as options of the command
 * line say it: --pace, --speed, --max-gap, --loop, --loop-delay, --limit,
 * --duration, --on-truncated, --on-oversize, --on-backwards, --on-linktype.
 */
#pragma once
#include "replay.h"

struct replay_settings {
    struct replay_options replay;
    bool has_speed, has_gap; /* options of --pace original */
    double speed;
};

void replay_settings_begin(struct replay_settings *settings);

/* Whether @option, without its dashes, is one of these. */
bool replay_settings_knows(const char *option);

/*
 * Set @option to @value.
 * Errors: what is allowed, in words; else NULL.
 */
const char *replay_settings_set(struct replay_settings *settings,
                                const char *option, const char *value);

/*
 * All has been set: now settings->replay holds.
 * Errors: what does not go together, in words; else NULL.
 */
const char *replay_settings_end(struct replay_settings *settings);
