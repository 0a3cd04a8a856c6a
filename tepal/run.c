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
    bool quiet, stats;
};

/* One run in a process; too large for a stack. */
static struct running running;

static const char *path_of(const char *plug)
{
    return strchr(plug, '=') + 1;
}

static int add_plug(struct run_options *options, const char *plug, bool in)
{
    if (!strchr(plug, '=') || !*path_of(plug))
        return fail(EXIT_USAGE, "expected DEVICE=FILE, not '%s'", plug);
    if (options->plug_count == 2 * SYSTEM_DEVICES_MAX)
        return fail(EXIT_USAGE, "too many captures: '%s'", plug);
    options->plugs[options->plug_count] = plug;
    options->plug_is_in[options->plug_count++] = in;
    return EXIT_FINE;
}

/* What getopt_long() refused: @word. */
static int refuse_option(int c, const char *word)
{
    return fail(EXIT_USAGE, "run: %s '%s'",
                c == ':' ? "a value must follow" : "unknown option", word);
}

static int read_options(struct run_options *options, int argc, char **argv)
{
    static const struct option names[] = {
        {"in", required_argument, NULL, 'i'},
        {"out", required_argument, NULL, 'o'},
        {"json", required_argument, NULL, 'j'},
        {"lib", required_argument, NULL, 'l'},
        {"quiet", no_argument, NULL, 'q'},
        {"stats", no_argument, NULL, 's'},
        {NULL, 0, NULL, 0},
    };
    int c;

    /* getopt skips the first word: the command's name. */
    opterr = 0;
    while ((c = getopt_long(argc + 1, argv - 1, ":", names, NULL)) != -1) {
        if (c == 'i' || c == 'o') {
            if (add_plug(options, optarg, c == 'i') != EXIT_FINE)
                return EXIT_USAGE;
        } else if (c == 'j') {
            options->json = optarg;
        } else if (c == 'l') {
            options->lib = optarg;
        } else if (c == 'q') {
            options->quiet = true;
        } else if (c == 's') {
            options->stats = true;
        } else {
            return refuse_option(c, argv[optind - 2]);
        }
    }
    if (optind != argc)
        return fail(EXIT_USAGE, "run needs the name of one system");
    options->system = argv[optind - 1];
    return EXIT_FINE;
}

/* Whether @path names a capture other than number @except. */
static bool is_taken(const struct run_options *options, const char *path,
                     uint32_t except)
{
    uint32_t i;

    for (i = 0; i < options->plug_count; i++)
        if (i != except && files_are_one(path, path_of(options->plugs[i])))
            return true;
    return false;
}

/* What is written must be nothing else that was named. */
static int check_outputs(const struct run_options *options)
{
    uint32_t i;

    for (i = 0; i < options->plug_count; i++) {
        const char *path = path_of(options->plugs[i]);

        if (!options->plug_is_in[i] && is_taken(options, path, i))
            return fail(EXIT_USAGE, "%s: would be overwritten", path);
    }
    if (options->json && is_taken(options, options->json, UINT32_MAX))
        return fail(EXIT_USAGE, "%s: would be overwritten", options->json);
    return EXIT_FINE;
}

static int plug_all(const struct run_options *options)
{
    uint32_t i;

    for (i = 0; i < options->plug_count; i++) {
        const char *plug = options->plugs[i];
        const char *path = path_of(plug);
        bool in = options->plug_is_in[i];
        const char *why = running_plug(
            &running, plug, (size_t)(path - plug) - 1, path, in);

        if (why)
            return fail(EXIT_USAGE, "--%s %s: %s", in ? "in" : "out", plug,
                        why);
    }
    return check_outputs(options);
}

static bool json_is_stdout(const struct run_options *options)
{
    return options->json && strcmp(options->json, "-") == 0;
}

/* Before the run, so that a long one is not for nothing. */
static int open_json(const struct run_options *options, FILE **file)
{
    if (!options->json)
        return EXIT_FINE;
    *file = json_is_stdout(options) ? stdout : fopen(options->json, "w");
    return *file ? EXIT_FINE
                 : fail(EXIT_RUN_FAILED, "%s: %s", options->json,
                        strerror(errno));
}

static int write_json(const struct run_options *options, FILE *file)
{
    bool fine;

    report_json(&running, file);
    if (file == stdout)
        return EXIT_FINE; /* main() looks after it */
    fine = !ferror(file);
    fine = fclose(file) == 0 && fine;
    return fine ? EXIT_FINE
                : fail(EXIT_RUN_FAILED, "%s: %s", options->json,
                       strerror(errno));
}

/* The first ends the captures, and so the system; the second the program. */
static void on_interrupt(int signal)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    int error = errno;
    uint32_t i;

    for (i = 0; i < SYSTEM_DEVICES_MAX; i++)
        wire_pcap_stop(&running.nics[i].wire);
    sigaction(signal, &action, NULL);
    errno = error;
}

static void catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt,
                               .sa_flags = SA_RESTART | SA_ONSTACK};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static int report_damage(int code)
{
    uint32_t i;

    for (i = 0; i < running.plugged; i++)
        if (running.nics[i].damage)
            code = fail(EXIT_RUN_FAILED, "%s: %s",
                        running.system.devices[i].name,
                        running.nics[i].damage);
    return code;
}

static int report(const struct run_options *options, FILE *json, int code)
{
    int one;

    report_crashes(&running, stderr);
    code = report_damage(code);
    if (!options->quiet && !json_is_stdout(options))
        report_text(&running, stdout);
    if (options->stats && !json_is_stdout(options))
        report_stats(&running, stdout);
    if (json) {
        one = write_json(options, json);
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
    FILE *json = NULL;
    bool ran = false;

    if (code != EXIT_FINE)
        return code;
    root = files_root(options.lib);
    if (!host_start(&host))
        return fail(EXIT_RUN_FAILED, "cannot reserve memory: %s",
                    strerror(errno));
    code = running_read(&running, root, options.system);
    if (code == EXIT_FINE)
        code = plug_all(&options);
    if (code == EXIT_FINE)
        code = running_start(&running, root);
    if (code == EXIT_FINE)
        code = open_json(&options, &json);
    if (code == EXIT_FINE) {
        ran = true;
        catch_interrupts();
        code = running_run(&running);
    }
    running_end(&running);
    if (ran)
        code = report(&options, json, code);
    running_close(&running);
    return code;
}
