/* SPDX-License-Identifier: MIT */
/* files.c - find the files a system is made of. */
#define _GNU_SOURCE
#include "files.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
