/* SPDX-License-Identifier: MIT */
/* options.c - the command line of "tepal run", read. */
#include "options.h"
#include "fault_setting.h"
#include "number.h"
#include "replay_settings.h"
#include "tepal.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* How an option is kept. */
enum kind {
    SYSTEM_WIDE = 1, /* each in a member of its own */
    OF_A_DEVICE,     /* NAME=FILE */
    OF_A_DOMAIN,     /* NAME=FILE or NAME=TEXT */
    OF_A_MODEL, /* NAME=FAULT */
    OF_ANY_DEVICE, /* VALUE for all devices, or NAME=VALUE */
};

static const struct option names[] = {
    {"json", required_argument, NULL, SYSTEM_WIDE},
    {"trace", required_argument, NULL, SYSTEM_WIDE},
    {"lib", required_argument, NULL, SYSTEM_WIDE},
    {"clock", required_argument, NULL, SYSTEM_WIDE},
    {"seed", required_argument, NULL, SYSTEM_WIDE},
    {"costs", required_argument, NULL, SYSTEM_WIDE},
    {"quiet", no_argument, NULL, SYSTEM_WIDE},
    {"stats", no_argument, NULL, SYSTEM_WIDE},
    {"progress", no_argument, NULL, SYSTEM_WIDE},
    {"preload", no_argument, NULL, SYSTEM_WIDE},
    {"drop-when-full", no_argument, NULL, SYSTEM_WIDE},
    {"in", required_argument, NULL, OF_A_DEVICE},
    {"out", required_argument, NULL, OF_A_DEVICE},
    {"fault", required_argument, NULL, OF_A_MODEL},
    {"samples", required_argument, NULL, SYSTEM_WIDE},
    {"data", required_argument, NULL, OF_A_DOMAIN},
    {"kill", required_argument, NULL, OF_A_DOMAIN},
    {"args", required_argument, NULL, OF_A_DOMAIN},
    {"pace", required_argument, NULL, OF_ANY_DEVICE},
    {"speed", required_argument, NULL, OF_ANY_DEVICE},
    {"max-gap", required_argument, NULL, OF_ANY_DEVICE},
    {"loop", required_argument, NULL, OF_ANY_DEVICE},
    {"loop-delay", required_argument, NULL, OF_ANY_DEVICE},
    {"limit", required_argument, NULL, OF_ANY_DEVICE},
    {"duration", required_argument, NULL, OF_ANY_DEVICE},
    {"on-truncated", required_argument, NULL, OF_ANY_DEVICE},
    {"on-oversize", required_argument, NULL, OF_ANY_DEVICE},
    {"on-backwards", required_argument, NULL, OF_ANY_DEVICE},
    {"on-linktype", required_argument, NULL, OF_ANY_DEVICE},
    {NULL, 0, NULL, 0},
};

static int refuse_value(const char *option, const char *value,
                        const char *allowed)
{
    return fail(EXIT_USAGE, "run: --%s is %s, not '%s'", option, allowed,
                value);
}

static int read_clock(struct run_options *options, const char *value)
{
    options->clock.virtual = strcmp(value, "virtual") == 0;
    if (!options->clock.virtual && strcmp(value, "real") != 0)
        return refuse_value("clock", value, "real or virtual");
    return EXIT_FINE;
}

static int read_seed(struct run_options *options, const char *value)
{
    char *end;

    if (number_whole(value, &options->clock.seed))
        return EXIT_FINE;
    errno = 0;
    options->clock.seed = strtoull(value, &end, 16);
    if (strncmp(value, "0x", 2) != 0 || !value[2] || *end || errno)
        return refuse_value("seed", value, "a number");
    return EXIT_FINE;
}

/* Standard output has the report. */
static int read_trace(struct run_options *options, const char *value)
{
    options->trace = value;
    if (!*value || strcmp(value, "-") == 0)
        return refuse_value("trace", value, "a file");
    return EXIT_FINE;
}

static int read_system_wide(struct run_options *options, const char *option,
                            const char *value)
{
    if (strcmp(option, "json") == 0)
        options->json = value;
    else if (strcmp(option, "trace") == 0)
        return read_trace(options, value);
    else if (strcmp(option, "lib") == 0)
        options->lib = value;
    else if (strcmp(option, "samples") == 0)
        options->samples = value;
    else if (strcmp(option, "costs") == 0)
        options->clock.costs = value;
    else if (strcmp(option, "quiet") == 0)
        options->quiet = true;
    else if (strcmp(option, "stats") == 0)
        options->stats = true;
    else if (strcmp(option, "progress") == 0)
        options->progress = true;
    else if (strcmp(option, "preload") == 0)
        options->preload = true;
    else if (strcmp(option, "drop-when-full") == 0)
        options->drop_when_full = true;
    else if (strcmp(option, "clock") == 0)
        return read_clock(options, value);
    else
        return read_seed(options, value);
    return EXIT_FINE;
}

const char *option_value(const struct option_setting *setting, size_t *length)
{
    const char *equals = strchr(setting->text, '=');

    *length = equals ? (size_t)(equals - setting->text) : 0;
    return equals ? equals + 1 : setting->text;
}

static int check_fault(const struct option_setting *setting)
{
    struct running_fault scratch[NIC82599_FAULTS];
    size_t length;
    const char *value = option_value(setting, &length), *allowed;

    allowed = fault_setting_read(value, scratch);
    if (length && !allowed)
        return EXIT_FINE;
    return fail(EXIT_USAGE, "--%s: expected DEVICE=%s, not '%s'",
                setting->option, allowed ? allowed : "FAULT", setting->text);
}

static int check_setting(const struct option_setting *setting, enum kind kind)
{
    struct replay_settings scratch;
    size_t length;
    const char *value = option_value(setting, &length), *allowed;

    if (kind == OF_A_DOMAIN && !length)
        return fail(EXIT_USAGE, "--%s: expected DOMAIN=%s, not '%s'",
                    setting->option,
                    strcmp(setting->option, "data") == 0   ? "FILE"
                    : strcmp(setting->option, "kill") == 0 ? "SECONDS"
                                                           : "TEXT",
                    setting->text);
    if (kind == OF_A_DEVICE && (!length || !*value))
        return fail(EXIT_USAGE, "--%s: expected DEVICE=FILE, not '%s'",
                    setting->option, setting->text);
    if (kind == OF_A_MODEL)
        return check_fault(setting);
    if (kind != OF_ANY_DEVICE)
        return EXIT_FINE;
    replay_settings_begin(&scratch);
    allowed = replay_settings_set(&scratch, setting->option, value);
    return allowed ? refuse_value(setting->option, value, allowed) : EXIT_FINE;
}

static int add_setting(struct run_options *options, const char *option,
                       const char *text, enum kind kind)
{
    struct option_setting *setting = &options->settings[options->setting_count];

    if (options->setting_count == OPTIONS_SETTINGS_MAX)
        return fail(EXIT_USAGE, "run: too many options: '--%s %s'", option,
                    text);
    setting->option = option;
    setting->text = text;
    options->setting_count++;
    return check_setting(setting, kind);
}

static int read_option(struct run_options *options, int kind,
                       const char *option)
{
    if (kind == SYSTEM_WIDE)
        return read_system_wide(options, option, optarg);
    return add_setting(options, option, optarg, (enum kind)kind);
}

int options_read(struct run_options *options, int argc, char **argv)
{
    int kind, which = 0, code;

    /* getopt skips the first word: the command's name. */
    opterr = 0;
    while ((kind = getopt_long(argc + 1, argv - 1, ":", names, &which)) != -1) {
        if (kind == ':' || kind == '?')
            return fail(EXIT_USAGE, "run: %s '%s'",
                        kind == ':' ? "a value must follow" : "unknown option",
                        argv[optind - 2]);
        code = read_option(options, kind, names[which].name);
        if (code != EXIT_FINE)
            return code;
    }
    if (optind != argc)
        return fail(EXIT_USAGE, "run needs the name of one system");
    options->system = argv[optind - 1];
    return EXIT_FINE;
}
