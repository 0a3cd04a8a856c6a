/* SPDX-License-Identifier: MIT */
/* ctl.c - "tepal ctl": orders to a system that runs. See ctl_server.h. */
#include "ctl_server.h"
#include "number.h"
#include "status.h"
#include "tepal.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIDS_TEXT 256

struct order {
    pid_t pid; /* 0: the only one that runs */
    const char *words[CTL_WORDS_MAX];
    uint32_t count;
    char path[PATH_MAX];
};

static int refuse_many(const pid_t *pids, uint32_t count)
{
    char text[PIDS_TEXT] = "";
    uint32_t i;

    for (i = 0; i < count && strlen(text) + 12 < sizeof(text); i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), " %ld",
                 (long)pids[i]);
    return fail(EXIT_USAGE, "ctl: say which:%s", text);
}

static int find_run(int folder, pid_t *pid)
{
    static pid_t pids[STATUS_RUNS_MAX];
    uint32_t count;

    if (*pid)
        return EXIT_FINE;
    count = status_runs(folder, pids);
    if (count > 1)
        return refuse_many(pids, count);
    if (count == 0)
        return fail(EXIT_RUN_FAILED, "ctl: no system runs");
    *pid = pids[0];
    return EXIT_FINE;
}

static int connect_to(int folder, pid_t pid, int *connection)
{
    struct sockaddr_un address = ctl_address(folder, pid);

    *connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (*connection >= 0 &&
        connect(*connection, (const struct sockaddr *)&address,
                sizeof(address)) == 0)
        return EXIT_FINE;
    if (errno == ENOENT || errno == ECONNREFUSED)
        return fail(EXIT_RUN_FAILED, "ctl: process %ld runs no system that "
                    "takes orders", (long)pid);
    return fail(EXIT_RUN_FAILED, "ctl: process %ld: %s", (long)pid,
                strerror(errno));
}

static bool send_order(int connection, const struct order *order)
{
    static char request[CTL_REQUEST_MAX];
    size_t bytes = 0, length;
    uint32_t i;

    for (i = 0; i < order->count; i++) {
        length = strlen(order->words[i]) + 1;
        if (length > sizeof(request) - bytes) {
            errno = ENAMETOOLONG;
            return false;
        }
        memcpy(request + bytes, order->words[i], length);
        bytes += length;
    }
    return send(connection, request, bytes, MSG_NOSIGNAL) == (ssize_t)bytes;
}

/* Lists go to standard output, as whatever was done; else it says why not. */
static int show(const char *answer, size_t bytes)
{
    int code = answer[0] - '0';

    if (bytes < 2 || code < EXIT_FINE || code > EXIT_REFUSED)
        return fail(EXIT_RUN_FAILED, "ctl: the run gave no answer");
    if (code != EXIT_FINE)
        return fail((enum exit_code)code, "ctl: %.*s", (int)(bytes - 2),
                    answer + 1);
    fwrite(answer + 1, 1, bytes - 1, stdout);
    return EXIT_FINE;
}

static int give_order(int connection, const struct order *order)
{
    static char answer[CTL_ANSWER_MAX];
    ssize_t bytes;

    if (!send_order(connection, order))
        return fail(EXIT_RUN_FAILED, "ctl: %s", strerror(errno));
    bytes = recv(connection, answer, sizeof(answer), 0);
    return show(answer, bytes > 0 ? (size_t)bytes : 0);
}

static int take_words(struct order *order, int argc, char **argv, bool json)
{
    static const struct {
        const char *name;
        int words;
    } orders[] = {{"list", 1}, {"kill", 2}, {"restart", 2}, {"replace", 3}};
    size_t i;

    for (i = 0; i < sizeof(orders) / sizeof(*orders); i++)
        if (argc && strcmp(argv[0], orders[i].name) == 0)
            break;
    if (i == sizeof(orders) / sizeof(*orders) || argc != orders[i].words ||
        (json && i != 0))
        return fail(EXIT_USAGE, "ctl: expected [PID] list [--json], kill "
                    "DOMAIN, restart DOMAIN or replace DOMAIN FILE.dom");
    for (; order->count < (uint32_t)argc; order->count++)
        order->words[order->count] = argv[order->count];
    if (json)
        order->words[order->count++] = "json";
    return EXIT_FINE;
}

/* The run has another working directory, perhaps. */
static int make_absolute(struct order *order)
{
    if (order->count < 3)
        return EXIT_FINE;
    if (!realpath(order->words[2], order->path))
        return fail(EXIT_REFUSED, "ctl: %s: %s", order->words[2],
                    strerror(errno));
    order->words[2] = order->path;
    return EXIT_FINE;
}

static int read_words(struct order *order, int argc, char **argv)
{
    uint64_t pid;
    bool json = argc > 0 && strcmp(argv[argc - 1], "--json") == 0;
    int code;

    argc -= json;
    if (argc && number_whole(argv[0], &pid) && pid > 0 && pid < 1000000000) {
        order->pid = (pid_t)pid;
        argc--;
        argv++;
    }
    code = take_words(order, argc, argv, json);
    return code == EXIT_FINE ? make_absolute(order) : code;
}

int command_ctl(int argc, char **argv)
{
    static struct order order;
    const char *path;
    int code = read_words(&order, argc, argv), folder, connection = -1;

    if (code != EXIT_FINE)
        return code;
    folder = status_folder(&path);
    if (folder < 0)
        return fail(EXIT_RUN_FAILED, "%s: %s", path, strerror(errno));
    code = find_run(folder, &order.pid);
    if (code == EXIT_FINE)
        code = connect_to(folder, order.pid, &connection);
    if (code == EXIT_FINE)
        code = give_order(connection, &order);
    if (connection >= 0)
        close(connection);
    close(folder);
    return code;
}
