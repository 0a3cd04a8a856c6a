/* SPDX-License-Identifier: MIT */
/* run.c - "tepal run": options, the run, the report. */
#include "host.h"
#include "report.h"
#include "tepal.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct run_options {
    const char *system, *json, *lib;
    const char *plugs[2 * SYSTEM_DEVICES_MAX]; /* "DEVICE=FILE" */
    bool plug_is_in[2 * SYSTEM_DEVICES_MAX];
    uint32_t plug_count;
    bool quiet;
};

/* One run in a process; too large for a stack. */
static struct running running;

static bool add_plug(struct run_options *options, const char *plug, bool in)
{
    if (!strchr(plug, '=') || options->plug_count == 2 * SYSTEM_DEVICES_MAX)
        return false;
    options->plugs[options->plug_count] = plug;
    options->plug_is_in[options->plug_count++] = in;
    return true;
}

static int read_options(struct run_options *options, int argc, char **argv)
{
    static const struct option names[] = {
        {"in", required_argument, NULL, 'i'},
        {"out", required_argument, NULL, 'o'},
        {"json", required_argument, NULL, 'j'},
        {"lib", required_argument, NULL, 'l'},
        {"quiet", no_argument, NULL, 'q'},
        {NULL, 0, NULL, 0},
    };
    int c;

    /* getopt skips the first word: the command's name. */
    while ((c = getopt_long(argc + 1, argv - 1, "", names, NULL)) != -1) {
        if (c == 'i' || c == 'o') {
            if (!add_plug(options, optarg, c == 'i'))
                return fail(EXIT_USAGE, "expected DEVICE=FILE, not '%s'",
                            optarg);
        } else if (c == 'j') {
            options->json = optarg;
        } else if (c == 'l') {
            options->lib = optarg;
        } else if (c == 'q') {
            options->quiet = true;
        } else {
            return EXIT_USAGE;
        }
    }
    if (optind != argc)
        return fail(EXIT_USAGE, "run needs the name of one system");
    options->system = argv[optind - 1];
    return EXIT_FINE;
}

static int plug_all(const struct run_options *options)
{
    uint32_t i;

    for (i = 0; i < options->plug_count; i++) {
        const char *plug = options->plugs[i];
        const char *file = strchr(plug, '=') + 1;
        bool in = options->plug_is_in[i];

        if (!running_plug(&running, plug, (size_t)(file - plug) - 1,
                          in ? file : NULL, in ? NULL : file))
            return fail(EXIT_USAGE, "the system has no device for '%s'", plug);
    }
    return EXIT_FINE;
}

static int write_json(const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    bool fine;

    if (!file)
        return fail(EXIT_RUN_FAILED, "%s: %s", path, strerror(errno));
    report_json(&running, file);
    fine = !ferror(file);
    if (file != stdout)
        fine = fclose(file) == 0 && fine;
    return fine ? EXIT_FINE
                : fail(EXIT_RUN_FAILED, "%s: %s", path, strerror(errno));
}

/* The first ends the captures, and so the system; the second the program. */
static void on_interrupt(int signal)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    uint32_t i;

    for (i = 0; i < SYSTEM_DEVICES_MAX; i++)
        wire_pcap_stop(&running.nics[i].wire);
    sigaction(signal, &action, NULL);
}

static void catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt,
                               .sa_flags = SA_RESTART};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static int report_damage(int code)
{
    uint32_t i;

    for (i = 0; i < running.plugged; i++)
        if (running.nics[i].damage)
            code = fail(EXIT_RUN_FAILED, "%s", running.nics[i].damage);
    return code;
}

static int report(const struct run_options *options, int code)
{
    int one;

    report_crashes(&running, stderr);
    code = report_damage(code);
    if (!options->quiet && !(options->json && !strcmp(options->json, "-")))
        report_text(&running, stdout);
    if (options->json) {
        one = write_json(options->json);
        code = code == EXIT_FINE ? one : code;
    }
    return code;
}

int command_run(int argc, char **argv)
{
    static const struct host_options host;
    struct run_options options = {0};
    int code = read_options(&options, argc, argv);
    const char *root;
    bool ran = false;

    if (code != EXIT_FINE)
        return code;
    root = files_root(options.lib);
    if (!host_start(&host))
        return fail(EXIT_RUN_FAILED, "cannot reserve memory: %s",
                    strerror(errno));
    code = running_read(&running, root, options.system);
    if (code != EXIT_FINE)
        return code;
    code = plug_all(&options);
    if (code == EXIT_FINE)
        code = running_start(&running, root);
    if (code == EXIT_FINE) {
        ran = true;
        catch_interrupts();
        code = running_run(&running);
    }
    running_end(&running);
    if (ran)
        code = report(&options, code);
    running_close(&running);
    return code;
}
