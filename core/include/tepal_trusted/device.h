/* SPDX-License-Identifier: MIT */
/*
 * device.h - a device as the kernel hands it to one driver domain. Trusted
 * only. Device models (sim/) and, on bare metal, PCI devices complete it.
 *
 * A bus address is what a driver writes into descriptors. Behind an IOMMU, and
 * in the models, it is the owner's slot offset: private memory that the driver
 * named with dma_private, or the payload of a shared object it owns; to read at
 * once, also of one that it holds on loan.
 * Source: design, section 7.
 */
#pragma once
#include "tepal_trusted/lock.h"
#include <stdbool.h>
#include <stdint.h>

struct device;
struct domain;

#define DEVICE_WINDOWS_MAX 16
#define DEVICE_NAME_MAX 16

/* Called with the device's lock held; each does a bounded amount of work. */
struct device_ops {
    /* @offset is 4-byte aligned and below register_bytes. */
    uint32_t (*read)(struct device *device, uint32_t offset);
    void (*write)(struct device *device, uint32_t offset, uint32_t value);
    /* The CPU has nothing to do: let time pass. */
    void (*step)(struct device *device);
    /* Nothing more will ever come in, and nothing is left to go out. */
    bool (*drained)(struct device *device);
    /* Bus mastering off, at once and until reset; no DMA after this. */
    void (*stop)(struct device *device);
    /*
     * Function-level reset after stop(): as after power-on, and idle until it
     * is written to. NULL where there is none; false when it did not work.
     */
    bool (*reset)(struct device *device);
};

struct device {
    const struct device_ops *ops;
    char name[DEVICE_NAME_MAX];
    uint32_t register_bytes;
    struct lock lock; /* domains on several threads may cause work */
    struct domain *owner;  /* the driver domain, NULL while none */
    struct domain *driver; /* the last owner, dead or alive */
    bool is_abandoned;     /* nobody will ever call its driver again */
    struct dma_window {
        uint32_t start, end; /* slot offsets in the owner's private memory */
    } windows[DEVICE_WINDOWS_MAX];
    uint32_t window_count;
    bool is_fresh; /* reset when it was taken, and not written to since */
    uint64_t dma_refused; /* accesses that the IOMMU stopped */
    uint64_t irq_pending; /* bit v: vector v was raised, nobody waited yet */
};

/*
 * The kernel's address for @bytes at bus address @bus, or NULL: outside the
 * owner's windows and objects. Counted in dma_refused.
 */
void *dma_reach(struct device *device, uint64_t bus, uint32_t bytes);

/*
 * The same for a device that reads now: also objects that the owner has lent
 * out, and those that it holds on loan from a call that the current thread is
 * in. What is on loan on another thread, or was, is out of reach.
 * Needs:  whatever stands there is read before the register access in which
 *         this is called ends: with it the loan may.
 * Source: docs/decisions/0012-devices-read-what-is-lent.md.
 */
const void *dma_read_reach(struct device *device, uint64_t bus,
                           uint32_t bytes);

/*
 * Let @device reach @bytes of @driver's private memory at @start.
 * Returns the bus address; 0 when that is not private memory, too many, or the
 * device is not (or no longer) @driver's.
 */
uint32_t dma_window_add(struct device *device, const struct domain *driver,
                        uint32_t start, uint64_t bytes);

/* The system's devices. The caller keeps @device until devices_forget(). */
bool device_add(struct device *device);
void devices_forget(void);
struct device *device_at(uint32_t index); /* NULL behind the last one */
struct device *device_find(const char *name);

/*
 * Register access by @driver; all ones and no effect outside the device, or
 * when it is not (or no longer) @driver's.
 */
uint32_t device_read(struct device *device, const struct domain *driver,
                     uint64_t offset);
void device_write(struct device *device, const struct domain *driver,
                  uint64_t offset, uint32_t value);

/* Whether @driver has it as it is after a reset. */
bool device_is_fresh(struct device *device, const struct domain *driver);

/*
 * The device interrupts. Vectors above 63 are lost.
 * Needs: the device's lock, which its operations are called with.
 */
void device_raise(struct device *device, uint32_t vector);

/*
 * Wait for @vector on behalf of @driver, and take it; at most @nanoseconds.
 * Devices are stepped meanwhile.
 * Errors: false: the time is over, all devices are drained, or the device is
 *         not (or no longer) @driver's.
 */
bool device_wait(struct device *device, const struct domain *driver,
                 uint64_t vector, uint64_t nanoseconds);

/* Give it to @owner, or take it from one: no DMA any more. */
void device_give(struct device *device, struct domain *owner);
void device_take(struct device *device);

/* Take it if its owner is dead: that may have come to life again meanwhile. */
void device_take_dead(struct device *device);

/* Nobody will ever call its driver again: nothing waits for it. */
void device_abandon(struct device *device);

/*
 * Nothing to do on the CPU: step every device. True when all are drained,
 * abandoned, or dead with their drivers, so that the system may end.
 */
bool devices_idle(void);
