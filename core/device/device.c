/* SPDX-License-Identifier: MIT */
/*
 * device.c - the devices of the system, and what each may reach.
 *
 * A device reaches two kinds of memory, both its driver's: windows of private
 * memory, which stay mapped as long as the driver lives, and shared objects
 * that the driver owns at that moment. This is the IOMMU of the models.
 * Source: design, section 7.
 */
#include "tepal_trusted/device.h"
#include "arch/pages.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/domain.h"
#include "tepal_trusted/heap.h"

#define DEVICES_MAX 16

static struct device *devices[DEVICES_MAX];
static uint32_t device_count;

bool device_add(struct device *device)
{
    if (device_count == DEVICES_MAX)
        return false;
    devices[device_count++] = device;
    return true;
}

void devices_forget(void)
{
    device_count = 0;
}

struct device *device_find(const char *name)
{
    uint32_t i;

    for (i = 0; i < device_count; i++)
        if (text_equal(devices[i]->name, name))
            return devices[i];
    return NULL;
}

/* Under the device's lock: a thread may still run in a driver that is dead. */
static bool has_register(const struct device *device,
                         const struct domain *driver, uint64_t offset)
{
    return offset % 4 == 0 && offset < device->register_bytes &&
           device->owner == driver;
}

uint32_t device_read(struct device *device, const struct domain *driver,
                     uint64_t offset)
{
    uint32_t value = 0xffffffff;

    lock_acquire(&device->lock);
    if (has_register(device, driver, offset))
        value = device->ops->read(device, (uint32_t)offset);
    lock_release(&device->lock);
    return value;
}

void device_write(struct device *device, const struct domain *driver,
                  uint64_t offset, uint32_t value)
{
    lock_acquire(&device->lock);
    if (has_register(device, driver, offset))
        device->ops->write(device, (uint32_t)offset, value);
    lock_release(&device->lock);
}

void device_give(struct device *device, struct domain *owner)
{
    lock_acquire(&device->lock);
    device->owner = owner;
    device->window_count = 0;
    __atomic_store_n(&owner->device, device, __ATOMIC_RELAXED);
    lock_release(&device->lock);
}

void device_take(struct device *device)
{
    lock_acquire(&device->lock);
    device->ops->stop(device);
    device->window_count = 0;
    if (device->owner)
        __atomic_store_n(&device->owner->device, NULL, __ATOMIC_RELAXED);
    device->owner = NULL;
    lock_release(&device->lock);
}

bool devices_idle(void)
{
    bool drained = device_count != 0;
    uint32_t i;

    for (i = 0; i < device_count; i++) {
        lock_acquire(&devices[i]->lock);
        devices[i]->ops->step(devices[i]);
        drained = devices[i]->ops->drained(devices[i]) && drained;
        lock_release(&devices[i]->lock);
    }
    return drained;
}

static bool is_private(const struct domain *domain, uint32_t start,
                       uint64_t bytes)
{
    return bytes && start >= domain->private_start &&
           start <= domain->private_break &&
           bytes <= domain->private_break - start;
}

uint32_t dma_window_add(struct device *device, const struct domain *driver,
                        uint32_t start, uint64_t bytes)
{
    uint32_t bus = 0;

    lock_acquire(&device->lock);
    if (device->owner == driver &&
        device->window_count < DEVICE_WINDOWS_MAX &&
        is_private(driver, start, bytes)) {
        device->windows[device->window_count].start = start;
        device->windows[device->window_count].end = start + (uint32_t)bytes;
        device->window_count++;
        bus = start;
    }
    lock_release(&device->lock);
    return bus;
}

static void *reach_private(const struct device *device, uint32_t start,
                           uint32_t bytes)
{
    uint32_t i;

    for (i = 0; i < device->window_count; i++) {
        const struct dma_window *window = &device->windows[i];

        if (start >= window->start && start < window->end &&
            bytes <= window->end - start)
            return (uint8_t *)device->owner->base + start;
    }
    return NULL;
}

static void *reach_shared(const struct device *device, uint32_t offset,
                          uint32_t bytes)
{
    uint32_t room;
    struct registry_record *record = heap_containing(offset, &room);
    uint32_t inside;

    if (!record)
        return NULL;
    if ((__atomic_load_n(&record->word, __ATOMIC_ACQUIRE) & 0xffffffffu) !=
        device->owner->id) /* owner, and not lent */
        return NULL;
    inside = offset - registry_offset(record);
    if (inside >= room || bytes > room - inside)
        return NULL;
    return registry.payloads + offset;
}

void *dma_reach(struct device *device, uint64_t bus, uint32_t bytes)
{
    void *memory = NULL;

    if (device->owner && bytes && bus < TP_SHARED_START)
        memory = reach_private(device, (uint32_t)bus, bytes);
    else if (device->owner && bytes && bus <= UINT32_MAX)
        memory = reach_shared(device, (uint32_t)bus - TP_SHARED_START, bytes);
    if (!memory)
        device->dma_refused++;
    return memory;
}
