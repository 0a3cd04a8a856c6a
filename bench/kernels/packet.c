/* SPDX-License-Identifier: MIT */
/*
 * packet.c - answer UDP frames: parse three headers, swap addresses and ports,
 * count the time to live down, mend the checksum (RFC 1624).
 */
#include "kernels.h"
#include <stdbool.h>
#include <string.h>

#define FRAMES 64
#define STRIDE 128

struct __attribute__((packed)) frame {
    uint8_t to[6], from[6];
    uint16_t ethertype;
    uint8_t version, service;
    uint16_t bytes, id, fragment;
    uint8_t time_to_live, protocol;
    uint16_t checksum;
    uint32_t source, target;
    uint16_t source_port, target_port;
};

static uint8_t frames[FRAMES][STRIDE];

void kernel_packet_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned i = 0; i < FRAMES; i++) {
        struct frame *frame = (struct frame *)frames[i];

        for (unsigned j = 0; j < STRIDE; j++)
            frames[i][j] = (uint8_t)kernel_random(&state);
        frame->ethertype = i % 8 == 7 ? 0xdd86 : 0x0008;
        frame->version = 0x45;
        frame->fragment = 0;
        frame->protocol = i % 8 == 3 ? 6 : 17;
        frame->time_to_live = (uint8_t)(2 + i % 64);
    }
}

static bool is_udp(const struct frame *frame)
{
    return frame->ethertype == 0x0008 && frame->version == 0x45 &&
           (frame->fragment & 0xff3f) == 0 && frame->protocol == 17;
}

static void swap_hosts(struct frame *frame)
{
    uint8_t address[6];
    uint32_t host = frame->source;
    uint16_t port = frame->source_port;

    memcpy(address, frame->to, 6);
    memcpy(frame->to, frame->from, 6);
    memcpy(frame->from, address, 6);
    frame->source = frame->target;
    frame->target = host;
    frame->source_port = frame->target_port;
    frame->target_port = port;
}

/* No frame is used up: who has no time left gets some. */
static void count_down(struct frame *frame)
{
    uint32_t sum = (uint32_t)frame->checksum + 1;

    frame->checksum = (uint16_t)(sum + (sum >> 16));
    if (--frame->time_to_live == 0)
        frame->time_to_live = 64;
}

uint32_t kernel_packet(uint32_t rounds)
{
    uint32_t answered = 0;

    while (rounds--)
        for (unsigned i = 0; i < FRAMES; i++) {
            struct frame *frame = (struct frame *)frames[i];

            if (!is_udp(frame))
                continue;
            swap_hosts(frame);
            count_down(frame);
            answered = kernel_fold(answered + 1, frame->target);
        }
    for (unsigned i = 0; i < FRAMES; i++)
        answered = kernel_fold(answered, frames[i][22] + frames[i][24] * 256u);
    return answered;
}
