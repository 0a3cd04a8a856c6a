/* SPDX-License-Identifier: MIT */
/*
 * test_wire.h - a wire in memory: frames to arrive are queued by the test,
 * frames that left are kept for it.
 */
#pragma once
#include "wire.h"
#include <stddef.h>

struct test_frame {
    uint8_t *data; /* exactly @bytes long, so that a sanitizer guards it */
    uint32_t bytes;
};

struct test_frames {
    struct test_frame *frame;
    size_t count, room;
};

struct test_wire {
    struct wire wire; /* first */
    struct test_frames in, out;
    size_t next;  /* of in */
    bool endless; /* frames arrive for ever, and what is sent is only counted */
    uint64_t received, sent;
};

void test_wire_init(struct test_wire *wire);
void test_wire_free(struct test_wire *wire);

/* Queue a frame. */
void test_wire_add(struct test_wire *wire, const void *data, uint32_t bytes);
/* Queue @count frames of pseudo-random content, lengths from @low to @high. */
void test_wire_add_random(struct test_wire *wire, size_t count, uint32_t low,
                          uint32_t high);

/* Assert that what left is what arrived, byte for byte and in order. */
void test_wire_assert_equal(const struct test_wire *wire);

/* The next of a fixed series of pseudo-random numbers. */
uint64_t test_random(void);
void test_random_seed(uint64_t seed);
