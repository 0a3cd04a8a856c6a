/* SPDX-License-Identifier: MIT */
/*
 * source_lines.c - asks addr2line of the binutils.
 *
 * Debug information is a domain's word and takes a large program to read, so
 * it is never read in this process: a child does it, on a copy of the bytes
 * that were loaded, with an empty environment, no file of ours but that copy,
 * and bounds on its time and memory. What it prints is a domain's word too:
 * cut, made printable, and believed as far as a report needs.
 *
 * The child is spawned, not forked: to copy the page tables of this process
 * would stop its threads for a while.
 */
#define _GNU_SOURCE
#include "source_lines.h"
#include "host.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ADDRESSES_MAX 32
#define ADDRESS_TEXT 12
#define OPTIONS 4
#define OUTPUT_MAX 0x10000
#define WALL_MS 1000
#define CPU_SECONDS 1
#define MEMORY_BYTES (512u << 20)
/* What the child knows the copy by; the fourth file of a process. */
#define COPY_DESCRIPTOR 3
#define COPY_PATH "/proc/self/fd/3"

static int copy_of(const uint8_t *bytes, size_t size)
{
    int copy = memfd_create("domain", MFD_CLOEXEC);
    size_t done = 0;
    ssize_t written;

    while (copy >= 0 && done < size) {
        written = write(copy, bytes + done, size - done);
        if (written <= 0) {
            close(copy);
            return -1;
        }
        done += (size_t)written;
    }
    return copy;
}

static void set_up_files(posix_spawn_file_actions_t *actions, int copy,
                         int output)
{
    posix_spawn_file_actions_init(actions);
    posix_spawn_file_actions_adddup2(actions, output, 1);
    posix_spawn_file_actions_adddup2(actions, copy, COPY_DESCRIPTOR);
    posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(actions, COPY_DESCRIPTOR + 1);
}

static void set_up_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(attributes);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
                                             POSIX_SPAWN_SETSIGDEF |
                                             POSIX_SPAWN_SETPGROUP);
}

static void limit(pid_t child, int resource, rlim_t most)
{
    struct rlimit bound = {most, most};

    (void)prlimit(child, (enum __rlimit_resource)resource, &bound, NULL);
}

static pid_t spawn(int copy, int output, char **arguments)
{
    char *environment[] = {(char[]){"LC_ALL=C"}, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t child;
    int error;

    set_up_files(&actions, copy, output);
    set_up_signals(&attributes);
    error = posix_spawnp(&child, arguments[0], &actions, &attributes,
                         arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error)
        return -1;
    limit(child, RLIMIT_CPU, CPU_SECONDS);
    limit(child, RLIMIT_AS, MEMORY_BYTES);
    limit(child, RLIMIT_FSIZE, 0);
    limit(child, RLIMIT_CORE, 0);
    return child;
}

static int64_t milliseconds(void)
{
    return (int64_t)(host_nanoseconds() / 1000000);
}

/* All that comes until the end, of OUTPUT_MAX bytes and in time; or -1. */
static ssize_t read_in_time(int input, char *text)
{
    int64_t end = milliseconds() + WALL_MS, left;
    struct pollfd ready = {.fd = input, .events = POLLIN};
    size_t length = 0;
    ssize_t got;

    for (;;) {
        left = end - milliseconds();
        if (left <= 0 || length == OUTPUT_MAX)
            return -1;
        if (poll(&ready, 1, (int)left) < 0 && errno != EINTR)
            return -1;
        if (!(ready.revents & (POLLIN | POLLHUP)))
            continue;
        got = read(input, text + length, OUTPUT_MAX - length);
        if (got == 0)
            return (ssize_t)length;
        if (got < 0 && errno != EINTR)
            return -1;
        length += got > 0 ? (size_t)got : 0;
    }
}

/* The child's output with a 0 behind it; NULL when it failed. */
static char *ask(int copy, char **arguments)
{
    char *text = malloc(OUTPUT_MAX + 1);
    ssize_t length = -1;
    int ends[2], status = 0;
    pid_t child;

    if (!text || pipe2(ends, O_CLOEXEC) != 0) {
        free(text);
        return NULL;
    }
    child = spawn(copy, ends[1], arguments);
    close(ends[1]);
    if (child > 0) {
        length = read_in_time(ends[0], text);
        kill(child, SIGKILL);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
    }
    close(ends[0]);
    if (length < 0) {
        free(text);
        return NULL;
    }
    text[length] = 0;
    return text;
}

bool source_lines_find(const uint8_t *bytes, size_t size,
                       struct source_line *lines, uint32_t count)
{
    char addresses[ADDRESSES_MAX][ADDRESS_TEXT];
    char *arguments[OPTIONS + ADDRESSES_MAX + 1] = {
        (char[]){"addr2line"}, (char[]){"-ai"}, (char[]){"-e"},
        (char[]){COPY_PATH}};
    int copy = copy_of(bytes, size);
    char *text;
    bool told;
    uint32_t i;

    if (copy < 0)
        return false;
    for (i = 0; i < count && i < ADDRESSES_MAX; i++) {
        snprintf(addresses[i], ADDRESS_TEXT, "0x%x", lines[i].address);
        arguments[OPTIONS + i] = addresses[i];
    }
    text = ask(copy, arguments);
    close(copy);
    told = text && source_lines_read(text, lines, i);
    free(text);
    return told;
}
