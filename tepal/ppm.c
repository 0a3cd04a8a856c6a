/* SPDX-License-Identifier: MIT */
/*
 * ppm.c - writes what comes out of a decoder. Nothing is there before the
 * image's size has been checked, and nothing stays when the rest does not come.
 * Source: ppm(5) of Netpbm.
 */
#include "ppm.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_standard_output(const struct ppm *ppm)
{
    return strcmp(ppm->path, "-") == 0;
}

static bool failed(struct ppm *ppm)
{
    ppm->error = errno ? errno : EIO;
    return false;
}

static bool open_file(struct ppm *ppm, const struct decoded *image)
{
    errno = 0;
    ppm->file = is_standard_output(ppm) ? stdout : fopen(ppm->path, "we");
    if (!ppm->file ||
        fprintf(ppm->file, "P6\n%u %u\n255\n", image->width, image->height) < 0)
        return failed(ppm);
    return true;
}

static bool take(struct decoder_sink *sink, const struct decoded *image,
                 const uint8_t *pixels, size_t bytes)
{
    struct ppm *ppm = (struct ppm *)sink;

    if (!ppm->file && !open_file(ppm, image))
        return false;
    errno = 0;
    if (fwrite(pixels, 1, bytes, ppm->file) != bytes)
        return failed(ppm);
    return true;
}

bool ppm_begin(struct ppm *ppm, const char *path)
{
    ppm->sink.take = take;
    ppm->file = NULL;
    ppm->error = 0;
    return snprintf(ppm->path, sizeof(ppm->path), "%s", path) <
           (int)sizeof(ppm->path);
}

/* What is no file, such as /dev/null, stays. */
static void remove_file(const char *path)
{
    struct stat status;

    if (lstat(path, &status) == 0 && S_ISREG(status.st_mode))
        unlink(path);
}

bool ppm_end(struct ppm *ppm, bool fine)
{
    bool was_open = ppm->file != NULL;

    errno = 0;
    if (was_open && (is_standard_output(ppm) ? fflush(ppm->file)
                                             : fclose(ppm->file)) != 0 &&
        ppm->error == 0)
        (void)failed(ppm);
    ppm->file = NULL;
    if (was_open && (!fine || ppm->error) && !is_standard_output(ppm))
        remove_file(ppm->path);
    return ppm->error == 0;
}
