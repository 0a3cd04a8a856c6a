/* SPDX-License-Identifier: MIT */
/*
 * capture_stream.c - zlib reads plain files as they are and compressed ones,
 * known by their first two bytes, through a window of 32 KiB. So a file that
 * inflates to a thousand times its size costs time, but no memory.
 */
#define _GNU_SOURCE /* fopencookie */
#include "capture_stream.h"
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define READ_BYTES_MAX ((size_t)1 << 20)
#define INPUT_BUFFER_BYTES (1u << 15)
#define NANOSECOND_MAGIC 0xa1b23c4du
#define PCAPNG_MAGIC 0x0a0d0d0au

/* As read(2), after the head. */
static long read_below(void *from, void *buffer, size_t bytes)
{
    struct capture_stream *stream = from;
    size_t left = stream->head_bytes - stream->head_given;
    int got;

    if (__atomic_load_n(stream->stopped, __ATOMIC_RELAXED)) {
        errno = ECANCELED;
        return -1;
    }
    if (left > 0) {
        if (bytes > left)
            bytes = left;
        memcpy(buffer, stream->head + stream->head_given, bytes);
        stream->head_given += bytes;
        return (long)bytes;
    }
    if (bytes > READ_BYTES_MAX)
        bytes = READ_BYTES_MAX;
    errno = EIO;
    got = gzread(stream->file, buffer, (unsigned)bytes);
    return got;
}

static ssize_t cookie_read(void *cookie, char *buffer, size_t bytes)
{
    struct capture_stream *stream = cookie;

    if (stream->is_pcapng)
        return capture_blocks_read(&stream->blocks, buffer, bytes);
    return read_below(stream, buffer, bytes);
}

static int cookie_close(void *cookie)
{
    struct capture_stream *stream = cookie;

    capture_blocks_end(&stream->blocks);
    gzclose_r(stream->file); /* what it says has been looked at already */
    stream->file = NULL;
    return 0;
}

static void look_at_head(struct capture_stream *stream)
{
    uint32_t magic = 0;
    int got = gzread(stream->file, stream->head, sizeof(stream->head));

    stream->head_bytes = got > 0 ? (size_t)got : 0;
    if (stream->head_bytes < sizeof(magic))
        return;
    memcpy(&magic, stream->head, sizeof(magic));
    stream->is_pcapng = magic == PCAPNG_MAGIC;
    stream->is_nano = magic == NANOSECOND_MAGIC ||
                      magic == __builtin_bswap32(NANOSECOND_MAGIC);
}

FILE *capture_stream_open(struct capture_stream *stream, int descriptor,
                          const bool *stopped)
{
    static const cookie_io_functions_t calls = {
        .read = cookie_read,
        .close = cookie_close,
    };
    FILE *file;

    memset(stream, 0, offsetof(struct capture_stream, buffer));
    stream->stopped = stopped;
    stream->file = gzdopen(descriptor, "rb");
    if (!stream->file) {
        close(descriptor);
        errno = ENOMEM;
        return NULL;
    }
    gzbuffer(stream->file, INPUT_BUFFER_BYTES);
    look_at_head(stream);
    capture_blocks_begin(&stream->blocks, read_below, stream);
    file = fopencookie(stream, "rb", calls);
    if (!file) {
        cookie_close(stream);
        errno = ENOMEM;
        return NULL;
    }
    if (stream->is_pcapng)
        setvbuf(file, NULL, _IONBF, 0); /* see capture_blocks_read() */
    else
        setvbuf(file, stream->buffer, _IOFBF, sizeof(stream->buffer));
    return file;
}

bool capture_stream_error(const struct capture_stream *stream, char *text,
                          size_t bytes)
{
    const char *why, *after;
    int number = Z_OK;

    if (!stream->file)
        return false;
    if (stream->blocks.crowded) {
        snprintf(text, bytes, "more than %d interfaces",
                 CAPTURE_INTERFACES_MAX);
        return true;
    }
    why = gzerror(stream->file, &number);
    if (number == Z_OK || number == Z_STREAM_END)
        return false;
    after = strstr(why, ": "); /* zlib puts a name before it */
    snprintf(text, bytes, "%s%s", number == Z_ERRNO ? "" : "gzip: ",
             after ? after + 2 : why);
    return true;
}
