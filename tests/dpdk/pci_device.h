/* SPDX-License-Identifier: MIT */
/*
 * pci_device.h - the 82599 model on DPDK's PCI bus: this process's kernel.
 *
 * DPDK finds devices in a folder that stands in for /sys/bus/pci/devices, and
 * has the kernel map their registers (rte_pci_map_device). Both are played
 * here, and so are the interrupt line and the IOMMU; the bus's code and the
 * driver's are those of the installed libraries, which know no difference.
 */
#pragma once
#include "nic82599.h"

/*
 * The device's identity: a 82599 on a KX4 backplane, whose link needs no
 * module to be found first.
 */
#define PCI_VENDOR 0x8086
#define PCI_DEVICE 0x10f7
#define PCI_ADDRESS "0000:01:00.0"

struct pci_device {
    struct nic82599 nic;
    char folder[64];      /* of temporary files */
    int interrupt_line;   /* our end of it */
    uint32_t interrupts;  /* on it */
    uint8_t *registers;   /* as the driver has them mapped; else NULL */
    uint64_t dma_refused; /* outside of DPDK's memory */
};

/*
 * Power @pci on, plugged into @wire, and make it all that DPDK's bus will find
 * in this process. One at a time, and before rte_eal_init().
 */
void pci_device_plug(struct pci_device *pci, struct wire *wire);
/* Delete the temporary files, which DPDK reads in rte_eal_init() only. */
void pci_device_forget_files(struct pci_device *pci);

/* Let time pass for the device. */
void pci_device_step(struct pci_device *pci);
