/* SPDX-License-Identifier: MIT */
/* top.c - "tepal top": what running systems do, each second. */
#define _GNU_SOURCE
#include "number.h"
#include "status_text.h"
#include "tepal.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PERIOD_MS 1000
#define RUNS_SHOWN_MAX 16

struct top {
    bool all, once;
    bool in_place; /* standard output is a terminal */
    bool has_keys; /* standard input is one */
    struct termios keys; /* as they were */
    pid_t pid; /* the one to show, 0 for the only one */
    int folder;
    uint32_t count;
    struct shown {
        pid_t pid;
        bool is_new, is_there;
        struct status now, before;
    } runs[RUNS_SHOWN_MAX];
};

/* One in a process. */
static struct top top;
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static void catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* Keys come one by one and are not shown. */
static void take_keys(void)
{
    struct termios raw;

    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &top.keys) != 0)
        return;
    raw = top.keys;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    top.has_keys = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void give_keys_back(void)
{
    if (top.has_keys)
        tcsetattr(STDIN_FILENO, TCSANOW, &top.keys);
}

/* Until the next table; false when it is to end. */
static bool wait_for_next(void)
{
    struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};
    char key = 0;

    if (poll(&keys, top.has_keys, PERIOD_MS) > 0 &&
        read(STDIN_FILENO, &key, 1) != 1)
        return false; /* the terminal is gone */
    return !interrupted && key != 'q' && key != 'Q';
}

static bool is_wanted(pid_t pid)
{
    return top.all || !top.pid || pid == top.pid;
}

static struct shown *find(pid_t pid)
{
    uint32_t i;

    for (i = 0; i < top.count; i++)
        if (top.runs[i].pid == pid)
            return &top.runs[i];
    if (top.count == RUNS_SHOWN_MAX)
        return NULL;
    memset(&top.runs[top.count], 0, sizeof(top.runs[top.count]));
    top.runs[top.count].pid = pid;
    top.runs[top.count].is_new = true;
    return &top.runs[top.count++];
}

static void forget_the_gone(void)
{
    uint32_t i = 0;

    while (i < top.count) {
        if (top.runs[i].is_there)
            i++;
        else
            top.runs[i] = top.runs[--top.count];
    }
}

/* The newest status of each run; one that is new is shown from its start. */
static void look(void)
{
    static pid_t pids[STATUS_RUNS_MAX];
    uint32_t count = status_runs(top.folder, pids), i;

    for (i = 0; i < top.count; i++)
        top.runs[i].is_there = false;
    for (i = 0; i < count; i++) {
        struct shown *run = is_wanted(pids[i]) ? find(pids[i]) : NULL;

        if (!run)
            continue;
        if (!run->is_new)
            run->before = run->now;
        run->is_there = status_read(top.folder, pids[i], &run->now);
        run->is_new = false;
    }
    forget_the_gone();
}

static void show(void)
{
    const char *end = top.in_place ? "\033[K" : "";
    uint32_t i;

    if (top.in_place)
        fputs("\033[H", stdout);
    for (i = 0; i < top.count; i++) {
        const struct shown *run = &top.runs[i];

        printf("%stepal %ld: %s, %.1f s, %lu live objects%s\n",
               i ? "\n" : "", (long)run->pid, run->now.system,
               (double)run->now.nanoseconds / 1e9, run->now.objects, end);
        status_table(&run->now, &run->before, end, stdout);
    }
    if (top.in_place)
        fputs("\033[J", stdout);
    else if (!top.once)
        putchar('\n');
    fflush(stdout);
}

static int refuse_many(void)
{
    char pids[RUNS_SHOWN_MAX * 12] = "";
    uint32_t i;

    for (i = 0; i < top.count; i++)
        snprintf(pids + strlen(pids), sizeof(pids) - strlen(pids), " %ld",
                 (long)top.runs[i].pid);
    return fail(EXIT_USAGE, "top: say which, or --all:%s", pids);
}

static int check_runs(void)
{
    if (!top.count && top.pid)
        return fail(EXIT_RUN_FAILED, "top: process %ld runs no system",
                    (long)top.pid);
    if (!top.count)
        return fail(EXIT_RUN_FAILED, "top: no system runs");
    return top.count > 1 && !top.all ? refuse_many() : EXIT_FINE;
}

static int watch(void)
{
    int code;

    look();
    code = check_runs();
    if (code != EXIT_FINE)
        return code;
    if (!top.all)
        top.pid = top.runs[0].pid;
    if (top.once) {
        show();
        return EXIT_FINE;
    }
    catch_interrupts();
    take_keys();
    if (top.in_place)
        fputs("\033[2J", stdout);
    do {
        show();
        if (!wait_for_next())
            break;
        look();
    } while (top.count);
    give_keys_back();
    return EXIT_FINE;
}

static int read_word(const char *word)
{
    uint64_t pid;

    if (strcmp(word, "--all") == 0)
        top.all = true;
    else if (strcmp(word, "--once") == 0)
        top.once = true;
    else if (number_whole(word, &pid) && pid > 0 && pid < 1000000000 &&
             !top.pid)
        top.pid = (pid_t)pid;
    else
        return fail(EXIT_USAGE,
                    "top: expected a process id, --all or --once, not '%s'",
                    word);
    return EXIT_FINE;
}

int command_top(int argc, char **argv)
{
    const char *path;
    int i;

    for (i = 0; i < argc; i++)
        if (read_word(argv[i]) != EXIT_FINE)
            return EXIT_USAGE;
    if (top.all && top.pid)
        return fail(EXIT_USAGE, "top: a process id, or --all");
    top.in_place = !top.once && isatty(STDOUT_FILENO);
    top.folder = status_folder(&path);
    if (top.folder < 0)
        return fail(EXIT_RUN_FAILED, "%s: %s", path, strerror(errno));
    return watch();
}
