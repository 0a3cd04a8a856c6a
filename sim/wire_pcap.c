/* SPDX-License-Identifier: MIT */
/*
 * wire_pcap.c - a wire between two capture files, on libpcap.
 *
 * Frames are read ahead into one store of at most STORE_BYTES_MAX, as records
 * that follow each other, so that a run is not timed by file reading:
 * pcap_next_ex costs ten times what walking the store does. A capture that
 * fits is in memory before the first frame moves; a larger one refills the
 * store when it is empty.
 *
 * What is played is exactly what a device could have received: whole Ethernet
 * frames up to 1514 bytes. Everything else is skipped and counted; a frame
 * that was cut while capturing is not played, since its checksums could not
 * hold. The file is hostile: libpcap bounds each record, and the lengths are
 * looked at once more here.
 */
#include "wire_pcap.h"
#include <errno.h>
#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define STORE_BYTES_MAX ((size_t)64 << 20)
#define OUTPUT_BUFFER_BYTES ((size_t)1 << 20)
#define OUTPUT_SNAPLEN 65535
#define NANOSECOND_MAGIC 0xa1b23c4du
#define PCAPNG_MAGIC 0x0a0d0d0au

/* A frame in the store. Records start on multiples of 16. */
struct wire_pcap_record {
    uint64_t seconds;
    uint32_t fraction;
    uint32_t bytes;
    uint8_t frame[];
};

static size_t record_bytes(uint32_t frame_bytes)
{
    size_t bytes = sizeof(struct wire_pcap_record) + frame_bytes;

    return (bytes + 15) & ~(size_t)15;
}

/* The first error is the one that is told. */
static const char *fail(struct wire_pcap *pcap, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *fail(struct wire_pcap *pcap, const char *format, ...)
{
    va_list arguments;

    if (pcap->error[0] != '\0')
        return pcap->error;
    va_start(arguments, format);
    vsnprintf(pcap->error, sizeof(pcap->error), format, arguments);
    va_end(arguments);
    return pcap->error;
}

/* Whether the frame is one to play; counts it if not. */
static bool playable(struct wire_pcap *pcap, const struct pcap_pkthdr *header)
{
    if (header->len > WIRE_PCAP_FRAME_MAX)
        pcap->counts.skipped_oversize++;
    else if (header->caplen < header->len)
        pcap->counts.skipped_truncated++;
    else if (header->len < WIRE_PCAP_FRAME_MIN)
        pcap->counts.skipped_short++;
    else
        return true;
    return false;
}

static void store_frame(struct wire_pcap *pcap,
                        const struct pcap_pkthdr *header, const u_char *frame)
{
    struct wire_pcap_record *record;

    record = (struct wire_pcap_record *)(pcap->store + pcap->store_used);
    record->seconds = (uint64_t)header->ts.tv_sec;
    record->fraction = (uint32_t)header->ts.tv_usec;
    record->bytes = header->len;
    memcpy(record->frame, frame, header->len);
    pcap->store_used += record_bytes(header->len);
}

static void input_close(struct wire_pcap *pcap)
{
    if (pcap->capture)
        pcap_close(pcap->capture);
    pcap->capture = NULL;
}

/* Fill the empty store; closes the input when there is no more. */
static void store_fill(struct wire_pcap *pcap)
{
    const size_t largest = record_bytes(WIRE_PCAP_FRAME_MAX);
    struct pcap_pkthdr *header;
    const u_char *frame;
    int got;

    pcap->store_used = 0;
    pcap->store_next = 0;
    while (pcap->capture && pcap->store_used + largest <= pcap->store_bytes) {
        got = pcap_next_ex(pcap->capture, &header, &frame);
        if (got == 1) {
            if (playable(pcap, header))
                store_frame(pcap, header, frame);
            continue;
        }
        if (got != PCAP_ERROR_BREAK) { /* the end of a sound file */
            pcap->counts.errors++;
            fail(pcap, "input capture damaged: %s", pcap_geterr(pcap->capture));
        }
        input_close(pcap);
    }
}

static const uint8_t *frame_receive(struct wire *wire, uint32_t *bytes)
{
    struct wire_pcap *pcap = (struct wire_pcap *)wire;
    const struct wire_pcap_record *record;

    if (__atomic_load_n(&pcap->stopped, __ATOMIC_RELAXED))
        return NULL;
    if (__builtin_expect(pcap->store_next == pcap->store_used, 0)) {
        if (pcap->capture)
            store_fill(pcap);
        if (pcap->store_next == pcap->store_used)
            return NULL;
    }
    record = (const struct wire_pcap_record *)(pcap->store + pcap->store_next);
    pcap->store_next += record_bytes(record->bytes);
    pcap->seconds = record->seconds;
    pcap->fraction = record->fraction;
    pcap->counts.packets_in++;
    pcap->counts.bytes_in += record->bytes;
    *bytes = record->bytes;
    return record->frame;
}

/*
 * A store that was just used up counts as ended only when the file has been
 * read as well; frame_receive() then finds that out.
 */
static bool frames_ended(const struct wire *wire)
{
    const struct wire_pcap *pcap = (const struct wire_pcap *)wire;

    if (__atomic_load_n(&pcap->stopped, __ATOMIC_RELAXED))
        return true;
    return !pcap->capture && pcap->store_next == pcap->store_used;
}

static void frame_send(struct wire *wire, const uint8_t *frame, uint32_t bytes)
{
    struct wire_pcap *pcap = (struct wire_pcap *)wire;

    pcap->counts.packets_out++;
    pcap->counts.bytes_out += bytes;
    if (pcap->dumper) {
        struct pcap_pkthdr header = {
            .ts = {.tv_sec = (time_t)pcap->seconds,
                   .tv_usec = (suseconds_t)pcap->fraction},
            .caplen = bytes,
            .len = bytes,
        };

        pcap_dump(pcap->dumper, &header, frame);
    }
}

static const struct wire_ops wire_pcap_ops = {
    .receive = frame_receive,
    .ended = frames_ended,
    .send = frame_send,
};

/* The resolution of the file's time stamps, from its first four bytes. */
static u_int precision_of(FILE *file)
{
    uint8_t b[4];
    uint32_t big, little;
    bool whole = fread(b, 1, sizeof(b), file) == sizeof(b);

    rewind(file);
    if (!whole)
        return PCAP_TSTAMP_PRECISION_MICRO;
    big = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
          b[3];
    little = __builtin_bswap32(big);
    if (big == NANOSECOND_MAGIC || little == NANOSECOND_MAGIC ||
        big == PCAPNG_MAGIC)
        return PCAP_TSTAMP_PRECISION_NANO;
    return PCAP_TSTAMP_PRECISION_MICRO;
}

/*
 * Room for every frame of @file, if that is not too much: a record in a file
 * takes 16 bytes at least beside the frame, so twice its size is enough.
 */
static const char *store_open(struct wire_pcap *pcap, FILE *file)
{
    struct stat status;

    pcap->store_bytes = STORE_BYTES_MAX;
    if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode) &&
        (uintmax_t)status.st_size < STORE_BYTES_MAX / 4)
        pcap->store_bytes = 2 * (size_t)status.st_size +
                            record_bytes(WIRE_PCAP_FRAME_MAX);
    pcap->store = malloc(pcap->store_bytes);
    if (!pcap->store)
        return fail(pcap, "no memory to read a capture into");
    return NULL;
}

static const char *input_open(struct wire_pcap *pcap, const char *path,
                              u_int *precision)
{
    char reason[PCAP_ERRBUF_SIZE];
    FILE *file = fopen(path, "rb");
    int link;

    if (!file)
        return fail(pcap, "%s: %s", path, strerror(errno));
    *precision = precision_of(file);
    pcap->capture = pcap_fopen_offline_with_tstamp_precision(file, *precision,
                                                             reason);
    if (!pcap->capture) {
        fclose(file);
        return fail(pcap, "%s: not a capture: %s", path, reason);
    }
    link = pcap_datalink(pcap->capture);
    if (link != DLT_EN10MB) {
        const char *name = pcap_datalink_val_to_name(link);

        return fail(pcap, "%s: link type %d (%s) is not Ethernet", path, link,
                    name ? name : "unknown");
    }
    return store_open(pcap, file);
}

/* Opening the output would empty it before it is read. */
static bool is_input(const struct wire_pcap *pcap, const char *path)
{
    struct stat in, out;

    return stat(path, &out) == 0 && S_ISREG(out.st_mode) &&
           fstat(fileno(pcap_file(pcap->capture)), &in) == 0 &&
           in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

static const char *output_open(struct wire_pcap *pcap, const char *path,
                               u_int precision)
{
    FILE *file;

    if (is_input(pcap, path))
        return fail(pcap, "%s: is the input", path);
    file = fopen(path, "wb");
    if (!file)
        return fail(pcap, "%s: %s", path, strerror(errno));
    setvbuf(file, NULL, _IOFBF, OUTPUT_BUFFER_BYTES);
    pcap->writer = pcap_open_dead_with_tstamp_precision(
        DLT_EN10MB, OUTPUT_SNAPLEN, precision);
    if (pcap->writer)
        pcap->dumper = pcap_dump_fopen(pcap->writer, file);
    if (!pcap->dumper) {
        fclose(file);
        return fail(pcap, "%s: cannot write a capture", path);
    }
    return NULL;
}

static void output_close(struct wire_pcap *pcap)
{
    if (pcap->dumper) {
        FILE *file = pcap_dump_file(pcap->dumper);

        errno = 0;
        if (fflush(file) || ferror(file))
            fail(pcap, "output capture: %s",
                 errno ? strerror(errno) : "could not be written whole");
        pcap_dump_close(pcap->dumper);
    }
    if (pcap->writer)
        pcap_close(pcap->writer);
    pcap->dumper = NULL;
    pcap->writer = NULL;
}

static void release(struct wire_pcap *pcap)
{
    input_close(pcap);
    output_close(pcap);
    free(pcap->store);
    pcap->store = NULL;
    pcap->store_used = 0;
    pcap->store_next = 0;
}

const char *wire_pcap_open(struct wire_pcap *pcap, const char *input,
                           const char *output)
{
    u_int precision = PCAP_TSTAMP_PRECISION_MICRO;
    const char *error;

    memset(pcap, 0, sizeof(*pcap));
    pcap->wire.ops = &wire_pcap_ops;
    error = input_open(pcap, input, &precision);
    if (!error && output)
        error = output_open(pcap, output, precision);
    if (error) {
        release(pcap);
        return error;
    }
    store_fill(pcap);
    return NULL;
}

const char *wire_pcap_close(struct wire_pcap *pcap)
{
    release(pcap);
    return pcap->error[0] != '\0' ? pcap->error : NULL;
}

void wire_pcap_stop(struct wire_pcap *pcap)
{
    __atomic_store_n(&pcap->stopped, true, __ATOMIC_RELAXED);
}
