/* SPDX-License-Identifier: MIT */
/* file.c - reads a file whole, into memory that nobody writes to. */
#define _GNU_SOURCE
#include "file.h"
#include "tepal_trusted/base.h"
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

void file_stem(const char *path, char *stem, size_t room)
{
    const char *slash = strrchr(path, '/');
    char *dot;

    text_copy(stem, room, slash ? slash + 1 : path);
    dot = strrchr(stem, '.');
    if (dot && dot != stem)
        *dot = 0;
}
