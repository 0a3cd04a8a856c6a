/* SPDX-License-Identifier: MIT */
/*
 * pci_device.c - what DPDK asks of a kernel about a PCI device.
 *
 * Interrupts come as Linux's UIO has them: the driver reads a count of four
 * bytes from a descriptor when there was one, and writes four bytes to it to
 * enable the next. Here the descriptor is one end of a pair of sockets.
 *
 * Bus addresses are the process's own (IOVA as VA), and the IOMMU lets through
 * what DPDK has for DMA: its memory segments, nothing else of the process.
 * Source: DPDK 22.11, Programmer's Guide, "Environment Abstraction Layer"
 * (IOVA modes); Linux, PCI/sysfs-pci.rst and driver-api/uio-howto.rst of its
 * documentation.
 */
#include "pci_device.h"
#include "register_window.h"
#include <check.h>
#include <malloc.h>
#include <rte_bus_pci.h>
#include <rte_dev.h>
#include <rte_interrupts.h>
#include <rte_memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the registers would be on the bus: a number to find them by. */
#define BAR0 0x82599000000ull
#define BAR_IS_MEMORY_64 0x40204u

static struct pci_device *current;

void cpu_relax(void)
{
    __builtin_ia32_pause();
}

void device_raise(struct device *device, uint32_t vector)
{
    (void)device;
    (void)vector; /* one line for all */
    current->interrupts++;
    send(current->interrupt_line, &current->interrupts, 4, MSG_DONTWAIT);
}

void *dma_reach(struct device *device, uint64_t bus, uint32_t bytes)
{
    void *address = (void *)(uintptr_t)bus;
    const struct rte_memseg_list *list = rte_mem_virt2memseg_list(address);

    /* no assertion: this may be in a signal handler */
    if (device != &current->nic.device || bytes == 0 || !list ||
        list->external || bytes > list->addr_64 + list->len - bus) {
        current->dma_refused++;
        return NULL;
    }
    return address;
}

static void file_write(const struct pci_device *pci, const char *name,
                       const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/" PCI_ADDRESS "/%s", pci->folder, name);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void number_write(const struct pci_device *pci, const char *name,
                         unsigned number)
{
    char text[16];

    snprintf(text, sizeof(text), "0x%x\n", number);
    file_write(pci, name, text);
}

/* The device's folder, as Linux would show it. */
static void folder_make(struct pci_device *pci)
{
    char path[128], resources[512];
    int i, n;

    strcpy(pci->folder, P_tmpdir "/tepal-pci-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(pci->folder));
    snprintf(path, sizeof(path), "%s/" PCI_ADDRESS, pci->folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    number_write(pci, "vendor", PCI_VENDOR);
    number_write(pci, "device", PCI_DEVICE);
    number_write(pci, "subsystem_vendor", PCI_VENDOR);
    number_write(pci, "subsystem_device", 0);
    number_write(pci, "class", 0x020000); /* Ethernet */
    n = snprintf(resources, sizeof(resources), "0x%016llx 0x%016llx 0x%016x\n",
                 BAR0, BAR0 + NIC82599_REGISTER_BYTES - 1, BAR_IS_MEMORY_64);
    for (i = 1; i < 6; i++)
        n += snprintf(resources + n, sizeof(resources) - (size_t)n,
                      "0x%016x 0x%016x 0x%016x\n", 0, 0, 0);
    file_write(pci, "resource", resources);
    /* devices without a kernel's driver are skipped; nothing follows this */
    snprintf(path, sizeof(path), "%s/" PCI_ADDRESS "/driver", pci->folder);
    ck_assert_int_eq(symlink("drivers/tepal-model", path), 0);
}

void pci_device_plug(struct pci_device *pci, struct wire *wire)
{
    memset(pci, 0, sizeof(*pci));
    nic82599_init(&pci->nic, wire, "nic0");
    folder_make(pci);
    ck_assert_int_eq(setenv("SYSFS_PCI_DEVICES", pci->folder, 1), 0);
    /* where DPDK puts files of its own */
    ck_assert_int_eq(setenv("RUNTIME_DIRECTORY", pci->folder, 1), 0);
    current = pci;
}

void pci_device_forget_files(struct pci_device *pci)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf '%s'", pci->folder);
    ck_assert_int_eq(system(command), 0);
}

void pci_device_step(struct pci_device *pci)
{
    struct device *device = &pci->nic.device;

    lock_acquire(&device->lock);
    device->ops->step(device);
    lock_release(&device->lock);
}

/*
 * Debian has no header that shows a struct rte_pci_device. But its resources
 * are of a public type, and hold what the bus has read in our folder.
 */
static struct rte_mem_resource *resources_find(struct rte_pci_device *device)
{
    const size_t needed =
        PCI_MAX_RESOURCE * sizeof(struct rte_mem_resource) + sizeof(void *);
    size_t bytes = malloc_usable_size(device), at;

    for (at = 0; at + needed <= bytes; at += sizeof(void *)) {
        struct rte_mem_resource *resource =
            (struct rte_mem_resource *)((char *)device + at);

        if (resource->phys_addr == BAR0 &&
            resource->len == NIC82599_REGISTER_BYTES)
            return resource;
    }
    return NULL;
}

/*
 * Behind the resources stands the interrupt handle; one that nobody has filled
 * in yet is all zero.
 */
static bool interrupt_connect(struct pci_device *pci,
                              struct rte_mem_resource *resources)
{
    struct rte_intr_handle *handle =
        *(struct rte_intr_handle **)&resources[PCI_MAX_RESOURCE];
    int ends[2];

    if (!handle || rte_intr_fd_get(handle) != 0 ||
        rte_intr_type_get(handle) != RTE_INTR_HANDLE_UNKNOWN ||
        socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    pci->interrupt_line = ends[0];
    return rte_intr_fd_set(handle, ends[1]) == 0 &&
           rte_intr_type_set(handle, RTE_INTR_HANDLE_UIO) == 0;
}

/*
 * In front of the function of librte_bus_pci that has the kernel map a
 * device's registers: the dynamic linker takes the program's first.
 */
int rte_pci_map_device(struct rte_pci_device *device)
{
    struct rte_mem_resource *resources = resources_find(device);

    if (!resources || resources->addr || !interrupt_connect(current, resources))
        return -1;
    current->registers = register_window_open(&current->nic.device);
    resources->addr = current->registers;
    return 0;
}

void rte_pci_unmap_device(struct rte_pci_device *device)
{
    struct rte_mem_resource *resources = resources_find(device);

    if (!resources)
        return;
    register_window_close();
    current->registers = NULL;
    resources->addr = NULL;
}
