/* SPDX-License-Identifier: MIT */
/*
 * status_read.c - the statuses that runs of this user publish, read. Nothing in
 * such a file is believed.
 */
#define _GNU_SOURCE
#include "status.h"
#include "number.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_BYTES 40
#define TRIES 1000

static void name_of(pid_t pid, char *name)
{
    snprintf(name, NAME_BYTES, "tepal-%ld.status", (long)pid);
}

/* The process whose file is called so; 0 for another file. */
static pid_t pid_of(const char *name)
{
    char again[NAME_BYTES], digits[NAME_BYTES];
    size_t length;
    uint64_t pid;

    if (strncmp(name, "tepal-", 6) != 0)
        return 0;
    length = strcspn(name + 6, ".");
    if (length == 0 || length > 9)
        return 0;
    memcpy(digits, name + 6, length);
    digits[length] = 0;
    if (!number_whole(digits, &pid) || pid == 0)
        return 0;
    name_of((pid_t)pid, again);
    return strcmp(name, again) == 0 ? (pid_t)pid : 0;
}

/* A regular file of ours; -1 if not, or if it is not there. */
static int open_status(int folder, const char *name)
{
    int file = openat(folder, name,
                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;

    if (file < 0)
        return -1;
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_uid == geteuid())
        return file;
    close(file);
    return -1;
}

/* Who published it holds a lock on it, until its end. */
static bool is_left_behind(int file)
{
    if (flock(file, LOCK_SH | LOCK_NB) != 0)
        return false;
    flock(file, LOCK_UN);
    return true;
}

static bool is_live(int folder, pid_t pid)
{
    char name[NAME_BYTES];
    bool live;
    int file;

    name_of(pid, name);
    file = open_status(folder, name);
    if (file < 0)
        return false;
    live = !is_left_behind(file);
    if (!live) {
        unlinkat(folder, name, 0);
        snprintf(name, sizeof(name), "tepal-%ld.ctl", (long)pid);
        unlinkat(folder, name, 0);
    }
    close(file);
    return live;
}

uint32_t status_runs(int folder, pid_t *pids)
{
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = again < 0 ? NULL : fdopendir(again);
    struct dirent *entry;
    uint32_t count = 0;

    if (!entries) {
        if (again >= 0)
            close(again);
        return 0;
    }
    while (count < STATUS_RUNS_MAX && (entry = readdir(entries))) {
        pid_t pid = pid_of(entry->d_name);

        if (pid && is_live(folder, pid))
            pids[count++] = pid;
    }
    closedir(entries);
    return count;
}

static bool read_sequence(int file, uint64_t *sequence)
{
    return pread(file, sequence, sizeof(*sequence),
                 offsetof(struct status_page, sequence)) ==
           (ssize_t)sizeof(*sequence);
}

/* Into memory of our own: what is checked cannot change afterwards. */
static bool read_page(int file, struct status_page *page)
{
    uint64_t after = 1;
    uint32_t tries;

    for (tries = 0; tries < TRIES; tries++) {
        if (pread(file, page, sizeof(*page), 0) != (ssize_t)sizeof(*page) ||
            page->magic != STATUS_MAGIC || page->version != STATUS_VERSION ||
            page->bytes != sizeof(*page) || !read_sequence(file, &after))
            return false;
        if (page->sequence == after && after % 2 == 0)
            return true;
        usleep(100);
    }
    return false;
}

/* A terminal acts on some characters. */
static void make_printable(char *text, size_t room)
{
    size_t i;

    text[room - 1] = 0;
    for (i = 0; text[i]; i++)
        if (text[i] < ' ' || text[i] > '~')
            text[i] = '?';
}

static bool check(struct status *status)
{
    uint32_t i, c;

    if (status->domain_count > SYSTEM_DOMAINS_MAX ||
        status->device_count > SYSTEM_DEVICES_MAX)
        return false;
    make_printable(status->system, sizeof(status->system));
    for (i = 0; i < status->device_count; i++)
        make_printable(status->devices[i].name,
                       sizeof(status->devices[i].name));
    for (i = 0; i < status->domain_count; i++) {
        struct status_domain *domain = &status->domains[i];

        if (domain->counter_count > STATUS_COUNTERS_MAX)
            return false;
        make_printable(domain->name, sizeof(domain->name));
        for (c = 0; c < domain->counter_count; c++)
            make_printable(domain->counters[c].name,
                           sizeof(domain->counters[c].name));
    }
    return true;
}

bool status_read(int folder, pid_t pid, struct status *status)
{
    static struct status_page page;
    char name[NAME_BYTES];
    bool fine;
    int file;

    name_of(pid, name);
    file = open_status(folder, name);
    if (file < 0)
        return false;
    fine = !is_left_behind(file) && read_page(file, &page) &&
           check(&page.status);
    close(file);
    if (fine)
        *status = page.status;
    return fine;
}
