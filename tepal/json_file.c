/* SPDX-License-Identifier: MIT */
/* json_file.c - see json_file.h. */
#include "json_file.h"
#include "tepal.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>

static int fail_on(const char *path)
{
    return fail(EXIT_RUN_FAILED, "%s: %s", path, strerror(errno));
}

int json_file_open(const char *path, FILE **file)
{
    *file = NULL;
    if (!path)
        return EXIT_FINE;
    *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    return *file ? EXIT_FINE : fail_on(path);
}

int json_file_close(FILE *file, const char *path)
{
    bool fine;

    if (file == stdout)
        return EXIT_FINE;
    fine = !ferror(file);
    fine = fclose(file) == 0 && fine;
    return fine ? EXIT_FINE : fail_on(path);
}
