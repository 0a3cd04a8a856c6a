/* SPDX-License-Identifier: MIT */
/*
 * services.c - what the kernel does for domains: the functions behind
 * tepal/kernel.h. Every argument comes from the domain: pointers are reached
 * through slot_copy_*(), numbers are checked, and a breach ends the domain.
 *
 * Each runs on its caller's thread.
 */
#include "services.h"
#include "arch/access.h"
#include "arch/gate.h"
#include "arch/pages.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/device.h"
#include "tepal_trusted/estate.h"
#include "tepal_trusted/restart.h"
#include "tepal_trusted/domain.h"
#include "tepal_trusted/rref.h"
#include "tepal_trusted/timing.h"

#define LOG_LINE_MAX 512

/* Called by their gates only, so they have names but no header. */
typedef uint64_t service(uint64_t a, uint64_t b, uint64_t c);
service service_panic, service_log, service_cycles,
    service_nanoseconds, service_random, service_heap_alloc, service_heap_drop,
    service_private_grow, service_arguments, service_idle,
    service_register_read, service_register_write, service_dma_private,
    service_dma_shared, service_cap_own, service_cap_narrow,
    service_cap_revoke, service_counter, service_is_called, service_irq_wait,
    service_data, service_cap_generation, service_cap_reconnect,
    service_device_is_fresh, service_keep, service_inherit;

GATE_SERVICE(service_panic);
GATE_SERVICE(service_log);
GATE_SERVICE(service_cycles);
GATE_SERVICE(service_nanoseconds);
GATE_SERVICE(service_random);
GATE_CORE_SERVICE(service_heap_alloc);
GATE_CORE_SERVICE(service_heap_drop);
GATE_SERVICE(service_private_grow);
GATE_SERVICE(service_arguments);
GATE_SERVICE(service_idle);
GATE_SERVICE(service_register_read);
GATE_SERVICE(service_register_write);
GATE_SERVICE(service_dma_private);
GATE_SERVICE(service_dma_shared);
GATE_SERVICE(service_cap_own);
GATE_SERVICE(service_cap_narrow);
GATE_SERVICE(service_cap_revoke);
GATE_SERVICE(service_counter);
GATE_SERVICE(service_is_called);
GATE_SERVICE(service_irq_wait);
GATE_SERVICE(service_data);
GATE_SERVICE(service_cap_generation);
GATE_SERVICE(service_cap_reconnect);
GATE_SERVICE(service_device_is_fresh);
GATE_SERVICE(service_keep);
GATE_SERVICE(service_inherit);

void (*const service_gates[TP_SERVICE_COUNT])(void) = {
    [TP_SERVICE_PANIC] = gate_service_panic,
    [TP_SERVICE_LOG] = gate_service_log,
    [TP_SERVICE_CYCLES] = gate_service_cycles,
    [TP_SERVICE_NANOSECONDS] = gate_service_nanoseconds,
    [TP_SERVICE_RANDOM] = gate_service_random,
    [TP_SERVICE_HEAP_ALLOC] = gate_service_heap_alloc,
    [TP_SERVICE_HEAP_DROP] = gate_service_heap_drop,
    [TP_SERVICE_PRIVATE_GROW] = gate_service_private_grow,
    [TP_SERVICE_ARGUMENTS] = gate_service_arguments,
    [TP_SERVICE_IDLE] = gate_service_idle,
    [TP_SERVICE_REGISTER_READ] = gate_service_register_read,
    [TP_SERVICE_REGISTER_WRITE] = gate_service_register_write,
    [TP_SERVICE_DMA_PRIVATE] = gate_service_dma_private,
    [TP_SERVICE_DMA_SHARED] = gate_service_dma_shared,
    [TP_SERVICE_CAP_OWN] = gate_service_cap_own,
    [TP_SERVICE_CAP_NARROW] = gate_service_cap_narrow,
    [TP_SERVICE_CAP_REVOKE] = gate_service_cap_revoke,
    [TP_SERVICE_COUNTER] = gate_service_counter,
    [TP_SERVICE_IS_CALLED] = gate_service_is_called,
    [TP_SERVICE_IRQ_WAIT] = gate_service_irq_wait,
    [TP_SERVICE_DATA] = gate_service_data,
    [TP_SERVICE_CAP_GENERATION] = gate_service_cap_generation,
    [TP_SERVICE_CAP_RECONNECT] = gate_service_cap_reconnect,
    [TP_SERVICE_DEVICE_IS_FRESH] = gate_service_device_is_fresh,
    [TP_SERVICE_KEEP] = gate_service_keep,
    [TP_SERVICE_INHERIT] = gate_service_inherit,
};

static struct domain *caller(void)
{
    return thread_current()->domain;
}

/* A hint: whether it is still the caller's is for device.c to find out. */
static struct device *caller_device(void)
{
    return __atomic_load_n(&caller()->device, __ATOMIC_RELAXED);
}

/* A domain's text as it is, of @length bytes; false after a breach. */
static bool copy_text(char *text, uint64_t pointer, size_t length)
{
    if (!slot_copy_in(text, caller()->base, pointer, length)) {
        domain_fail(thread_current(), "service: text at a bad address");
        return false;
    }
    text[length] = 0;
    return true;
}

/* The same, cut to @room and made printable. */
static bool read_text(char *text, size_t room, uint64_t pointer, uint64_t bytes)
{
    size_t i, length = bytes < room - 1 ? bytes : room - 1;

    if (!copy_text(text, pointer, length))
        return false;
    for (i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            text[i] = '.';
    return true;
}

uint64_t service_panic(uint64_t pointer, uint64_t bytes, uint64_t c)
{
    char text[sizeof(caller()->death.cause) - 8];
    char cause[sizeof(caller()->death.cause)];

    (void)c;
    if (read_text(text, sizeof(text), pointer, bytes)) {
        text_format(cause, sizeof(cause), "panic: %s", text);
        domain_fail(thread_current(), cause);
    }
    return 0;
}

uint64_t service_log(uint64_t pointer, uint64_t bytes, uint64_t c)
{
    char text[LOG_LINE_MAX + 1];

    (void)c;
    timing_service(caller(), TP_SERVICE_LOG);
    if (read_text(text, sizeof(text), pointer, bytes))
        log_line("log", "%s", text);
    return 0;
}

uint64_t service_cycles(uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    timing_service(caller(), TP_SERVICE_CYCLES);
    return timing_cycles();
}

uint64_t service_nanoseconds(uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    timing_service(caller(), TP_SERVICE_NANOSECONDS);
    return clock_nanoseconds();
}

uint64_t service_random(uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    timing_service(caller(), TP_SERVICE_RANDOM);
    return timing ? timing->random() : platform_random();
}

/* The number of the type whose record in its file @domain points to. */
static bool find_type(const struct domain *domain, uint64_t record,
                      uint32_t *index)
{
    uint32_t offset = (uint32_t)record - domain->image.header.types_start;

    *index = offset / sizeof(struct dom_type);
    return offset % sizeof(struct dom_type) == 0 &&
           *index < domain->image.type_count;
}

uint64_t service_heap_alloc(uint64_t record, uint64_t b, uint64_t c)
{
    struct domain *domain = caller();
    uint32_t index;

    (void)b, (void)c;
    if (!find_type(domain, record, &index))
        return 0;
    return rref_new_listed(thread_current(), domain, index);
}

uint64_t service_heap_drop(uint64_t handle, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    return rref_drop(thread_current(), caller(), handle);
}

/* The start of @size more bytes of private heap; 0 when there is no room. */
static uint32_t grow(struct domain *domain, uint64_t size)
{
    uint32_t start = domain->private_break;

    if (size > domain->private_limit - start ||
        !pages_map(domain->base + start, size, PAGES_READ_WRITE))
        return 0;
    domain->private_break = start + (uint32_t)size;
    return start;
}

uint64_t service_private_grow(uint64_t bytes, uint64_t b, uint64_t c)
{
    struct domain *domain = caller();
    uint64_t size = (bytes + TP_PAGE - 1) & ~(uint64_t)(TP_PAGE - 1);
    uint32_t start;

    (void)b, (void)c;
    if (size == 0 || size < bytes)
        return 0;
    lock_acquire(&domain->growing);
    start = grow(domain, size);
    lock_release(&domain->growing);
    return start;
}

uint64_t service_arguments(uint64_t pointer, uint64_t bytes, uint64_t c)
{
    struct domain *domain = caller();
    size_t length = text_length(domain->arguments);

    (void)c;
    if (!slot_copy_out(domain->base, pointer, domain->arguments,
                       length < bytes ? length : bytes))
        domain_fail(thread_current(), "service: buffer at a bad address");
    return length;
}

uint64_t service_idle(uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    timing_service(caller(), TP_SERVICE_IDLE);
    if (timing)
        timing->idle(UINT64_MAX);
    return devices_idle();
}

uint64_t service_register_read(uint64_t offset, uint64_t b, uint64_t c)
{
    struct device *device = caller_device();

    (void)b, (void)c;
    timing_service(caller(), TP_SERVICE_REGISTER_READ);
    return device ? device_read(device, caller(), offset) : 0xffffffff;
}

uint64_t service_register_write(uint64_t offset, uint64_t value,
                                       uint64_t c)
{
    struct device *device = caller_device();

    (void)c;
    timing_service(caller(), TP_SERVICE_REGISTER_WRITE);
    if (device)
        device_write(device, caller(), offset, (uint32_t)value);
    return 0;
}

uint64_t service_device_is_fresh(uint64_t a, uint64_t b, uint64_t c)
{
    struct device *device = caller_device();

    (void)a, (void)b, (void)c;
    return device && device_is_fresh(device, caller());
}

uint64_t service_dma_private(uint64_t pointer, uint64_t bytes,
                                    uint64_t c)
{
    struct device *device = caller_device();

    (void)c;
    return device ? dma_window_add(device, caller(), (uint32_t)pointer, bytes)
                  : 0;
}

uint64_t service_dma_shared(uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    return TP_SHARED_START;
}

uint64_t service_cap_own(uint64_t record, uint64_t b, uint64_t c)
{
    struct domain *domain = caller();
    uint32_t offset = (uint32_t)record - domain->image.header.exports_start;
    uint32_t index = offset / sizeof(struct dom_export);

    (void)b, (void)c;
    if (offset % sizeof(struct dom_export) || index >= domain->export_count)
        return 0;
    return capability_grant(domain, domain, &domain->exports[index]);
}

uint64_t service_cap_narrow(uint64_t index, uint64_t methods, uint64_t c)
{
    struct domain *domain = caller();

    (void)c;
    return capability_derive(domain, (uint32_t)index, 0, methods, domain);
}

uint64_t service_cap_revoke(uint64_t index, uint64_t keep, uint64_t c)
{
    (void)c;
    return capability_revoke(caller(), (uint32_t)index, (uint8_t)keep != 0);
}

uint64_t service_cap_generation(uint64_t index, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    return capability_generation(caller(), (uint32_t)index);
}

uint64_t service_cap_reconnect(uint64_t index, uint64_t b, uint64_t c)
{
    (void)b, (void)c;
    return capability_reconnect(caller(), (uint32_t)index, thread_current());
}

/* A zero in it would make another name of it. */
static bool read_name(char text[DOMAIN_COUNTER_NAME], uint64_t name,
                      uint64_t bytes)
{
    return bytes < DOMAIN_COUNTER_NAME && copy_text(text, name, bytes) &&
           text_length(text) == bytes;
}

uint64_t service_counter(uint64_t name, uint64_t bytes, uint64_t pointer)
{
    char text[DOMAIN_COUNTER_NAME];

    return read_name(text, name, bytes) &&
           domain_counter_add(caller(), text, (uint32_t)pointer);
}

uint64_t service_keep(uint64_t name, uint64_t bytes, uint64_t handle)
{
    char text[DOMAIN_COUNTER_NAME];

    return read_name(text, name, bytes) && estate_keep(caller(), text, handle);
}

uint64_t service_inherit(uint64_t name, uint64_t bytes, uint64_t record)
{
    const struct domain *domain = caller();
    char text[DOMAIN_COUNTER_NAME];
    uint32_t index;

    if (!read_name(text, name, bytes) || !find_type(domain, record, &index))
        return 0;
    return estate_find(domain, text, domain->types[index]);
}

uint64_t service_is_called(uint64_t a, uint64_t b, uint64_t c)
{
    (void)a, (void)b, (void)c;
    return capability_leads_to(caller());
}

uint64_t service_irq_wait(uint64_t vector, uint64_t nanoseconds, uint64_t c)
{
    struct device *device = caller_device();

    (void)c;
    timing_service(caller(), TP_SERVICE_IRQ_WAIT);
    return device && device_wait(device, caller(), vector, nanoseconds);
}

uint64_t service_data(uint64_t offset, uint64_t pointer, uint64_t bytes)
{
    const struct domain *domain = caller();
    uint64_t length = domain->data_bytes;
    uint64_t rest = offset < length ? length - offset : 0;

    if (rest > bytes)
        rest = bytes;
    if (rest && !slot_copy_out(domain->base, pointer, domain->data + offset,
                               rest))
        domain_fail(thread_current(), "service: buffer at a bad address");
    return length;
}
