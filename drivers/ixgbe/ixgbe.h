/* SPDX-License-Identifier: MIT */
/*
 * ixgbe.h - the 82599 driver's own state and the functions that its files
 * share.
 *
 * Rings lie in the domain's private memory, buffers are packets of the shared
 * heap. A buffer that a descriptor points at stands in the ring's buffers[]
 * and is owned by this domain until it is handed out. The device is not
 * trusted: what it writes into descriptors is checked before it is used, and
 * what cannot be is answered with a reset of the device (recover.c).
 *
 * Each queue belongs to the thread that is in its submit_and_poll, one at a
 * time; a reset waits until it has all of them.
 * Source: thesis, Listing 10; design, section 7.
 */
#pragma once
#include "ixgbe_regs.h"
#include "net.h"
#include "tepal/kernel.h"

#define IXGBE_RING 256 /* descriptors, a power of two, a multiple of 8 */
#define IXGBE_QUEUES 8
#define IXGBE_FRAME_MIN 14
#define IXGBE_FRAME_MAX 1514

#define IXGBE_MILLISECOND 1000000ull /* in nanoseconds */

/* One line of the log, from a literal. */
#define IXGBE_LOG(text) tp_log(text, sizeof(text) - 1)

struct ixgbe_ring {
    struct ixgbe_descriptor descriptors[IXGBE_RING]
        __attribute__((aligned(128)));
    struct rref_packet buffers[IXGBE_RING]; /* null: none */
    uint64_t bus;   /* of descriptors; 0 = no window yet */
    uint32_t next;  /* receive: to look at next; transmit: to fill next */
    uint32_t clean; /* transmit: the oldest that was not taken back */
    /* transmit: where the batch ends that has its oldest descriptor here */
    uint32_t batch_end[IXGBE_RING];
};

/* Shown in reports; those of queue N > 0 as NAME.N. */
struct ixgbe_counters {
    uint64_t rx_frames, tx_frames;
    uint64_t rx_dropped; /* the device marked them bad, or lost their status */
    uint64_t tx_dropped; /* of a length that cannot be sent */
    uint64_t tx_lost;    /* were with the device when it was reset */
    uint64_t irqs, irq_missed, irq_spurious;
};

struct ixgbe_queue {
    struct ixgbe_ring rx, tx;
    uint32_t number;
    bool busy;    /* a thread is inside; atomic */
    bool starved; /* a frame waits for lack of a buffer */
    bool broken;  /* the device did what it cannot do: reset it */
    bool chained; /* within a frame of several buffers, which is dropped */
    bool polls;   /* interrupts were missed too often to rely on them */
    uint32_t idle_polls;    /* that found nothing, in a row */
    uint32_t missed_in_row; /* interrupts */
    uint64_t stalled_since; /* nanoseconds; 0 = transmit makes progress */
    struct ixgbe_counters counters;
};

enum ixgbe_state { IXGBE_FAILED, IXGBE_READY, IXGBE_RESETTING };

struct ixgbe {
    uint32_t state;      /* enum ixgbe_state; atomic */
    uint32_t queue_count;
    uint32_t batch;      /* frames that one call hands out at most */
    bool interrupts;
    uint64_t frames_bus; /* bus address of a frame at heap offset 0 */
    uint64_t resets, missed; /* shown in reports */
    uint64_t resets_in_window, window_start;
    struct ixgbe_queue queues[IXGBE_QUEUES];
};

extern struct ixgbe ixgbe;

static inline uint32_t ixgbe_after(uint32_t index)
{
    return (index + 1) % IXGBE_RING;
}

/* The bus address of the frame in @packet. */
static inline uint64_t ixgbe_bus(struct rref_packet packet)
{
    return ixgbe.frames_bus + (uint32_t)packet.handle;
}

/* Where register @reg of @queue's rings is. */
static inline uint32_t ixgbe_reg(const struct ixgbe_queue *queue, uint32_t reg)
{
    return reg + queue->number * IXGBE_QUEUE_STRIDE;
}

/* Read the manifest's arguments; false, and logged, when they are wrong. */
bool ixgbe_settings_read(void);
/* Show the counters in reports. */
void ixgbe_counters_show(void);

/*
 * Reset the device and bring it up, with the buffers that the rings have or
 * with new ones. False: it does not answer as it should; logged.
 */
bool ixgbe_init(void);

/*
 * Move received frames to @collect, giving the device buffers from @packets,
 * or new ones when there are none. Returns how many; sets queue->starved when
 * it stopped for lack of a buffer, queue->broken when the device claims the
 * impossible.
 */
uint32_t ixgbe_receive(struct ixgbe_queue *queue, struct queue *packets,
                       struct queue *collect);

/*
 * Send @packets; buffers that are done come back in @collect. Frames of
 * length 0 are @packet_bytes long. Returns how many were queued; sets
 * queue->broken when the device has not moved for too long.
 */
uint32_t ixgbe_transmit(struct ixgbe_queue *queue, struct queue *packets,
                        struct queue *collect, uint64_t packet_bytes);

/* The device has been reset: forget what was with it. */
void ixgbe_receive_restart(struct ixgbe_queue *queue);
void ixgbe_transmit_restart(struct ixgbe_queue *queue);

/* Interrupts for all queues, as the settings say. */
void ixgbe_irq_start(void);
/* Nothing was there: wait for @queue's interrupt, at most a millisecond. */
bool ixgbe_irq_wait(struct ixgbe_queue *queue);
/* What a wait led to: whether frames were there after it. */
void ixgbe_irq_judge(struct ixgbe_queue *queue, bool raised, bool found);

/*
 * Nothing moves on @queue: find out why. Returns an error of the interface, 0
 * for none; sets queue->broken when it is the device.
 */
uint32_t ixgbe_look(struct ixgbe_queue *queue, bool tx);
/*
 * Reset the device, after all other threads have left; once, however many
 * want it. Needs: the caller is inside @queue.
 * Errors: false: too often in too short a time, or it does not come back. The
 *         device has failed then, for good.
 */
bool ixgbe_recover(struct ixgbe_queue *queue);
