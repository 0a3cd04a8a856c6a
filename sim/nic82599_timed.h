/* SPDX-License-Identifier: MIT */
/*
 * nic82599_timed.h - what the 82599 model does when, on the virtual clock.
 *
 * The model itself says what a frame does to rings and registers; this engine
 * says when. Frames arrive no faster than the line allows and wait in the
 * receive packet buffer; DMA takes them out one after the other; transmit
 * descriptors are fetched after the tail was written, into a transmit packet
 * buffer that the line empties. docs/VIRTUAL_CLOCK.md has the figures and
 * says what is not modelled.
 * Source: Intel 82599 datasheet, "Receive Functionality", "Transmit
 * Functionality"; design, section 7 (Two clocks).
 */
#pragma once
#include "nic82599.h"
#include "virtual_clock.h"

#define TIMED_RX_BUFFER_BYTES 0x80000u /* 512 KiB */
#define TIMED_TX_BUFFER_BYTES 0x28000u /* 160 KiB */

struct nic82599_timed {
    struct nic82599_engine engine; /* first */
    struct nic82599 *nic;
    struct wire wire;   /* between the model and its own wire */
    struct wire *outer; /* that one */
    struct virtual_event arriving, placing, sending, interrupting;
    bool started;         /* the driver has begun to receive */
    bool playing;         /* and frames arrive */
    uint64_t rx_dma_free; /* from when on DMA has time for another */
    uint64_t tx_dma_free;
    uint64_t tx_line_free; /* when the line has sent all it was given */
    uint32_t tx_next;      /* queue to look at first */
    uint64_t tx_queues[2]; /* bit q: queue q has a tail to look at */
    uint32_t sent_bytes;   /* of the newest frame that left the model */
    uint32_t oldest, newest; /* in buffer: where records start, and end */
    uint32_t frames;       /* in it */
    uint32_t buffered;     /* their bytes */
    uint32_t buffered_max;
    uint64_t overflowed; /* frames that found it full */
    uint8_t buffer[2 * TIMED_RX_BUFFER_BYTES] __attribute__((aligned(64)));
};

/* Time @nic by the virtual clock from now on, until the program ends. */
void nic82599_time(struct nic82599_timed *timed, struct nic82599 *nic);
