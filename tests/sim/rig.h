/* SPDX-License-Identifier: MIT */
/*
 * rig.h - the 82599 model on a bench: a wire in memory, an IOMMU that knows
 * one window, and a few words that set up rings by hand.
 */
#pragma once
#include "nic82599.h"
#include "nic82599_regs.h"
#include "test_wire.h"

/* Bus addresses that the device may reach: RIG_BYTES from RIG_BUS. */
#define RIG_BUS 0x200000u
#define RIG_BYTES 0x200000u
/* Where the functions below put things in it. */
#define RIG_RX_RING RIG_BUS
#define RIG_TX_RING (RIG_BUS + 0x80000u)
#define RIG_BUFFERS (RIG_BUS + 0x100000u)
#define RIG_BUFFER_BYTES 2048u

struct rig {
    struct nic82599 nic;
    struct test_wire wire;
    uint8_t *memory; /* what RIG_BUS stands for */
    uint64_t refused;
};

/* A new device after power-on. The rig in use is the newest. */
struct rig *rig_new(void);
void rig_free(struct rig *rig);

uint32_t rig_read(struct rig *rig, uint32_t offset);
void rig_write(struct rig *rig, uint32_t offset, uint32_t value);
void rig_step(struct rig *rig);
bool rig_drained(struct rig *rig);

/* Memory at a bus address of the window. */
void *rig_at(struct rig *rig, uint32_t bus);
struct nic_descriptor *rig_rx(struct rig *rig, uint32_t index);
struct nic_descriptor *rig_tx(struct rig *rig, uint32_t index);

/*
 * Enable queue 0 with @count descriptors, buffer i at RIG_BUFFERS + i *
 * RIG_BUFFER_BYTES; none is posted yet. Everything is accepted.
 */
void rig_start_rx(struct rig *rig, uint32_t count, uint32_t type);
/* Enable queue 0 with @count descriptors, without padding. */
void rig_start_tx(struct rig *rig, uint32_t count);
