/* SPDX-License-Identifier: MIT */
/*
 * device.c - the devices of the system, and what each may reach.
 *
 * A device reaches two kinds of memory, both its driver's: windows of private
 * memory, which stay mapped as long as the driver lives, and shared objects
 * that the driver owns at that moment. One that only reads, and is done before
 * the driver's register access is, also reaches what the driver holds on loan.
 * This is the IOMMU of the models.
 * Source: design, section 7; docs/decisions/0012-devices-read-what-is-lent.md.
 */
#include "tepal_trusted/device.h"
#include "arch/cpu.h"
#include "arch/pages.h"
#include "arch/platform.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/domain.h"
#include "tepal_trusted/heap.h"
#include "tepal_trusted/rref.h"
#include "tepal_trusted/timing.h"

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

struct device *device_at(uint32_t index)
{
    return index < device_count ? devices[index] : NULL;
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
    if (has_register(device, driver, offset)) {
        device->is_fresh = false;
        device->ops->write(device, (uint32_t)offset, value);
    }
    lock_release(&device->lock);
}

bool device_is_fresh(struct device *device, const struct domain *driver)
{
    bool fresh;

    lock_acquire(&device->lock);
    fresh = device->owner == driver && device->is_fresh;
    lock_release(&device->lock);
    return fresh;
}

void device_give(struct device *device, struct domain *owner)
{
    lock_acquire(&device->lock);
    device->owner = owner;
    device->window_count = 0;
    device->irq_pending = 0;
    __atomic_store_n(&owner->device, device, __ATOMIC_RELAXED);
    owner->driven = device;
    device->driver = owner;
    lock_release(&device->lock);
}

static void take(struct device *device)
{
    device->ops->stop(device);
    device->is_fresh = device->ops->reset && device->ops->reset(device);
    device->window_count = 0;
    if (device->owner)
        __atomic_store_n(&device->owner->device, NULL, __ATOMIC_RELAXED);
    device->owner = NULL;
}

void device_take(struct device *device)
{
    lock_acquire(&device->lock);
    take(device);
    lock_release(&device->lock);
}

void device_take_dead(struct device *device)
{
    lock_acquire(&device->lock);
    if (device->owner && !domain_is_alive(device->owner))
        take(device);
    lock_release(&device->lock);
}

/* Whether whoever drives it may come to life again. */
static bool has_future(const struct device *device)
{
    return device->driver && domain_may_return(device->driver);
}

/* Nothing more will come of it. */
static bool is_finished(struct device *device)
{
    if (__atomic_load_n(&device->is_abandoned, __ATOMIC_RELAXED))
        return true;
    return device->owner ? device->ops->drained(device) : !has_future(device);
}

void device_abandon(struct device *device)
{
    __atomic_store_n(&device->is_abandoned, true, __ATOMIC_RELAXED);
}

bool devices_idle(void)
{
    bool drained = device_count != 0;
    uint32_t i;

    for (i = 0; i < device_count; i++) {
        lock_acquire(&devices[i]->lock);
        devices[i]->ops->step(devices[i]);
        drained = is_finished(devices[i]) && drained;
        lock_release(&devices[i]->lock);
    }
    return drained;
}

void device_raise(struct device *device, uint32_t vector)
{
    if (vector < 64)
        device->irq_pending |= 1ull << vector;
}

enum irq_state { IRQ_NONE, IRQ_RAISED, IRQ_LOST };

static enum irq_state irq_take(struct device *device,
                               const struct domain *driver, uint64_t bit)
{
    enum irq_state state = IRQ_LOST;

    lock_acquire(&device->lock);
    if (device->owner == driver) {
        state = device->irq_pending & bit ? IRQ_RAISED : IRQ_NONE;
        device->irq_pending &= ~bit;
    }
    lock_release(&device->lock);
    return state;
}

static bool wait_for(struct device *device, const struct domain *driver,
                     uint64_t vector, uint64_t nanoseconds)
{
    uint64_t start = clock_nanoseconds(), end = start + nanoseconds;
    uint64_t bit = vector < 64 ? 1ull << vector : 0;

    for (;;) {
        enum irq_state state = irq_take(device, driver, bit);

        if (state != IRQ_NONE)
            return state == IRQ_RAISED;
        if (clock_nanoseconds() - start >= nanoseconds || devices_idle())
            return irq_take(device, driver, bit) == IRQ_RAISED;
        timing_idle(end < start ? UINT64_MAX : end);
    }
}

bool device_wait(struct device *device, const struct domain *driver,
                 uint64_t vector, uint64_t nanoseconds)
{
    struct thread *thread = thread_current();
    bool came;

    thread->is_waiting = true;
    came = wait_for(device, driver, vector, nanoseconds);
    thread->is_waiting = false;
    return came;
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

/* Whether the driver may do so itself, at this moment. */
typedef bool may_reach(const struct device *device,
                       const struct registry_record *record);

/* Its owner, and it is not lent. */
static bool may_write(const struct device *device,
                      const struct registry_record *record)
{
    owner_word_t word = __atomic_load_n(&record->word, __ATOMIC_ACQUIRE);

    return (uint32_t)word == device->owner->id; /* with a borrow count of 0 */
}

/* Its owner, or the borrower in a call that this thread has not left. */
static bool may_read(const struct device *device,
                     const struct registry_record *record)
{
    owner_word_t word = __atomic_load_n(&record->word, __ATOMIC_ACQUIRE);

    return owner_of(word) == device->owner->id ||
           rref_is_on_loan(thread_current(), device->owner, record);
}

static void *reach_shared(const struct device *device, uint32_t offset,
                          uint32_t bytes, may_reach *may)
{
    uint32_t room;
    struct registry_record *record = heap_containing(offset, &room);
    uint32_t inside;

    if (!record || !may(device, record))
        return NULL;
    inside = offset - registry_offset(record);
    if (inside >= room || bytes > room - inside)
        return NULL;
    return registry.payloads + offset;
}

static void *reach(struct device *device, uint64_t bus, uint32_t bytes,
                   may_reach *may)
{
    void *memory = NULL;

    if (device->owner && bytes && bus < TP_SHARED_START)
        memory = reach_private(device, (uint32_t)bus, bytes);
    else if (device->owner && bytes && bus <= UINT32_MAX)
        memory = reach_shared(device, (uint32_t)bus - TP_SHARED_START, bytes,
                              may);
    if (!memory)
        device->dma_refused++;
    return memory;
}

void *dma_reach(struct device *device, uint64_t bus, uint32_t bytes)
{
    return reach(device, bus, bytes, may_write);
}

const void *dma_read_reach(struct device *device, uint64_t bus,
                           uint32_t bytes)
{
    return reach(device, bus, bytes, may_read);
}
