/* SPDX-License-Identifier: MIT */
/*
 * inject_child.c - one run of the system, in a process of its own, with faults
 * injected by a thread beside it.
 */
#include "beside.h"
#include "host.h"
#include "inject.h"
#include "tepal.h"
#include "tepal_trusted/base.h"
#include <errno.h>
#include <string.h>

#define BUDGET_TICKS 20u /* milliseconds */

static struct running running;

struct work {
    struct inject_board *board;
    uint64_t run;
};

/* For ever, from memory, so that frames never end. */
static void loop_captures(void)
{
    uint32_t i;

    for (i = 0; i < running.system.device_count; i++) {
        running.nics[i].replay.loops = 0;
        running.nics[i].replay.preload = true;
    }
}

/*
 * A limit on restarts is for real crashes; what has no policy gets one. That
 * of an application which gives up is to be begun anew.
 */
static void set_policies(struct inject_board *board)
{
    uint32_t i;

    for (i = 0; i < running.system.domain_count; i++) {
        struct system_domain *domain = &running.system.domains[i];

        board->policies_set += domain->restart.policy != RESTART_ALWAYS;
        domain->restart.policy = RESTART_ALWAYS;
        domain->restart.delay_nanoseconds = 0;
        domain->restart.limit = 0;
        if (domain->budget_ticks == 0)
            domain->budget_ticks = BUDGET_TICKS;
    }
}

static void take_names(struct inject_board *board)
{
    uint32_t i;

    text_copy(board->system, sizeof(board->system), running.system.name);
    board->domain_count = running.system.domain_count;
    for (i = 0; i < board->domain_count; i++)
        text_copy(board->names[i], sizeof(board->names[i]),
                  running.system.domains[i].name);
}

static void *inject(void *context)
{
    const struct work *work = context;
    uint32_t i;

    inject_campaign(&running, work->board, work->run);
    for (i = 0; i < SYSTEM_DEVICES_MAX; i++)
        wire_pcap_stop(&running.nics[i].wire);
    return NULL;
}

static int prepare(struct inject_board *board,
                   const struct run_options *options)
{
    static const struct host_options host;
    const char *root = files_root(options->lib);
    int code;

    if (!host_start(&host))
        return fail(EXIT_RUN_FAILED, "cannot reserve memory: %s",
                    strerror(errno));
    host_log_to(-1);
    code = running_read(&running, root, options->system);
    if (code == EXIT_FINE)
        code = options_apply(options, &running);
    if (code != EXIT_FINE)
        return code;
    loop_captures();
    set_policies(board);
    take_names(board);
    return running_start(&running, root);
}

/* How the run ended is the business of the last fault, which recovered. */
static void judge_run(struct inject_board *board, int code)
{
    char why[INJECT_WHY_MAX];

    if (running.live_rrefs) {
        text_format(why, sizeof(why), "after the end: %lu objects are left",
                    running.live_rrefs);
        inject_failed_after_all(board, why);
    }
    if (code != EXIT_FINE && board->outcome == INJECT_RECOVERED) {
        text_format(why, sizeof(why), "after the end: the run's exit code is "
                    "%u", (unsigned)code);
        inject_failed_after_all(board, why);
    }
}

int inject_child(struct inject_board *board, const struct run_options *options,
                 uint64_t run)
{
    struct work work = {board, run};
    pthread_t thread;
    int code = prepare(board, options);

    if (code != EXIT_FINE)
        return code;
    if (!beside_start(&thread, inject, &work))
        return fail(EXIT_RUN_FAILED, "no thread: %s", strerror(errno));
    code = running_run(&running);
    pthread_join(thread, NULL);
    inject_add_up(board, &running);
    running_end(&running);
    board->live_rrefs += running.live_rrefs;
    if (!board->ran)
        return fail(EXIT_RUN_FAILED, "the system forwards no frames");
    judge_run(board, code);
    return EXIT_FINE;
}
