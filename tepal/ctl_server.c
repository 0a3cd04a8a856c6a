/* SPDX-License-Identifier: MIT */
/*
 * ctl_server.c - see ctl_server.h. One thread of the program takes one order
 * after the other. It is no kernel thread: it ends domains as from outside, and
 * whoever needs them brings them back.
 */
#define _GNU_SOURCE
#include "ctl_server.h"
#include "beside.h"
#include "host.h"
#include "json.h"
#include "peek.h"
#include "status.h"
#include "tepal.h"
#include "tepal_trusted/restart.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_BYTES 40
#define PENDING_MAX 8
#define PATIENCE_SECONDS 1 /* with who asks */
#define RETURN_MILLISECONDS 2000u
#define MILLISECOND 1000000

/* One in a process. */
static struct {
    struct running *running;
    int folder, socket, stop; /* -1 for none */
    char name[NAME_BYTES];
    pthread_t thread;
    uint32_t stopping; /* a bool, atomic */
} ctl = {.folder = -1, .socket = -1, .stop = -1};

/* Through the descriptor, whatever the length of its name. */
struct sockaddr_un ctl_address(int folder, pid_t pid)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof(address.sun_path),
             "/proc/self/fd/%d/tepal-%ld.ctl", folder, (long)pid);
    return address;
}

/* --- orders --------------------------------------------------------------- */

static const char *state_of(const struct running_domain *place)
{
    const struct domain *domain = place->domain;

    if (running_has_ended(place))
        return "ended";
    if (domain_is_ready(domain))
        return "alive";
    return __atomic_load_n(&domain->reviving, __ATOMIC_SEQ_CST) ? "restarting"
                                                                : "dead";
}

static const char *policy_of(const struct domain *domain)
{
    return restart_policy_name(
        __atomic_load_n(&domain->restart.policy, __ATOMIC_RELAXED));
}

/* The version that runs, or the last that ran. */
static const char *path_of(const struct running_domain *place)
{
    const struct version *version = version_find(
        place->latest, peek_word(&place->domain->version));

    return version ? version->file.path : "";
}

static int list_text(FILE *answer)
{
    const struct running *running = ctl.running;
    uint32_t i;

    fprintf(answer, "%-16s %-10s %10s %7s %7s %12s  %-8s  %s\n", "domain",
            "state", "generation", "version", "crashes", "crossings", "restart",
            "file");
    for (i = 0; i < running->loaded; i++) {
        const struct running_domain *place = &running->domains[i];
        const struct domain *domain = place->domain;

        fprintf(answer, "%-16s %-10s %10u %7u %7u %12lu  %-8s  %s\n",
                domain->name, state_of(place), peek_word(&domain->generation),
                peek_word(&domain->version), peek_word(&domain->crashes),
                domain_crossings(domain), policy_of(domain), path_of(place));
    }
    return EXIT_FINE;
}

static void list_domain(const struct running_domain *place, struct json *json)
{
    const struct domain *domain = place->domain;

    json_open(json, NULL, '{');
    json_text(json, "name", domain->name);
    json_text(json, "state", state_of(place));
    json_number(json, "generation", peek_word(&domain->generation));
    json_number(json, "version", peek_word(&domain->version));
    json_number(json, "crashes", peek_word(&domain->crashes));
    json_number(json, "crossings", domain_crossings(domain));
    json_text(json, "restart", policy_of(domain));
    json_text(json, "file", path_of(place));
    json_close(json, '}');
}

static int list_json(FILE *answer)
{
    const struct running *running = ctl.running;
    struct json json;
    uint32_t i;

    json_begin(&json, answer);
    json_text(&json, "system", running->system.name);
    json_number(&json, "pid", (uint64_t)getpid());
    json_open(&json, "domains", '[');
    for (i = 0; i < running->loaded; i++)
        list_domain(&running->domains[i], &json);
    json_close(&json, ']');
    json_end(&json);
    return EXIT_FINE;
}

static struct running_domain *find(const char *name, FILE *answer)
{
    struct running *running = ctl.running;
    uint32_t i;

    for (i = 0; i < running->loaded; i++)
        if (strcmp(running->domains[i].domain->name, name) == 0)
            return &running->domains[i];
    fprintf(answer, "no domain called '%s'; there are", name);
    for (i = 0; i < running->loaded; i++)
        fprintf(answer, " %s", running->domains[i].domain->name);
    fputc('\n', answer);
    return NULL;
}

static int kill_domain(struct running_domain *place, FILE *answer)
{
    struct domain *domain = place->domain;
    bool was_alive = domain_is_alive(domain);

    domain_end(domain, "killed by tepal ctl");
    fprintf(answer, "%s: %s\n", domain->name,
            was_alive ? "killed" : "is dead already");
    return was_alive ? EXIT_FINE : EXIT_RUN_FAILED;
}

/* Its own thread is gone, so nobody would bring it back. */
static bool refuses_ended(const struct running_domain *place, FILE *answer)
{
    if (!running_has_ended(place))
        return false;
    fprintf(answer, "%s: its tp_main has ended, and is run no more\n",
            place->domain->name);
    return true;
}

/* Alive in a life after @generation; soon, or when somebody calls it. */
static bool is_back(const struct domain *domain, uint32_t generation)
{
    return peek_word(&domain->generation) != generation &&
           domain_is_ready(domain);
}

static int wait_for_return(const struct domain *domain, uint32_t generation,
                           FILE *answer)
{
    uint32_t i;

    for (i = 0; i < RETURN_MILLISECONDS && !is_back(domain, generation) &&
                !__atomic_load_n(&ctl.stopping, __ATOMIC_ACQUIRE);
         i++)
        host_sleep(MILLISECOND);
    if (is_back(domain, generation)) {
        fprintf(answer, "%s: version %u runs, generation %u\n", domain->name,
                peek_word(&domain->version), peek_word(&domain->generation));
        return EXIT_FINE;
    }
    if (!domain_may_return(domain)) {
        fprintf(answer, "%s: ended, and its next life did not begin, or died\n",
                domain->name);
        return EXIT_RUN_FAILED;
    }
    fprintf(answer, "%s: ended; who calls it next brings it back\n",
            domain->name);
    return EXIT_FINE;
}

static int restart_domain(struct running_domain *place, FILE *answer)
{
    uint32_t generation = peek_word(&place->domain->generation);

    if (refuses_ended(place, answer))
        return EXIT_RUN_FAILED;
    domain_restart(place->domain);
    return wait_for_return(place->domain, generation, answer);
}

static int replace_domain(struct running_domain *place, const char *path,
                          FILE *answer)
{
    uint32_t generation = peek_word(&place->domain->generation);
    struct load_error error;

    if (refuses_ended(place, answer))
        return EXIT_RUN_FAILED;
    if (!running_replace(place, path, &error)) {
        fprintf(answer, "%s: %s\n", path, error.text);
        return EXIT_REFUSED;
    }
    return wait_for_return(place->domain, generation, answer);
}

static int obey(const struct ctl_request *request, FILE *answer)
{
    struct running_domain *place;

    if (request->order == CTL_LIST)
        return list_text(answer);
    if (request->order == CTL_LIST_JSON)
        return list_json(answer);
    if (request->order == CTL_NONE) {
        fputs("no such order\n", answer);
        return EXIT_USAGE;
    }
    place = find(request->domain, answer);
    if (!place)
        return EXIT_USAGE;
    if (request->order == CTL_REPLACE)
        return replace_domain(place, request->path, answer);
    return request->order == CTL_KILL ? kill_domain(place, answer)
                                      : restart_domain(place, answer);
}

/* --- the socket ----------------------------------------------------------- */

static void answer_packet(int client, const char *packet, size_t bytes)
{
    struct ctl_request request = ctl_request_read(packet, bytes);
    char *text = NULL;
    size_t length = 0;
    FILE *answer = open_memstream(&text, &length);
    int code;

    if (!answer)
        return;
    fputc('0', answer);
    code = obey(&request, answer);
    if (fclose(answer) == 0) {
        text[0] = (char)('0' + code);
        (void)send(client, text,
                   length < CTL_ANSWER_MAX ? length : CTL_ANSWER_MAX,
                   MSG_NOSIGNAL);
    }
    free(text);
}

static bool is_ours(int client)
{
    struct ucred who;
    socklen_t bytes = sizeof(who);

    return getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &bytes) == 0 &&
           (who.uid == geteuid() || who.uid == 0);
}

static void serve(int client)
{
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    static char packet[CTL_REQUEST_MAX];
    ssize_t bytes;

    if (!is_ours(client) ||
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience,
                   sizeof(patience)) != 0 ||
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience,
                   sizeof(patience)) != 0)
        return;
    bytes = recv(client, packet, sizeof(packet), MSG_TRUNC);
    if (bytes > 0 && (size_t)bytes <= sizeof(packet))
        answer_packet(client, packet, (size_t)bytes);
}

static void *take_orders(void *context)
{
    struct pollfd both[2] = {{.fd = ctl.socket, .events = POLLIN},
                             {.fd = ctl.stop, .events = POLLIN}};
    int client;

    (void)context;
    while (!__atomic_load_n(&ctl.stopping, __ATOMIC_ACQUIRE)) {
        if (poll(both, 2, -1) < 0 || !(both[0].revents & POLLIN))
            continue;
        client = accept4(ctl.socket, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0) {
            host_sleep(MILLISECOND); /* it may have no descriptor left */
            continue;
        }
        serve(client);
        close(client);
    }
    return NULL;
}

static void close_all(void)
{
    int *const all[] = {&ctl.folder, &ctl.socket, &ctl.stop};
    size_t i;

    for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
        if (*all[i] >= 0)
            close(*all[i]);
        *all[i] = -1;
    }
}

/* One of that name is of a process that is gone. */
static bool listen_at(int folder)
{
    struct sockaddr_un address = ctl_address(folder, getpid());

    snprintf(ctl.name, sizeof(ctl.name), "tepal-%ld.ctl", (long)getpid());
    unlinkat(folder, ctl.name, 0);
    ctl.socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
                        0);
    return ctl.socket >= 0 && fchmod(ctl.socket, 0600) == 0 &&
           bind(ctl.socket, (const struct sockaddr *)&address,
                sizeof(address)) == 0 &&
           listen(ctl.socket, PENDING_MAX) == 0;
}

bool ctl_begin(struct running *running)
{
    const char *path;
    int error;

    ctl.running = running;
    ctl.stopping = 0;
    ctl.folder = status_folder(&path);
    ctl.stop = eventfd(0, EFD_CLOEXEC);
    if (ctl.folder >= 0 && ctl.stop >= 0 && listen_at(ctl.folder) &&
        beside_start(&ctl.thread, take_orders, NULL))
        return true;
    error = errno;
    ctl_remove();
    close_all();
    errno = error;
    return false;
}

void ctl_end(void)
{
    const uint64_t one = 1;

    if (ctl.socket < 0)
        return;
    ctl_remove();
    __atomic_store_n(&ctl.stopping, 1, __ATOMIC_RELEASE);
    if (write(ctl.stop, &one, sizeof(one)) == (ssize_t)sizeof(one))
        pthread_join(ctl.thread, NULL);
    close_all();
}

void ctl_remove(void)
{
    if (ctl.socket >= 0)
        unlinkat(ctl.folder, ctl.name, 0);
}
