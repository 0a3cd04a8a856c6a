/* SPDX-License-Identifier: MIT */
/* test_wire.c - the wire double for the device model's tests. */
#include "test_wire.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static uint64_t random_state = 1;

void test_random_seed(uint64_t seed)
{
    random_state = seed;
}

/* Steele and others, "Fast Splittable Pseudorandom Number Generators". */
uint64_t test_random(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static void frames_add(struct test_frames *frames, const void *data,
                       uint32_t bytes)
{
    struct test_frame *frame;

    if (frames->count == frames->room) {
        frames->room = frames->room ? frames->room * 2 : 64;
        frames->frame =
            realloc(frames->frame, frames->room * sizeof(*frames->frame));
        ck_assert_ptr_nonnull(frames->frame);
    }
    frame = &frames->frame[frames->count++];
    frame->data = malloc(bytes ? bytes : 1);
    ck_assert_ptr_nonnull(frame->data);
    memcpy(frame->data, data, bytes);
    frame->bytes = bytes;
}

static void frames_free(struct test_frames *frames)
{
    size_t i;

    for (i = 0; i < frames->count; i++)
        free(frames->frame[i].data);
    free(frames->frame);
    memset(frames, 0, sizeof(*frames));
}

static const uint8_t *frame_receive(struct wire *base, uint32_t *bytes)
{
    struct test_wire *wire = (struct test_wire *)base;
    const struct test_frame *frame;

    if (wire->endless && wire->next == wire->in.count)
        wire->next = 0;
    if (wire->next == wire->in.count)
        return NULL;
    frame = &wire->in.frame[wire->next++];
    wire->received++;
    *bytes = frame->bytes;
    return frame->data;
}

static bool frames_ended(const struct wire *base)
{
    const struct test_wire *wire = (const struct test_wire *)base;

    return !wire->endless && wire->next == wire->in.count;
}

/* Never timed; clock_nanoseconds() is not there for every test. */
static bool frame_next(struct wire *base, uint64_t *nanoseconds)
{
    *nanoseconds = 0;
    return !frames_ended(base);
}

static void frame_send(struct wire *base, const uint8_t *frame, uint32_t bytes)
{
    struct test_wire *wire = (struct test_wire *)base;
    volatile uint8_t last = frame[bytes - 1]; /* touched: a sanitizer looks */

    (void)last;
    wire->sent++;
    if (!wire->endless)
        frames_add(&wire->out, frame, bytes);
}

static const struct wire_ops test_wire_ops = {
    .receive = frame_receive,
    .next = frame_next,
    .ended = frames_ended,
    .send = frame_send,
};

void test_wire_init(struct test_wire *wire)
{
    memset(wire, 0, sizeof(*wire));
    wire->wire.ops = &test_wire_ops;
}

void test_wire_free(struct test_wire *wire)
{
    frames_free(&wire->in);
    frames_free(&wire->out);
}

void test_wire_add(struct test_wire *wire, const void *data, uint32_t bytes)
{
    frames_add(&wire->in, data, bytes);
}

void test_wire_add_random(struct test_wire *wire, size_t count, uint32_t low,
                          uint32_t high)
{
    uint8_t frame[16384];
    size_t i, byte;

    ck_assert_uint_le(high, sizeof(frame));
    for (i = 0; i < count; i++) {
        uint32_t bytes = low + (uint32_t)(i % (high - low + 1));

        for (byte = 0; byte < bytes; byte++)
            frame[byte] = (uint8_t)test_random();
        test_wire_add(wire, frame, bytes);
    }
}

void test_wire_assert_equal(const struct test_wire *wire)
{
    size_t i;

    ck_assert_uint_eq(wire->out.count, wire->in.count);
    for (i = 0; i < wire->in.count; i++) {
        ck_assert_uint_eq(wire->out.frame[i].bytes, wire->in.frame[i].bytes);
        ck_assert_mem_eq(wire->out.frame[i].data, wire->in.frame[i].data,
                         wire->in.frame[i].bytes);
    }
}
