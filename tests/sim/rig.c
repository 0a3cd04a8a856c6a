/* SPDX-License-Identifier: MIT */
/* rig.c - the 82599 model on a bench. */
#include "rig.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct rig *current;

void cpu_relax(void)
{
}

void device_raise(struct device *device, uint32_t vector)
{
    device->irq_pending |= 1ull << vector;
}

/* The kernel's IOMMU, reduced to one window. */
void *dma_reach(struct device *device, uint64_t bus, uint32_t bytes)
{
    ck_assert_ptr_eq(device, &current->nic.device);
    if (bytes == 0 || bus < RIG_BUS || bus >= RIG_BUS + RIG_BYTES ||
        bytes > RIG_BUS + RIG_BYTES - bus) {
        current->refused++;
        return NULL;
    }
    return current->memory + (bus - RIG_BUS);
}

struct rig *rig_new(void)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    ck_assert_ptr_nonnull(rig);
    rig->memory = aligned_alloc(4096, RIG_BYTES);
    ck_assert_ptr_nonnull(rig->memory);
    memset(rig->memory, 0, RIG_BYTES);
    test_wire_init(&rig->wire);
    nic82599_init(&rig->nic, &rig->wire.wire, "nic0");
    current = rig;
    return rig;
}

void rig_free(struct rig *rig)
{
    test_wire_free(&rig->wire);
    free(rig->memory);
    free(rig);
    current = NULL;
}

uint32_t rig_read(struct rig *rig, uint32_t offset)
{
    return rig->nic.device.ops->read(&rig->nic.device, offset);
}

void rig_write(struct rig *rig, uint32_t offset, uint32_t value)
{
    rig->nic.device.ops->write(&rig->nic.device, offset, value);
}

void rig_step(struct rig *rig)
{
    rig->nic.device.ops->step(&rig->nic.device);
}

bool rig_drained(struct rig *rig)
{
    return rig->nic.device.ops->drained(&rig->nic.device);
}

void *rig_at(struct rig *rig, uint32_t bus)
{
    return rig->memory + (bus - RIG_BUS);
}

struct nic_descriptor *rig_rx(struct rig *rig, uint32_t index)
{
    return (struct nic_descriptor *)rig_at(rig, RIG_RX_RING) + index;
}

struct nic_descriptor *rig_tx(struct rig *rig, uint32_t index)
{
    return (struct nic_descriptor *)rig_at(rig, RIG_TX_RING) + index;
}

void rig_start_rx(struct rig *rig, uint32_t count, uint32_t type)
{
    uint32_t i;

    for (i = 0; i < count; i++) {
        rig_rx(rig, i)->address = RIG_BUFFERS + i * RIG_BUFFER_BYTES;
        rig_rx(rig, i)->control = 0;
    }
    rig_write(rig, NIC_FCTRL, NIC_FCTRL_UPE | NIC_FCTRL_MPE | NIC_FCTRL_BAM);
    rig_write(rig, NIC_RX_QUEUES + NIC_Q_BAL, RIG_RX_RING);
    rig_write(rig, NIC_RX_QUEUES + NIC_Q_LEN, count * 16);
    rig_write(rig, NIC_RX_QUEUES + NIC_Q_SRRCTL, type << 25 | 2);
    rig_write(rig, NIC_RX_QUEUES + NIC_Q_DCTL, NIC_DCTL_ENABLE);
    rig_write(rig, NIC_RXCTRL, NIC_RXCTRL_RXEN);
}

void rig_start_tx(struct rig *rig, uint32_t count)
{
    rig_write(rig, NIC_HLREG0, NIC_HLREG0_TXCRCEN);
    rig_write(rig, NIC_TX_QUEUES + NIC_Q_BAL, RIG_TX_RING);
    rig_write(rig, NIC_TX_QUEUES + NIC_Q_LEN, count * 16);
    rig_write(rig, NIC_DMATXCTL, NIC_DMATXCTL_TE);
    rig_write(rig, NIC_TX_QUEUES + NIC_Q_DCTL, NIC_DCTL_ENABLE);
}
