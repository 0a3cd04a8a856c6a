/* SPDX-License-Identifier: MIT */
/*
 * nic82599_faults.h - what can be made to go wrong in the 82599 model.
 *
 * Each fault has opportunities: moments in which it could strike. One that is
 * injected lets some pass, then strikes a number of times, or always. Several
 * may be in wait at once. A device reset does not cure a fault; what the fault
 * has done to registers and rings, it does.
 * Source: design, section 7 (injectable faults).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct nic82599;

/* clang-format off */

/* Behind each: its opportunity, and what it does. */
enum nic82599_fault {
    NIC82599_FAULT_LINK_FLAP,    /* a frame to receive: the link goes down for
                                    NIC82599_FLAP_STEPS steps */
    NIC82599_FAULT_UNMAPPED_DMA, /* a frame's buffer: the IOMMU refuses it */
    NIC82599_FAULT_DD_NEVER,     /* a descriptor to be done: it never is */
    NIC82599_FAULT_HEAD_FROZEN,  /* a frame to place, or a call to send: the
                                    head stays; a frame received is missed */
    NIC82599_FAULT_ENABLE_STUCK, /* a queue enabled: it is not, and says so */
    NIC82599_FAULT_RESET_STUCK,  /* a reset: its bit stays, nothing is reset */
    NIC82599_FAULT_EEPROM_BAD,   /* the checksum word read: it is another */
    NIC82599_FAULT_LENGTH_ZERO,  /* a frame received: its length is 0 */
    NIC82599_FAULT_LENGTH_LONG,  /* a frame received: its length is 16383 */
    NIC82599_FAULT_EOP_MISSING,  /* a frame received: no end of packet */
    NIC82599_FAULT_RX_ERROR,     /* a frame received: marked as damaged */
    NIC82599_FAULT_DD_SPURIOUS,  /* a frame received: the next descriptor is
                                    marked done too, and nothing else of it */
    NIC82599_FAULT_TAIL_RANGE,   /* a tail written: it is beyond the ring */
    NIC82599_FAULT_COUNTER_WRAP, /* a frame received: counters are set to just
                                    before their end */
    NIC82599_FAULT_IRQ_DUPLICATE,/* an interrupt: it comes once more, later */
    NIC82599_FAULT_IRQ_MISSED,   /* an interrupt: it does not come */
    NIC82599_FAULT_GONE,         /* a register access: all ones, no effect, and
                                    no DMA any more */
    NIC82599_FAULTS
};

/* clang-format on */

#define NIC82599_FLAP_STEPS 32
#define NIC82599_LENGTH_LONG 16383

struct nic82599_fault_state {
    uint64_t after;    /* opportunities that still pass */
    uint64_t times;    /* strikes that are left; 0 = no end */
    uint64_t happened; /* strikes so far */
};

/* "link-flap", "unmapped-dma" and so on. */
const char *nic82599_fault_name(enum nic82599_fault fault);
/* Errors: false: no fault has the @length characters at @name as its name. */
bool nic82599_fault_find(const char *name, uint32_t length,
                         enum nic82599_fault *fault);

/*
 * Let @after opportunities pass, then strike @times times, 0 = always. What
 * was injected of the same fault before is forgotten, and not what happened.
 */
void nic82599_inject(struct nic82599 *nic, enum nic82599_fault fault,
                     uint64_t after, uint64_t times);
