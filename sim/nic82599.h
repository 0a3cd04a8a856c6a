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
 * filters, 128 receive and transmit queues, receive-side scaling, frames over
 * several buffers, legacy and advanced descriptors, interrupts with MSI-X and
 * throttling, statistics, and faults (nic82599_faults.h).
 * Not modelled: checksum and segmentation offload, header split, VLAN, flow
 * director, virtualisation, DCB, head write-back, flow control, and time: a
 * frame moves the instant it may, unless an engine says when. Registers that
 * mean nothing here read back what was written. Runts are delivered, since
 * captures hold frames from before padding; the checksum is always stripped.
 * Source: Intel 82599 datasheet; design, section 7.
 */
#pragma once
#include "nic82599_faults.h"
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
/* Steps that a frame waits for a descriptor while others work. */
#define NIC82599_PATIENCE_STEPS (1u << 20)

/* What the model dropped or could not do, and why. */
struct nic82599_drops {
    uint64_t rx_refused;   /* the IOMMU refused the buffer */
    uint64_t rx_oversize;  /* longer than the buffer */
    uint64_t rx_filtered;  /* for another address */
    uint64_t rx_missed;    /* no ring; or no descriptor, and no waiting */
    uint64_t tx_refused;   /* the IOMMU refused a buffer */
    uint64_t rx_reset;     /* received, not taken when it was reset */
    uint64_t tx_malformed; /* empty, too long, or of an unknown type */
    uint64_t tx_reset;     /* not sent when it was reset */
    uint64_t ring_refused; /* the IOMMU refused the ring */
};

struct nic82599;

/*
 * What decides when frames move, in the place of the model's own "at once": a
 * tail that is written asks it, and it calls nic_deliver() and nic_transmit()
 * when it is time. Called as the device's operations are.
 */
struct nic82599_engine_ops {
    void (*rx_posted)(struct nic82599 *nic, uint32_t queue);
    void (*tx_posted)(struct nic82599 *nic, uint32_t queue);
    /* Returns how many received frames it had. */
    uint32_t (*reset)(struct nic82599 *nic);
    /* An interrupt is held back: call nic_irq_due() at @nanoseconds. */
    void (*irq_held)(struct nic82599 *nic, uint64_t nanoseconds);
};

struct nic82599_engine {
    const struct nic82599_engine_ops *ops;
};

struct nic82599 {
    struct device device; /* first */
    struct wire *wire;
    struct nic82599_engine *engine; /* NULL: at once */
    bool link_up;
    bool stopped;        /* bus mastering is off until reset */
    uint64_t resets;     /* that it has had, ever */
    bool awaits_driver;  /* was reset when its driver died: until a write */
    bool gone;           /* NIC82599_FAULT_GONE has struck */
    uint32_t flap_left;  /* steps until a link that flapped is up again */
    uint32_t faults_waiting; /* bit f: fault f may strike */
    struct nic82599_fault_state faults[NIC82599_FAULTS];
    bool drop_when_full; /* do not let the wire wait for descriptors */
    bool delivered;      /* a frame arrived since the last step began */
    bool placed;         /* an engine placed one since the last step */
    const uint8_t *held; /* a frame of the wire's that waits for a descriptor */
    uint32_t held_bytes;
    uint32_t held_steps;    /* that it has waited */
    uint64_t queue_left[2]; /* bit q: nobody gives queue q descriptors */
    uint64_t (*clock)(void); /* NULL: none */
    uint64_t irq_enabled;    /* bit v: vector v */
    uint64_t irq_causes;     /* of queues, by vector */
    uint64_t irq_waiting;    /* held back by throttling */
    uint64_t irq_again;      /* NIC82599_FAULT_IRQ_DUPLICATE */
    uint32_t irq_other, irq_other_causes; /* link and the like: as EICR */
    uint64_t irq_sent[64];   /* nanoseconds; 0 = never */
    uint64_t interrupts, interrupts_held; /* messages sent; held back first */
    /* For a report: RX descriptors were given to @queue. NULL: nobody asks. */
    void (*observe)(void *context, uint32_t queue, uint32_t posted);
    void *observer;
    struct nic82599_drops drops;
    uint64_t handed_in; /* frames that were received, less drops.rx_reset's */
    uint32_t rx_unread[NIC82599_QUEUES]; /* of those, the ring's: see lost.c */
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

/* Time for interrupt throttling, in nanoseconds; without it there is none. */
void nic82599_set_clock(struct nic82599 *nic, uint64_t (*nanoseconds)(void));

/*
 * The line has ended: a frame that waits for a descriptor is missed. Each that
 * came is in handed_in or in drops then.
 */
void nic82599_unplug(struct nic82599 *nic);

/* Pull the cable out, or plug it in. */
void nic82599_set_link(struct nic82599 *nic, bool up);

/*
 * When no descriptor is free, a step drops waiting frames and counts them in
 * MPC, as on a line that does not wait. Off after nic82599_init().
 */
void nic82599_drop_when_full(struct nic82599 *nic, bool drop);
