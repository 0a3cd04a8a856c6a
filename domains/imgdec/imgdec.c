/* SPDX-License-Identifier: MIT */
/*
 * imgdec.c - the interface decoder, by stb_image: code that its users did not
 * write, for files that strangers made. Whatever those do to it stays in here.
 *
 * File and pixels lie in the private heap, whose quota bounds both. One file at
 * a time; calls come from one thread (threads=affine).
 */
#include "decoder.h"
#include "stb.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define CHANNELS 3

static unsigned char *file, *pixels;
static size_t file_bytes, written, pixel_bytes;

static void forget(void)
{
    free(file);
    stbi_image_free(pixels);
    file = pixels = NULL;
    file_bytes = written = pixel_bytes = 0;
}

uint32_t decoder_impl_begin(uint64_t bytes)
{
    forget();
    if (bytes > INT_MAX) /* what stb_image counts in */
        return DECODER_ERROR_NO_MEMORY;
    file = malloc(bytes ? bytes : 1);
    if (!file)
        return DECODER_ERROR_NO_MEMORY;
    file_bytes = bytes;
    return 0;
}

uint32_t decoder_impl_write(uint64_t offset, struct rref_image_piece piece)
{
    const struct image_piece *from = rref_image_piece_value(piece);
    uint32_t bytes = from->bytes;

    if (!file)
        return DECODER_ERROR_NO_FILE;
    if (offset != written || bytes > sizeof(from->data) ||
        bytes > file_bytes - written)
        return DECODER_ERROR_OUT_OF_ORDER;
    memcpy(file + written, from->data, bytes);
    written += bytes;
    return 0;
}

/* The file is not needed any more: its memory is there for nothing else. */
static void let_go_of_file(void)
{
    free(file);
    file = NULL;
    file_bytes = written = 0;
}

/* stb_image does not always know why. */
static uint32_t refuse(struct image_report *report, const char *reason)
{
    strncpy((char *)report->reason, reason ? reason : "damaged",
            sizeof(report->reason) - 1);
    return DECODER_ERROR_NOT_DECODED;
}

uint32_t decoder_impl_decode(struct rref_image_report handle)
{
    struct image_report *report = rref_image_report_value(handle);
    int width = 0, height = 0, channels = 0;

    memset(report, 0, sizeof(*report));
    if (!file)
        return DECODER_ERROR_NO_FILE;
    if (written != file_bytes)
        return DECODER_ERROR_OUT_OF_ORDER;
    pixels = stbi_load_from_memory(file, (int)file_bytes, &width, &height,
                                   &channels, CHANNELS);
    let_go_of_file();
    if (!pixels)
        return refuse(report, stbi_failure_reason());
    if (width <= 0 || height <= 0)
        return refuse(report, "no pixels");
    pixel_bytes = (size_t)width * (size_t)height * CHANNELS;
    report->width = (uint32_t)width;
    report->height = (uint32_t)height;
    report->channels = (uint32_t)channels;
    return 0;
}

uint32_t decoder_impl_read(uint64_t offset, struct rref_image_piece piece)
{
    struct image_piece *to = rref_image_piece_value(piece);
    size_t bytes = sizeof(to->data);

    if (!pixels)
        return DECODER_ERROR_NO_FILE;
    if (offset > pixel_bytes)
        return DECODER_ERROR_OUT_OF_ORDER;
    if (bytes > pixel_bytes - offset)
        bytes = pixel_bytes - offset;
    memcpy(to->data, pixels + offset, bytes);
    to->bytes = (uint32_t)bytes;
    return 0;
}

DECODER_EXPORT();
