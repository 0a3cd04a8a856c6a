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

bool nic_fault_strikes(struct nic82599 *nic, enum nic82599_fault fault);

/* An opportunity for @fault: whether it strikes. */
static inline bool nic_fault(struct nic82599 *nic, enum nic82599_fault fault)
{
    return __builtin_expect(nic->faults_waiting >> fault & 1, 0) &&
           nic_fault_strikes(nic, fault);
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

/* Registers of receive queues; of transmit queues. */
static inline bool nic_in_rx_queues(uint32_t offset)
{
    return (offset & ~0xfffu) == NIC_RX_QUEUES ||
           (offset & ~0xfffu) == NIC_RX_QUEUES_HIGH;
}

static inline bool nic_in_tx_queues(uint32_t offset)
{
    return (offset & ~0x1fffu) == NIC_TX_QUEUES;
}

/* A counter, which reading clears and writing does not change. */
bool nic_is_statistic(uint32_t offset);
/* Frames of a queue, in all counters that they belong to. */
void nic_count_received(struct nic82599 *nic, uint32_t queue,
                        const struct nic_tally *tally);
void nic_count_sent(struct nic82599 *nic, uint32_t queue,
                    const struct nic_tally *tally);
void nic_count_dropped(struct nic82599 *nic, uint32_t queue);
void nic_counters_near_end(struct nic82599 *nic);

/* Add to the counter at @offset; to the 64-bit one at @offset. */
void nic_count(struct nic82599 *nic, uint32_t offset, uint32_t n);
void nic_count_long(struct nic82599 *nic, uint32_t offset, uint32_t n);
void nic_count_sizes(struct nic82599 *nic, uint32_t offset,
                     const struct nic_tally *tally);

/* Where receive-side scaling sends a frame: queue 0 without it. */
struct nic_rss {
    uint32_t queue; /* below 16 */
    uint32_t hash;
    uint32_t type; /* 0 = not hashed */
};
struct nic_rss nic_rss(struct nic82599 *nic, const uint8_t *frame,
                       uint32_t bytes);
/* @key: 40 bytes; @length: at most 36. */
uint32_t nic_rss_hash(const uint8_t *key, const uint8_t *input,
                      uint32_t length);

/* Frames of a queue have been received; sent. */
void nic_irq_rx_slow(struct nic82599 *nic, uint32_t queue);
void nic_irq_tx_slow(struct nic82599 *nic, uint32_t queue);
/* Causes of EICR that are no queue's. */
void nic_irq_other(struct nic82599 *nic, uint32_t cause);
/* Time has passed: send what was held back, and may come now. */
void nic_irq_due(struct nic82599 *nic);
void nic_irq_reset(struct nic82599 *nic);
/* Whether @offset is a register of theirs, and what it reads. */
bool nic_irq_read(struct nic82599 *nic, uint32_t offset, uint32_t *value);
bool nic_irq_write(struct nic82599 *nic, uint32_t offset, uint32_t value);

static inline void nic_irq_rx(struct nic82599 *nic, uint32_t queue)
{
    if (__builtin_expect(*nic_register(nic, NIC_GPIE) || nic->irq_enabled, 0))
        nic_irq_rx_slow(nic, queue);
}

static inline void nic_irq_tx(struct nic82599 *nic, uint32_t queue)
{
    if (__builtin_expect(*nic_register(nic, NIC_GPIE) || nic->irq_enabled, 0))
        nic_irq_tx_slow(nic, queue);
}

enum nic_delivery {
    NIC_PLACED,
    NIC_NO_DESCRIPTOR, /* it may wait for one */
    NIC_DROPPED,       /* and counted */
};

/* Whether frames from the line are taken at all. */
bool nic_receives(struct nic82599 *nic);
/* Place one frame, or drop it, or find that there is no descriptor for it. */
enum nic_delivery nic_deliver(struct nic82599 *nic, const uint8_t *frame,
                              uint32_t bytes);
/* The driver of @queue writes @tail: descriptors before it it has read. */
void nic_rx_given_back(struct nic82599 *nic, uint32_t queue, uint32_t tail);
/* All frames that are in rings and packet buffers are lost, and counted. */
void nic_lose(struct nic82599 *nic);
/* A frame found the packet buffer full. */
void nic_miss(struct nic82599 *nic);
/* Deliver at most @limit frames from the wire; false when none arrived. */
bool nic_receive(struct nic82599 *nic, uint32_t limit);
/* Send whole frames of @queue up to its tail, at most @limit; how many. */
uint32_t nic_transmit(struct nic82599 *nic, uint32_t queue, uint32_t limit);
