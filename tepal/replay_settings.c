/* SPDX-License-Identifier: MIT */
/* replay_settings.c - how a capture is to be played, from options. */
#include "replay_settings.h"
#include "number.h"
#include <stddef.h>
#include <string.h>

void replay_settings_begin(struct replay_settings *settings)
{
    memset(settings, 0, sizeof(*settings));
    replay_defaults(&settings->replay);
    settings->speed = 1;
}

/* "1000pps": the number before @unit. */
static bool read_rate(const char *text, const char *unit, double *rate)
{
    char digits[64];
    size_t length = strlen(text), tail = strlen(unit);

    if (length <= tail || length - tail >= sizeof(digits) ||
        strcmp(text + length - tail, unit) != 0)
        return false;
    memcpy(digits, text, length - tail);
    digits[length - tail] = 0;
    return number_real(digits, rate);
}

static bool set_pace(struct replay_settings *settings, const char *value)
{
    struct replay_options *replay = &settings->replay;

    if (strcmp(value, "top") == 0)
        replay->pace = REPLAY_TOP;
    else if (strcmp(value, "original") == 0)
        replay->pace = REPLAY_ORIGINAL;
    else if (read_rate(value, "pps", &replay->rate))
        replay->pace = REPLAY_PPS;
    else if (read_rate(value, "mbps", &replay->rate))
        replay->pace = REPLAY_MBPS;
    else
        return false;
    return true;
}

static bool set_speed(struct replay_settings *settings, const char *value)
{
    settings->has_speed = true;
    return number_real(value, &settings->speed);
}

static bool set_max_gap(struct replay_settings *settings, const char *value)
{
    settings->has_gap = true;
    return number_seconds(value, &settings->replay.gap_max_ns) &&
           settings->replay.gap_max_ns > 0;
}

static bool set_loop(struct replay_settings *settings, const char *value)
{
    return number_whole(value, &settings->replay.loops);
}

static bool set_loop_delay(struct replay_settings *settings, const char *value)
{
    return number_seconds(value, &settings->replay.loop_delay_ns);
}

static bool set_limit(struct replay_settings *settings, const char *value)
{
    return number_whole(value, &settings->replay.limit) &&
           settings->replay.limit > 0;
}

static bool set_duration(struct replay_settings *settings, const char *value)
{
    return number_seconds(value, &settings->replay.duration_ns) &&
           settings->replay.duration_ns > 0;
}

static bool read_policy(enum replay_policy *policy, const char *value)
{
    if (strcmp(value, "skip") == 0)
        *policy = REPLAY_SKIP;
    else if (strcmp(value, "play") == 0)
        *policy = REPLAY_PLAY;
    else if (strcmp(value, "stop") == 0)
        *policy = REPLAY_STOP;
    else
        return false;
    return true;
}

static bool set_truncated(struct replay_settings *settings, const char *value)
{
    return read_policy(&settings->replay.truncated, value);
}

static bool set_oversize(struct replay_settings *settings, const char *value)
{
    return read_policy(&settings->replay.oversize, value);
}

static bool set_backwards(struct replay_settings *settings, const char *value)
{
    return read_policy(&settings->replay.backwards, value);
}

static bool set_link_type(struct replay_settings *settings, const char *value)
{
    return read_policy(&settings->replay.link_type, value);
}

static const char seconds[] = "seconds above 0, such as 2.5";
static const char policy[] = "skip, play or stop";

static const struct {
    const char *option;
    bool (*set)(struct replay_settings *settings, const char *value);
    const char *allowed;
} table[] = {
    {"pace", set_pace,
     "top, original, or a rate such as 1000pps or 250mbps"},
    {"speed", set_speed, "a number such as 2 or 0.5"},
    {"max-gap", set_max_gap, seconds},
    {"loop", set_loop, "a whole number, 0 for ever"},
    {"loop-delay", set_loop_delay, "seconds, such as 2.5"},
    {"limit", set_limit, "a whole number above 0"},
    {"duration", set_duration, seconds},
    {"on-truncated", set_truncated, policy},
    {"on-oversize", set_oversize, policy},
    {"on-backwards", set_backwards, policy},
    {"on-linktype", set_link_type, policy},
};
#define OPTIONS (sizeof(table) / sizeof(table[0]))

static size_t find(const char *option)
{
    size_t i;

    for (i = 0; i < OPTIONS; i++)
        if (strcmp(table[i].option, option) == 0)
            break;
    return i;
}

bool replay_settings_knows(const char *option)
{
    return find(option) < OPTIONS;
}

const char *replay_settings_set(struct replay_settings *settings,
                                const char *option, const char *value)
{
    size_t i = find(option);

    if (i == OPTIONS)
        return "no such option";
    return table[i].set(settings, value) ? NULL : table[i].allowed;
}

const char *replay_settings_end(struct replay_settings *settings)
{
    struct replay_options *replay = &settings->replay;

    if (replay->pace != REPLAY_ORIGINAL && settings->has_speed)
        return "--speed goes with --pace original only";
    if (replay->pace != REPLAY_ORIGINAL && settings->has_gap)
        return "--max-gap goes with --pace original only";
    if (replay->pace == REPLAY_ORIGINAL)
        replay->rate = settings->speed;
    return replay_check(replay);
}
