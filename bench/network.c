/* SPDX-License-Identifier: MIT */
/*
 * network.c - cycles a packet of whole runs: model, driver, application and
 * back, 60-byte frames in batches of 32. Ways take turns, so that what slows
 * the machine slows them all.
 */
#include "network.h"
#include <stddef.h>
#include <string.h>

#define FRAMES 64u /* different ones; a power of two */
#define TURNS 41u
#define WAYS_MAX 8u

static uint8_t frames[FRAMES][64] __attribute__((aligned(64)));
static double values[WAYS_MAX][TURNS];

static const uint8_t *frame_receive(struct wire *wire, uint32_t *bytes)
{
    struct network_wire *self = (struct network_wire *)wire;

    if (self->left == 0)
        return NULL;
    self->left--;
    *bytes = NETWORK_FRAME_BYTES;
    return frames[self->next++ % FRAMES];
}

static bool frames_ended(const struct wire *wire)
{
    return ((const struct network_wire *)wire)->left == 0;
}

static void frame_send(struct wire *wire, const uint8_t *frame, uint32_t bytes)
{
    struct network_wire *self = (struct network_wire *)wire;

    __asm__ volatile("" : : "r"(frame), "r"(bytes) : "memory");
    self->sent++;
}

static const struct wire_ops network_wire_ops = {
    .receive = frame_receive,
    .ended = frames_ended,
    .send = frame_send,
};

/* UDP over IPv4, from a few hosts to a few. */
static void fill_frames(void)
{
    static const uint8_t header[] = {
        2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,          /* Ethernet */
        0x45, 0, 0, 46, 0, 0, 0x40, 0, 64, 17, 0, 0,       /* IPv4 */
        10, 0, 0, 1, 10, 1, 0, 1, 0x10, 0, 0, 53, 0, 26, 0 /* UDP */
    };
    uint32_t i;

    for (i = 0; i < FRAMES; i++) {
        memcpy(frames[i], header, sizeof(header));
        frames[i][29] = (uint8_t)i;
        frames[i][35] = (uint8_t)(i * 7);
    }
}

void network_wire_init(struct network_wire *wire)
{
    memset(wire, 0, sizeof(*wire));
    wire->wire.ops = &network_wire_ops;
    fill_frames();
}

/* Cycles a packet; negative when it failed. */
static double take_turn(struct network_way *way, uint64_t count)
{
    uint64_t begin, end, sent = way->wire->sent;
    bool fine;

    way->wire->left = count;
    begin = clock_begin();
    fine = way->run(way->context);
    end = clock_end();
    if (!fine || way->wire->sent - sent != count)
        return -1;
    return (double)(end - begin) / (double)count;
}

bool network_measure(struct network_way *ways, uint32_t count)
{
    uint32_t turn, i;

    clock_pin();
    /* the first turn only makes ready */
    for (i = 0; i < count; i++)
        if (i == WAYS_MAX || take_turn(&ways[i], NETWORK_TURN_FRAMES) < 0)
            return false;
    for (turn = 0; turn < TURNS; turn++)
        for (i = 0; i < count; i++) {
            values[i][turn] = take_turn(&ways[i], NETWORK_TURN_FRAMES);
            if (values[i][turn] < 0)
                return false;
        }
    for (i = 0; i < count; i++)
        ways[i].cycles = sample_of(values[i], TURNS);
    return true;
}
