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

/* Into memory of our own: what is checked cannot change afterwards. */
static bool read_all(int descriptor, struct file *file, size_t size)
{
    uint8_t *bytes = mmap(NULL, size ? size : 1, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t done = 0;

    if (bytes == MAP_FAILED)
        return false;
    file->bytes = bytes;
    while (done < size) {
        ssize_t got = read(descriptor, bytes + done, size - done);

        if (got < 0) {
            munmap(bytes, size);
            return false;
        }
        if (got == 0)
            break;
        done += (size_t)got;
    }
    file->size = done;
    return mprotect(bytes, size ? size : 1, PROT_READ) == 0;
}

bool file_read(struct file *file, const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    bool fine;

    if (descriptor < 0)
        return false;
    snprintf(file->path, sizeof(file->path), "%s", path);
    fine = fstat(descriptor, &status) == 0;
    if (fine && !S_ISREG(status.st_mode)) {
        errno = EINVAL;
        fine = false;
    } else if (fine && status.st_size > FILE_BYTES_MAX) {
        errno = EFBIG;
        fine = false;
    }
    fine = fine && read_all(descriptor, file, (size_t)status.st_size);
    close(descriptor);
    return fine;
}

void file_close(struct file *file)
{
    if (file->bytes)
        munmap((void *)(uintptr_t)file->bytes, file->size ? file->size : 1);
    file->bytes = NULL;
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

    if (strchr(name, '/') || access(name, R_OK) == 0) {
        snprintf(path, FILE_PATH_MAX, "%s", name);
        return access(path, R_OK) == 0;
    }
    if (snprintf(folder, sizeof(folder), "%s/systems", root) >=
        (int)sizeof(folder))
        return false;
    return join(path, folder, name, ".manifest");
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
