/* SPDX-License-Identifier: MIT */
/* files.c - find and read the files a system is made of. */
#define _GNU_SOURCE
#include "files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX 0x4000000

/* The first @size bytes; a file that has become shorter is an error. */
static bool read_whole(int descriptor, uint8_t *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = read(descriptor, bytes + done, size - done);

        if (got == 0)
            errno = EIO;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

/* Into memory of our own: what is checked cannot change afterwards. */
static const char *copy(int descriptor, struct file *file, size_t size)
{
    size_t room = size ? size : 1;
    uint8_t *bytes = mmap(NULL, room, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (bytes == MAP_FAILED)
        return strerror(errno);
    if (!read_whole(descriptor, bytes, size) ||
        mprotect(bytes, room, PROT_READ) != 0) {
        const char *why = strerror(errno);

        munmap(bytes, room);
        return why;
    }
    file->bytes = bytes;
    file->size = size;
    return NULL;
}

/* O_NONBLOCK: a pipe that nobody writes to must not keep us waiting. */
const char *file_read(struct file *file, const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    const char *why;

    if (descriptor < 0)
        return strerror(errno);
    snprintf(file->path, sizeof(file->path), "%s", path);
    if (fstat(descriptor, &status) != 0)
        why = strerror(errno);
    else if (!S_ISREG(status.st_mode))
        why = "not a regular file";
    else if (status.st_size > FILE_BYTES_MAX)
        why = "larger than 64 MiB";
    else
        why = copy(descriptor, file, (size_t)status.st_size);
    close(descriptor);
    return why;
}

void file_close(struct file *file)
{
    if (file->bytes)
        munmap((void *)(uintptr_t)file->bytes, file->size ? file->size : 1);
    file->bytes = NULL;
}

bool files_are_one(const char *a, const char *b)
{
    struct stat first, second;

    if (stat(a, &first) != 0 || stat(b, &second) != 0)
        return strcmp(a, b) == 0;
    return S_ISREG(first.st_mode) && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* folder/name with a suffix, if there is such a file. */
static bool join(char *path, const char *folder, const char *name,
                 const char *suffix)
{
    int length = snprintf(path, FILE_PATH_MAX, "%s/%s%s", folder, name, suffix);

    return length > 0 && length < FILE_PATH_MAX && access(path, R_OK) == 0;
}

const char *files_root(const char *lib)
{
    static char beside[FILE_PATH_MAX];
    char path[FILE_PATH_MAX];
    ssize_t length;
    char *slash;

    if (lib)
        return lib;
    length = readlink("/proc/self/exe", beside, sizeof(beside) - 1);
    if (length > 0) {
        beside[length] = 0;
        slash = strrchr(beside, '/');
        *slash = 0;
        if (join(path, beside, "systems", ""))
            return beside;
    }
    return PKGLIBDIR;
}

bool files_find_system(const char *root, const char *name, char *path)
{
    char folder[FILE_PATH_MAX];
    int length = snprintf(folder, sizeof(folder), "%s/systems", root);

    if (!strchr(name, '/') && length < (int)sizeof(folder) &&
        join(path, folder, name, ".manifest"))
        return true;
    return snprintf(path, FILE_PATH_MAX, "%s", name) < FILE_PATH_MAX &&
           access(path, R_OK) == 0;
}

bool files_find_domain(const char *root, const char *manifest,
                       const char *name, char *path)
{
    char folder[FILE_PATH_MAX];
    const char *slash = strrchr(manifest, '/');
    int length = slash ? (int)(slash - manifest) : 1;

    if (name[0] == '/') {
        snprintf(path, FILE_PATH_MAX, "%s", name);
        return access(path, R_OK) == 0;
    }
    snprintf(folder, sizeof(folder), "%.*s", length, slash ? manifest : ".");
    if (join(path, folder, name, ""))
        return true;
    if (snprintf(folder, sizeof(folder), "%s/domains", root) >=
        (int)sizeof(folder))
        return false;
    return join(path, folder, name, "");
}
