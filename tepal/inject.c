/* SPDX-License-Identifier: MIT */
/*
 * inject.c - "tepal inject": the parent, which starts one child after another
 * and looks at how each ended. A child that a signal ended, or that does
 * nothing for too long, has failed at the fault that it was at.
 */
#define _GNU_SOURCE
#include "host.h"
#include "inject_sabotage.h"
#include "json_file.h"
#include "number.h"
#include "tepal.h"
#include "tepal_trusted/base.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAULTS_A_CHILD 2000u
#define LOOK_NS 20000000u
#define HANG_LOOKS 3000u /* without a step */
#define PROGRESS_LOOKS 50u

struct campaign {
    struct run_options options;
    struct inject_sabotage sabotage;
    uint64_t faults;
    struct inject_board *board;
    int messages; /* where a child's standard error goes */
    FILE *json;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    struct sigaction action = {.sa_handler = SIG_DFL};

    interrupted = 1;
    sigaction(signal, &action, NULL);
}

static int read_sabotage(struct inject_sabotage *sabotage, char *value)
{
    char *at = strchr(value, '@');

    if (!at || !number_whole(at + 1, &sabotage->at))
        return fail(EXIT_USAGE, "inject: --sabotage is WHAT@FAULT, not '%s'",
                    value);
    *at = 0;
    sabotage->what = value;
    if (!inject_sabotage_is_known(value))
        return fail(EXIT_USAGE, "inject: --sabotage knows no '%s'", value);
    return EXIT_FINE;
}

static int read_own(struct campaign *campaign, const char *option, char *value)
{
    if (!value)
        return fail(EXIT_USAGE, "inject: a value must follow '%s'", option);
    if (strcmp(option, "--sabotage") == 0)
        return read_sabotage(&campaign->sabotage, value);
    if (!number_whole(value, &campaign->faults) || campaign->faults == 0)
        return fail(EXIT_USAGE, "inject: --faults is a number above 0, not "
                    "'%s'", value);
    return EXIT_FINE;
}

/* The value of @word if it is @option, or of the next word. */
static bool is_own(const char *option, char **words, char **value, int *used)
{
    size_t length = strlen(option);

    *used = 1;
    if (strncmp(words[0], option, length) != 0)
        return false;
    if (words[0][length] == '=') {
        *value = words[0] + length + 1;
        return true;
    }
    *value = words[1];
    *used = words[1] ? 2 : 1;
    return words[0][length] == 0;
}

/* Takes its own options out; the rest are those of run. */
static int read_words(struct campaign *campaign, int *argc, char **argv)
{
    int from, to = 0, used, code = EXIT_FINE;
    char *value;

    for (from = 0; from < *argc && code == EXIT_FINE; from += used) {
        if (is_own("--faults", argv + from, &value, &used))
            code = read_own(campaign, "--faults", value);
        else if (is_own("--sabotage", argv + from, &value, &used))
            code = read_own(campaign, "--sabotage", value);
        else
            argv[to++] = argv[from], used = 1;
    }
    argv[to] = NULL;
    *argc = to;
    return code;
}

/* What makes no sense while faults are injected. */
static int check_options(const struct run_options *options)
{
    const char *not = options->clock.virtual  ? "--clock virtual"
                      : options->clock.costs ? "--costs"
                      : options->trace       ? "--trace"
                      : options->samples     ? "--samples"
                      : options->stats       ? "--stats"
                      : options->progress    ? "--progress"
                                             : NULL;
    uint32_t i;

    for (i = 0; i < options->setting_count; i++) {
        const char *option = options->settings[i].option;

        if (strcmp(option, "kill") == 0 || strcmp(option, "loop") == 0 ||
            strcmp(option, "limit") == 0 || strcmp(option, "duration") == 0)
            return fail(EXIT_USAGE, "inject has no --%s", option);
    }
    return not ? fail(EXIT_USAGE, "inject has no %s", not) : EXIT_FINE;
}

static void show_progress(const struct inject_board *board, uint64_t start)
{
    double seconds = (double)(host_nanoseconds() - start) / 1e9;

    if (board->done)
        fprintf(stderr, "inject: %lu of %lu faults, %lu recovered, "
                "%lu degraded, %lu failed, %.0f/s\n", board->done,
                board->wanted, board->outcomes[INJECT_RECOVERED],
                board->outcomes[INJECT_DEGRADED],
                board->outcomes[INJECT_FAILED],
                (double)board->done / seconds);
}

/* A child's last words, where a signal ended it. */
static void show_messages(int file)
{
    char text[4096];
    ssize_t length = pread(file, text, sizeof(text), 0);

    if (length > 0 && write(STDERR_FILENO, text, (size_t)length) < 0)
        return;
}

/* How it ended, as of waitpid(); looks after it meanwhile. */
static int wait_for_child(struct campaign *campaign, pid_t child,
                          uint64_t start, bool *hung)
{
    uint64_t seen = 0, looks, quiet = 0;
    int status = 0;

    for (looks = 1; waitpid(child, &status, WNOHANG) == 0; looks++) {
        uint64_t steps =
            __atomic_load_n(&campaign->board->steps, __ATOMIC_ACQUIRE);

        if (interrupted)
            __atomic_store_n(&campaign->board->stop, true, __ATOMIC_RELEASE);
        quiet = steps == seen ? quiet + 1 : 0;
        seen = steps;
        if (quiet == HANG_LOOKS) {
            *hung = true;
            kill(child, SIGKILL);
        }
        if (looks % PROGRESS_LOOKS == 0 && !campaign->options.quiet)
            show_progress(campaign->board, start);
        host_sleep(LOOK_NS);
    }
    return status;
}

static void blame_child(struct campaign *campaign, int status, bool hung)
{
    struct inject_board *board = campaign->board;
    char why[INJECT_WHY_MAX];

    if (hung)
        text_format(why, sizeof(why), "a hang: nothing happened for %u "
                    "seconds", HANG_LOOKS / (1000000000u / LOOK_NS));
    else
        text_format(why, sizeof(why), "the kernel ended with %s %d",
                    WIFSIGNALED(status) ? "signal" : "exit code",
                    WIFSIGNALED(status) ? WTERMSIG(status)
                                        : WEXITSTATUS(status));
    fprintf(stderr, "inject: fault %lu, seed %lu: %s: %s\n", board->plan.fault,
            board->seed, board->what, why);
    if (board->is_at_one)
        inject_done(board, INJECT_FAILED, why);
    else
        inject_failed_after_all(board, why);
}

/* In the child: what it says is for the case that it ends badly. */
static void be_child(struct campaign *campaign)
{
    int code;

    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    dup2(campaign->messages, STDERR_FILENO);
    code = inject_child(campaign->board, &campaign->options, FAULTS_A_CHILD);
    _exit(code);
}

/* One child. False when there is no sense in another. */
static bool run_child(struct campaign *campaign, uint64_t start, int *code)
{
    struct inject_board *board = campaign->board;
    uint64_t before = board->done, failed = board->outcomes[INJECT_FAILED];
    bool hung = false;
    pid_t child;
    int status;

    board->children++;
    board->ran = false;
    if (ftruncate(campaign->messages, 0) != 0 ||
        lseek(campaign->messages, 0, SEEK_SET) != 0)
        return false;
    child = fork();
    if (child < 0) {
        *code = fail(EXIT_RUN_FAILED, "no process: %s", strerror(errno));
        return false;
    }
    if (child == 0)
        be_child(campaign);
    status = wait_for_child(campaign, child, start, &hung);
    if (WIFSIGNALED(status) ||
        (WEXITSTATUS(status) != EXIT_FINE && board->ran))
        blame_child(campaign, status, hung);
    if (board->outcomes[INJECT_FAILED] != failed || !board->ran)
        show_messages(campaign->messages);
    if (WIFEXITED(status) && WEXITSTATUS(status) != EXIT_FINE && !board->ran) {
        *code = WEXITSTATUS(status);
        return false;
    }
    if (board->done == before && !interrupted) {
        *code = fail(EXIT_RUN_FAILED, "inject: no fault could be injected");
        return false;
    }
    return board->done < board->wanted && !interrupted;
}

static int prepare(struct campaign *campaign)
{
    struct sigaction action = {.sa_handler = on_interrupt};

    campaign->board = mmap(NULL, sizeof(*campaign->board),
                           PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    campaign->messages = memfd_create("tepal-inject", MFD_CLOEXEC);
    if (campaign->board == MAP_FAILED || campaign->messages < 0)
        return fail(EXIT_RUN_FAILED, "no memory: %s", strerror(errno));
    campaign->board->wanted = campaign->faults;
    campaign->board->sabotage = campaign->sabotage;
    campaign->board->seed = campaign->options.clock.seed;
    if (json_file_open(campaign->options.json, &campaign->json) != EXIT_FINE)
        return EXIT_RUN_FAILED;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return EXIT_FINE;
}

static int report(struct campaign *campaign, double seconds)
{
    const struct inject_board *board = campaign->board;
    FILE *json = campaign->json;

    if (!campaign->options.quiet && json != stdout)
        inject_report_text(board, stdout);
    if (json) {
        inject_report_json(board, seconds, json);
        if (json_file_close(json, campaign->options.json) != EXIT_FINE)
            return EXIT_RUN_FAILED;
    }
    return board->outcomes[INJECT_FAILED] ? EXIT_RUN_FAILED : EXIT_FINE;
}

int command_inject(int argc, char **argv)
{
    static struct campaign campaign = {.faults = 1000};
    int code = read_words(&campaign, &argc, argv), one;
    uint64_t start = host_nanoseconds();

    if (code == EXIT_FINE)
        code = options_read(&campaign.options, argc, argv);
    if (code == EXIT_FINE)
        code = check_options(&campaign.options);
    if (code == EXIT_FINE)
        code = prepare(&campaign);
    if (code != EXIT_FINE)
        return code;
    while (run_child(&campaign, start, &code))
        ;
    if (campaign.board->done == 0 && code != EXIT_FINE)
        return code;
    one = report(&campaign, (double)(host_nanoseconds() - start) / 1e9);
    return code == EXIT_FINE ? one : code;
}
