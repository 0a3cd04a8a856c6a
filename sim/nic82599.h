/* SPDX-License-Identifier: MIT */
/*
 * nic82599.h - a register-level model of the Intel 82599 network controller.
 *
 * Portable, freestanding C: no libc but memcpy and memset, no allocation, all
 * state in one structure. The driver is not trusted: whatever it writes, a
 * call does a bounded amount of work, and memory is reached through
 * dma_reach() only.
 *
 * Modelled: resets, EEPROM, semaphores, link, MDIO without a PHY, address
 * filters, receive queue 0, 128 transmit queues, legacy and advanced
 * descriptors, statistics.
 * Not modelled: interrupts, receive frames over several buffers, receive
 * queues beyond 0, offloads, segmentation, virtualisation, head write-back,
 * and time: a frame moves the instant it may. Registers that mean nothing
 * here read back what was written. Runts are delivered, since captures hold
 * frames from before padding; the checksum is always stripped.
 * Source: Intel 82599 datasheet; design, section 7.
 */
#pragma once
#include "tepal_trusted/device.h"
#include "wire.h"

#define NIC82599_REGISTER_BYTES 0x20000
#define NIC82599_QUEUES 128
#define NIC82599_EEPROM_WORDS 0x80
#define NIC82599_FRAME_MAX 15872
/* Most frames that arrive at once. */
#define NIC82599_BURST 64
/* Most frames that leave at once: as many as the largest ring holds. */
#define NIC82599_TX_BURST 4096

/* What the model dropped or could not do, and why. */
struct nic82599_drops {
    uint64_t rx_refused;   /* the IOMMU refused the buffer */
    uint64_t rx_oversize;  /* longer than the buffer */
    uint64_t rx_filtered;  /* for another address */
    uint64_t rx_missed;    /* no ring; or no descriptor, and no waiting */
    uint64_t tx_refused;   /* the IOMMU refused a buffer */
    uint64_t tx_malformed; /* empty, too long, or of an unknown type */
    uint64_t ring_refused; /* the IOMMU refused the ring */
};

struct nic82599 {
    struct device device; /* first */
    struct wire *wire;
    bool link_up;
    bool stopped;        /* bus mastering is off until reset */
    bool drop_when_full; /* do not let the wire wait for descriptors */
    bool delivered;      /* a frame arrived since the last step began */
    struct nic82599_drops drops;
    uint16_t eeprom[NIC82599_EEPROM_WORDS];
    uint32_t registers[NIC82599_REGISTER_BYTES / 4];
    uint8_t frame[NIC82599_FRAME_MAX]; /* a frame gathered for sending */
};

/*
 * Make @nic a device after power-on, with its link up, plugged into @wire.
 * @name is cut to DEVICE_NAME_MAX - 1 characters.
 *
 * As a struct device it moves frames so: writing RDT delivers at most as many
 * frames as that write posted descriptors, and at most NIC82599_BURST; step
 * at most NIC82599_BURST; writing TDT sends every whole frame up to the tail,
 * at most NIC82599_TX_BURST, and step as many.
 * It is drained when the wire has ended and the newest step delivered
 * nothing: a frame that the driver has not looked at by then is lost, so an
 * application idles only after an empty poll. It is also drained once it is
 * stopped.
 */
void nic82599_init(struct nic82599 *nic, struct wire *wire, const char *name);

/* Pull the cable out, or plug it in. */
void nic82599_set_link(struct nic82599 *nic, bool up);

/*
 * When no descriptor is free, a step drops waiting frames and counts them in
 * MPC, as on a line that does not wait. Off after nic82599_init().
 */
void nic82599_drop_when_full(struct nic82599 *nic, bool drop);
