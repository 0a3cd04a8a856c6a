/* SPDX-License-Identifier: MIT */
/*
 * status_page.c - the file in which a run says what it has done so far.
 *
 * It appears under its name when it is locked and whole. The sequence number
 * is odd while the rest is being written; one process writes, each write is a
 * system call of its own, so a reader that finds the same even number before
 * and after has read one status.
 */
#define _GNU_SOURCE
#include "status.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_BYTES 40

/* One in a process. */
static struct {
    int folder, file; /* -1 for none */
    char name[NAME_BYTES];
    struct status_page page;
} published = {.folder = -1, .file = -1};

/* Nobody else may have a say in it: a link is not followed. */
static int open_own(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    if (folder < 0)
        return -1;
    if (fstat(folder, &status) == 0 && status.st_uid == geteuid() &&
        (status.st_mode & 077) == 0)
        return folder;
    close(folder);
    errno = EPERM;
    return -1;
}

int status_folder(const char **path)
{
    static char own[NAME_BYTES];
    int folder;

    *path = getenv("XDG_RUNTIME_DIR");
    if (*path && **path == '/') {
        folder = open_own(*path);
        if (folder >= 0)
            return folder;
    }
    snprintf(own, sizeof(own), "/tmp/tepal-%lu", (unsigned long)geteuid());
    *path = own;
    if (mkdir(own, 0700) != 0 && errno != EEXIST)
        return -1;
    return open_own(own);
}

/* Under another name, until it is whole. */
static bool make_file(void)
{
    char fresh[NAME_BYTES];

    snprintf(published.name, sizeof(published.name), "tepal-%ld.status",
             (long)getpid());
    snprintf(fresh, sizeof(fresh), "tepal-%ld.new", (long)getpid());
    unlinkat(published.folder, fresh, 0);
    published.file = openat(published.folder, fresh,
                            O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                            0600);
    if (published.file < 0)
        return false;
    if (flock(published.file, LOCK_EX | LOCK_NB) == 0 &&
        pwrite(published.file, &published.page, sizeof(published.page), 0) ==
            (ssize_t)sizeof(published.page) &&
        renameat(published.folder, fresh, published.folder, published.name) ==
            0)
        return true;
    unlinkat(published.folder, fresh, 0);
    close(published.file);
    published.file = -1;
    return false;
}

bool status_publish_begin(void)
{
    const char *path;

    published.folder = status_folder(&path);
    if (published.folder < 0)
        return false;
    published.page.magic = STATUS_MAGIC;
    published.page.version = STATUS_VERSION;
    published.page.bytes = sizeof(published.page);
    if (make_file())
        return true;
    close(published.folder);
    published.folder = -1;
    return false;
}

static bool write_sequence(void)
{
    published.page.sequence++;
    return pwrite(published.file, &published.page.sequence,
                  sizeof(published.page.sequence),
                  offsetof(struct status_page, sequence)) ==
           (ssize_t)sizeof(published.page.sequence);
}

/* A full disk: the status stays the older one, or is never whole again. */
void status_publish(const struct status *status)
{
    ssize_t written;

    if (published.file < 0 || !write_sequence())
        return;
    written = pwrite(published.file, status, sizeof(*status),
                     offsetof(struct status_page, status));
    if (written == (ssize_t)sizeof(*status))
        write_sequence();
    else
        published.page.sequence++;
}

void status_publish_end(void)
{
    if (published.file >= 0)
        unlinkat(published.folder, published.name, 0);
}
