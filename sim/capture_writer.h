/* SPDX-License-Identifier: MIT */
/* capture_writer.h - a new capture file of Ethernet frames, through libpcap. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zeros is not open. */
struct capture_writer {
    void *writer, *dumper; /* libpcap's */
    void *buffer;          /* the file's */
    int failure;           /* errno of the first write that failed */
    bool is_micro;
};

/*
 * Make the file @path, with time stamps in micro- or nanoseconds. It must not
 * be the file behind the descriptor @input (-1: none), which it would empty.
 * Errors: NULL, or what is wrong; then it is not open.
 */
const char *capture_writer_open(struct capture_writer *writer,
                                const char *path, bool is_micro, int input);

/*
 * Needs:  it is open.
 * Errors: are kept until capture_writer_close().
 */
void capture_writer_add(struct capture_writer *writer, uint64_t nanoseconds,
                        const uint8_t *frame, uint32_t bytes);

/*
 * Harmless when not open.
 * Errors: NULL, or why the file is not whole.
 */
const char *capture_writer_close(struct capture_writer *writer);
