/* SPDX-License-Identifier: MIT */
/*
 * ixgbe.h - the 82599 driver's own state and the functions that its files
 * share.
 *
 * Rings lie in the domain's private memory, buffers are packets of the shared
 * heap. A buffer that a descriptor points at stands in the ring's buffers[]
 * and is owned by this domain until it is handed out. The device is not
 * trusted: what it writes into descriptors is checked before it is used.
 * One thread at a time.
 * Source: thesis, Listing 10; design, section 7.
 */
#pragma once
#include "ixgbe_regs.h"
#include "net.h"
#include "tepal/kernel.h"

#define IXGBE_RING 256 /* descriptors, a power of two, a multiple of 8 */
#define IXGBE_FRAME_MIN 14
#define IXGBE_FRAME_MAX 1514

/* One line of the log, from a literal. */
#define IXGBE_LOG(text) tp_log(text, sizeof(text) - 1)

struct ixgbe_ring {
    struct ixgbe_descriptor descriptors[IXGBE_RING]
        __attribute__((aligned(128)));
    struct rref_packet buffers[IXGBE_RING];
    uint64_t bus;   /* of descriptors */
    uint32_t next;  /* receive: to look at next; transmit: to fill next */
    uint32_t clean; /* transmit: the oldest that was not taken back */
    /* transmit: where the batch ends that has its oldest descriptor here */
    uint32_t batch_end[IXGBE_RING];
};

struct ixgbe {
    struct ixgbe_ring rx, tx;
    uint64_t frames_bus;       /* bus address of a frame at heap offset 0 */
    uint64_t tx_stalled_since; /* nanoseconds; 0 = the device makes progress */
    uint64_t rx_dropped;       /* frames that the device marked bad */
    uint64_t tx_dropped;       /* frames of a length that cannot be sent */
    bool ready;                /* initialised, and no failure since */
    bool starved;              /* a frame waits for lack of a buffer */
};

static inline uint32_t ixgbe_after(uint32_t index)
{
    return (index + 1) % IXGBE_RING;
}

/* The bus address of the frame in @packet. */
static inline uint64_t ixgbe_bus(const struct ixgbe *nic,
                                 struct rref_packet packet)
{
    return nic->frames_bus + (uint32_t)packet.handle;
}

/* Bring the device up. False: it does not answer as it should; logged. */
bool ixgbe_init(struct ixgbe *nic);

/*
 * Move received frames to @collect, giving the device buffers from @packets,
 * or new ones when there are none. Returns how many; sets nic->starved when
 * it stopped for lack of a buffer, clears nic->ready when the device claims
 * the impossible.
 */
uint32_t ixgbe_receive(struct ixgbe *nic, struct queue *packets,
                       struct queue *collect);

/*
 * Send @packets; buffers that are done come back in @collect. Frames of
 * length 0 are @packet_bytes long. Returns how many were queued; clears
 * nic->ready when the device has not moved for two seconds.
 */
uint32_t ixgbe_transmit(struct ixgbe *nic, struct queue *packets,
                        struct queue *collect, uint64_t packet_bytes);
