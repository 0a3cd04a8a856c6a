/* SPDX-License-Identifier: MIT */
/* versions.c - see versions.h. */
#include "versions.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct version *version_read(struct version *latest, const char *path,
                             const char **why)
{
    struct version *version = calloc(1, sizeof(*version));

    if (!version) {
        *why = strerror(ENOMEM);
        return NULL;
    }
    *why = file_read(&version->file, path);
    if (*why) {
        free(version);
        return NULL;
    }
    version->before = latest;
    version->number = latest ? latest->number + 1 : 0;
    return version;
}

void version_close(struct version *version)
{
    file_close(&version->file);
    free(version);
}

void versions_close(struct version *latest)
{
    struct version *before;

    for (; latest; latest = before) {
        before = latest->before;
        version_close(latest);
    }
}

struct version *version_find(struct version *latest, uint32_t number)
{
    while (latest && latest->number != number)
        latest = latest->before;
    return latest;
}
