/* SPDX-License-Identifier: MIT */
/* run.c - "tepal run": the run and the report. */
#include "ctl_server.h"
#include "deaths.h"
#include "experiment.h"
#include "host.h"
#include "json_file.h"
#include "monitor.h"
#include "options.h"
#include "report.h"
#include "status.h"
#include "tepal.h"
#include "trace_file.h"
#include <errno.h>
#include <signal.h>
#include <string.h>

/* One run in a process; too large for a stack. */
static struct running running;

/* Nothing is left behind; ends as the signal does by itself. */
static void on_second_interrupt(int signal)
{
    struct sigaction action = {.sa_handler = SIG_DFL};

    status_publish_end();
    ctl_remove();
    sigaction(signal, &action, NULL);
    raise(signal);
}

/* The first ends the captures, and so the system; the second the program. */
static void on_interrupt(int signal)
{
    struct sigaction action = {.sa_handler = on_second_interrupt,
                               .sa_flags = SA_ONSTACK};
    int error = errno;
    uint32_t i;

    for (i = 0; i < SYSTEM_DEVICES_MAX; i++)
        wire_pcap_stop(&running.nics[i].wire);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    (void)signal;
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

    deaths_take(&running, "");
    code = report_damage(code);
    if (!options->quiet && json != stdout)
        report_text(&running, stdout);
    if (options->stats && json != stdout)
        report_stats(&running, stdout);
    if (json) {
        report_json(&running, json);
        one = json_file_close(json, options->json);
        code = code == EXIT_FINE ? one : code;
    }
    return code;
}

/* Without a status or a monitor it runs as well. */
static int watch_and_run(bool progress)
{
    int code;

    catch_interrupts();
    if (!status_publish_begin())
        fail(EXIT_FINE, "tepal top cannot show this run: %s", strerror(errno));
    if (!experiment_begin(&running))
        return fail(EXIT_RUN_FAILED, "%s: %s", running.samples_path,
                    strerror(errno));
    if (!running.clock.virtual && !ctl_begin(&running))
        fail(EXIT_FINE, "tepal ctl cannot reach this run: %s",
             strerror(errno));
    monitor_start(&running, progress);
    code = running_run(&running);
    ctl_end();
    monitor_stop();
    status_publish_end();
    return experiment_end() ? code
                            : fail(EXIT_RUN_FAILED, "%s: %s",
                                   running.samples_path, strerror(errno));
}

/* Both files are open before it; the trace ends with it. */
static int run(const struct run_options *options, FILE **json, bool *ran)
{
    int code = json_file_open(options->json, json), one;

    if (code == EXIT_FINE && options->trace)
        code = trace_file_open(&running, options->trace);
    if (code != EXIT_FINE)
        return code;
    *ran = true;
    code = watch_and_run(options->progress);
    one = trace_file_close();
    return code == EXIT_FINE ? one : code;
}

int command_run(int argc, char **argv)
{
    static const struct host_options host;
    struct run_options options = {0};
    int code = options_read(&options, argc, argv);
    const char *root;
    FILE *json = NULL;
    bool ran = false;

    if (code != EXIT_FINE)
        return code;
    root = files_root(options.lib);
    if (!host_start(&host))
        return fail(EXIT_RUN_FAILED, "cannot reserve memory: %s",
                    strerror(errno));
    running.clock = options.clock;
    code = running_read(&running, root, options.system);
    if (code == EXIT_FINE)
        code = options_apply(&options, &running);
    if (code == EXIT_FINE && options.trace)
        code = trace_file_begin(options.clock.virtual);
    if (code == EXIT_FINE)
        code = running_start(&running, root);
    if (code == EXIT_FINE)
        code = run(&options, &json, &ran);
    running_end(&running);
    if (ran)
        code = report(&options, json, code);
    running_close(&running);
    return code;
}
