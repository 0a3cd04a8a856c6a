/* SPDX-License-Identifier: MIT */
/* capture_writer.c - pcap out. */
#include "capture_writer.h"
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BUFFER_BYTES ((size_t)1 << 20)
#define SNAPLEN 65535
#define SECOND 1000000000u

static bool is_input(const char *path, int input)
{
    struct stat in, out;

    return input >= 0 && stat(path, &out) == 0 && S_ISREG(out.st_mode) &&
           fstat(input, &in) == 0 && in.st_dev == out.st_dev &&
           in.st_ino == out.st_ino;
}

const char *capture_writer_open(struct capture_writer *writer,
                                const char *path, bool is_micro, int input)
{
    FILE *file;

    memset(writer, 0, sizeof(*writer));
    if (is_input(path, input))
        return "is the input";
    file = fopen(path, "wb");
    if (!file)
        return strerror(errno);
    writer->is_micro = is_micro;
    writer->buffer = malloc(BUFFER_BYTES);
    if (writer->buffer)
        setvbuf(file, writer->buffer, _IOFBF, BUFFER_BYTES);
    writer->writer = pcap_open_dead_with_tstamp_precision(
        DLT_EN10MB, SNAPLEN,
        is_micro ? PCAP_TSTAMP_PRECISION_MICRO : PCAP_TSTAMP_PRECISION_NANO);
    if (writer->writer)
        writer->dumper = pcap_dump_fopen(writer->writer, file);
    if (writer->dumper)
        return NULL;
    fclose(file);
    capture_writer_close(writer);
    return "cannot write a capture";
}

void capture_writer_add(struct capture_writer *writer, uint64_t nanoseconds,
                        const uint8_t *frame, uint32_t bytes)
{
    uint64_t fraction = nanoseconds % SECOND;
    struct pcap_pkthdr header = {
        .ts = {.tv_sec = (time_t)(nanoseconds / SECOND),
               .tv_usec = (suseconds_t)(writer->is_micro ? fraction / 1000
                                                         : fraction)},
        .caplen = bytes,
        .len = bytes,
    };

    pcap_dump(writer->dumper, &header, frame);
    if (__builtin_expect(ferror(pcap_dump_file(writer->dumper)), 0) &&
        writer->failure == 0)
        writer->failure = errno;
}

const char *capture_writer_close(struct capture_writer *writer)
{
    const char *error = NULL;

    if (writer->dumper) {
        FILE *file = pcap_dump_file(writer->dumper);

        if (fflush(file) && writer->failure == 0)
            writer->failure = errno;
        if (writer->failure)
            error = strerror(writer->failure);
        pcap_dump_close(writer->dumper);
    }
    if (writer->writer)
        pcap_close(writer->writer);
    free(writer->buffer);
    memset(writer, 0, sizeof(*writer));
    return error;
}
