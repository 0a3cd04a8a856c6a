/* SPDX-License-Identifier: MIT */
/*
 * nic82599_internal.h - what the files of the 82599 model share.
 * Ring state lives in the registers alone, and is believed only after
 * ring_open(): the driver may change any of it between two calls.
 */
#pragma once
#include "nic82599.h"
#include "nic82599_regs.h"
#include <stddef.h>

static inline uint32_t *nic_register(struct nic82599 *nic, uint32_t offset)
{
    return &nic->registers[offset / 4];
}

/* The block of receive queue @queue; its first register. */
static inline uint32_t nic_rx_block(uint32_t queue)
{
    return queue < 64 ? NIC_RX_QUEUES + queue * NIC_QUEUE_STRIDE
                      : NIC_RX_QUEUES_HIGH + (queue - 64) * NIC_QUEUE_STRIDE;
}

static inline uint32_t nic_tx_block(uint32_t queue)
{
    return NIC_TX_QUEUES + queue * NIC_QUEUE_STRIDE;
}

/* A ring that is enabled, reachable as a whole, its ends within it. */
struct nic_ring {
    struct nic_descriptor *descriptors;
    uint32_t count;
    uint32_t head, tail;
};

/* Read and check the ring of the queue whose registers start at @block. */
bool nic_ring_open(struct nic82599 *nic, uint32_t block, struct nic_ring *ring);

static inline uint32_t nic_ring_next(const struct nic_ring *ring,
                                     uint32_t index)
{
    return index + 1 == ring->count ? 0 : index + 1;
}

/* Frames counted over one burst, then added to the registers at once. */
struct nic_tally {
    uint32_t frames;
    uint32_t bytes; /* with checksums */
    uint32_t sizes[6];
};

/* 64, 65 to 127, 128 to 255, and so on to 1024 and more, with checksum. */
static inline void nic_tally_frame(struct nic_tally *tally, uint32_t bytes)
{
    uint32_t n = bytes + 4;
    uint32_t size = n <= 64 ? 0 : 26u - (uint32_t)__builtin_clz(n);

    tally->frames++;
    tally->bytes += n;
    tally->sizes[size < 5 ? size : 5]++;
}

/* Add to the counter at @offset; to the 64-bit one at @offset. */
void nic_count(struct nic82599 *nic, uint32_t offset, uint32_t n);
void nic_count_long(struct nic82599 *nic, uint32_t offset, uint32_t n);
void nic_count_sizes(struct nic82599 *nic, uint32_t offset,
                     const struct nic_tally *tally);

/* Deliver at most @limit frames from the wire; false when none arrived. */
bool nic_receive(struct nic82599 *nic, uint32_t limit);
/* Send whole frames of @queue up to its tail, at most @limit; how many. */
uint32_t nic_transmit(struct nic82599 *nic, uint32_t queue, uint32_t limit);
