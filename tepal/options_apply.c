/* SPDX-License-Identifier: MIT */
/*
 * options_apply.c - the command line of "tepal run", applied to the system
 * whose manifest has been read.
 */
#include "options.h"
#include "devices.h"
#include "fault_setting.h"
#include "replay_settings.h"
#include "tepal.h"
#include <string.h>

static bool is_option(const struct option_setting *setting, const char *option)
{
    return strcmp(setting->option, option) == 0;
}

static int refuse(const struct option_setting *setting, const char *why)
{
    return fail(EXIT_USAGE, "--%s %s: %s", setting->option, setting->text,
                why);
}

static bool is_named(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && strncmp(name, text, length) == 0;
}

static bool is_device(const struct running *running, const char *text,
                      size_t length)
{
    uint32_t i;

    for (i = 0; i < running->system.device_count; i++)
        if (is_named(running->system.devices[i].name, text, length))
            return true;
    return false;
}

/* Those for all devices first, so that the order of words says nothing. */
static void set_replay(const struct run_options *options, const char *device,
                       struct replay_settings *settings)
{
    uint32_t i, own;

    for (own = 0; own < 2; own++)
        for (i = 0; i < options->setting_count; i++) {
            const struct option_setting *setting = &options->settings[i];
            size_t length;
            const char *value = option_value(setting, &length);

            if (!replay_settings_knows(setting->option) ||
                (own ? !length || !is_named(device, setting->text, length)
                     : length))
                continue;
            replay_settings_set(settings, setting->option, value);
        }
}

static int apply_replay(const struct run_options *options,
                        struct running_nic *nic, const char *device)
{
    struct replay_settings settings;
    const char *wrong;

    replay_settings_begin(&settings);
    settings.replay.preload = options->preload;
    set_replay(options, device, &settings);
    wrong = replay_settings_end(&settings);
    if (wrong)
        return fail(EXIT_USAGE, "run: device %s: %s", device, wrong);
    nic->replay = settings.replay;
    nic->drop_when_full = options->drop_when_full;
    return EXIT_FINE;
}

static const char *set_fault(struct running *running, const char *device,
                             size_t length, const char *fault)
{
    uint32_t i;

    for (i = 0; i < running->system.device_count; i++)
        if (is_named(running->system.devices[i].name, device, length))
            return devices_is_recorder(running, i)
                       ? "only an 82599 has faults"
                       : fault_setting_read(fault, running->nics[i].faults);
    return "the system has no such device";
}

/* What one option says of one device or domain. */
static int apply_setting(const struct option_setting *setting,
                         struct running *running)
{
    size_t length;
    const char *value = option_value(setting, &length), *why = NULL;

    if (is_option(setting, "in") || is_option(setting, "out"))
        why = running_plug(running, setting->text, length, value,
                           is_option(setting, "in"));
    else if (is_option(setting, "fault"))
        why = set_fault(running, setting->text, length, value);
    else if (is_option(setting, "data"))
        why = running_set_data(running, setting->text, length, value);
    else if (is_option(setting, "args"))
        why = running_set_arguments(running, setting->text, length, value);
    else if (is_option(setting, "kill"))
        why = running_set_kill(running, setting->text, length, value);
    else if (length && !is_device(running, setting->text, length))
        why = "the system has no such device";
    return why ? refuse(setting, why) : EXIT_FINE;
}

/* A setting that names a file which is read or written. */
static const char *file_of(const struct option_setting *setting)
{
    size_t length;

    if (!is_option(setting, "in") && !is_option(setting, "out") &&
        !is_option(setting, "data"))
        return NULL;
    return option_value(setting, &length);
}

/* Whether @path is a file that something but setting @except names. */
static bool is_taken(const struct run_options *options, const char *path,
                     uint32_t except)
{
    uint32_t i;

    for (i = 0; i < options->setting_count; i++) {
        const char *other = file_of(&options->settings[i]);

        if (other && i != except && files_are_one(path, other))
            return true;
    }
    return options->clock.costs && files_are_one(path, options->clock.costs);
}

/* What is written must be nothing else that was named. */
static int check_outputs(const struct run_options *options)
{
    uint32_t i;

    for (i = 0; i < options->setting_count; i++) {
        const char *path = file_of(&options->settings[i]);

        if (is_option(&options->settings[i], "out") &&
            is_taken(options, path, i))
            return fail(EXIT_USAGE, "%s: would be overwritten", path);
    }
    if (options->json && is_taken(options, options->json, UINT32_MAX))
        return fail(EXIT_USAGE, "%s: would be overwritten", options->json);
    if (options->samples && is_taken(options, options->samples, UINT32_MAX))
        return fail(EXIT_USAGE, "%s: would be overwritten", options->samples);
    if (options->trace &&
        (is_taken(options, options->trace, UINT32_MAX) ||
         (options->json && files_are_one(options->trace, options->json))))
        return fail(EXIT_USAGE, "%s: would be overwritten", options->trace);
    return EXIT_FINE;
}

int options_apply(const struct run_options *options, struct running *running)
{
    int code = EXIT_FINE;
    uint32_t i;

    for (i = 0; code == EXIT_FINE && i < options->setting_count; i++)
        code = apply_setting(&options->settings[i], running);
    for (i = 0; code == EXIT_FINE && i < running->system.device_count; i++)
        code = apply_replay(options, &running->nics[i],
                            running->system.devices[i].name);
    running->samples_path = options->samples;
    return code == EXIT_FINE ? check_outputs(options) : code;
}
