/* SPDX-License-Identifier: MIT */
/*
 * test_kernel.c - the kernel of the driver's tests.
 *
 * Packets lie one PACKET_STRIDE apart with a canary behind each. A handle is
 * an offset and a generation, as docs/ABI.md says.
 */
#include "test_kernel.h"
#include "net.h"
#include "sure.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_STRIDE (sizeof(struct packet) + 64)
#define CANARY 0xa5
#define WINDOW_BUS 0x300000u
#define SHARED_BUS 0x80000000u

struct test_kernel kernel;
uint8_t *test_shared;

static struct {
    uint32_t generation;
    enum test_domain owner;
} records[TEST_PACKETS];

void cpu_relax(void)
{
}

void device_raise(struct device *device, uint32_t vector)
{
    device->irq_pending |= 1ull << vector;
}

void test_kernel_init(struct device *device)
{
    const size_t bytes = TEST_PACKETS * PACKET_STRIDE;

    memset(&kernel, 0, sizeof(kernel));
    memset(records, 0, sizeof(records));
    kernel.device = device;
    kernel.domain = TEST_DRIVER;
    kernel.packet_limit = TEST_PACKETS;
    kernel.stuck_register = UINT32_MAX;
    /* the first packet's offset must not be 0 */
    test_shared = aligned_alloc(64, 64 + bytes);
    ck_assert_ptr_nonnull(test_shared);
    memset(test_shared, CANARY, 64 + bytes);
}

void test_kernel_free(void)
{
    free(test_shared);
    test_shared = NULL;
}

static uint32_t packet_offset(size_t index)
{
    return (uint32_t)(64 + index * PACKET_STRIDE);
}

/* The record's number; TEST_PACKETS when the handle names none. */
static size_t packet_find(uint64_t handle)
{
    size_t index = ((uint32_t)handle - 64u) / PACKET_STRIDE;

    if (index >= TEST_PACKETS || packet_offset(index) != (uint32_t)handle ||
        records[index].generation != handle >> 32 ||
        records[index].owner == TEST_NOBODY)
        return TEST_PACKETS;
    return index;
}

uint64_t test_packet_new(void)
{
    size_t i;

    if (kernel.packets >= kernel.packet_limit)
        return 0;
    for (i = 0; records[i].owner != TEST_NOBODY; i++)
        continue;
    kernel.packets++;
    records[i].owner = kernel.domain;
    memset(test_shared + packet_offset(i), 0, sizeof(struct packet));
    return (uint64_t)++records[i].generation << 32 | packet_offset(i);
}

enum test_domain test_packet_owner(uint64_t handle)
{
    size_t index = packet_find(handle);

    return index == TEST_PACKETS ? TEST_NOBODY : records[index].owner;
}

bool test_packet_drop(uint64_t handle)
{
    if (test_packet_owner(handle) != kernel.domain) {
        kernel.drops_refused++;
        return false;
    }
    records[packet_find(handle)].owner = TEST_NOBODY;
    kernel.packets--;
    return true;
}

void test_kernel_assert_sound(void)
{
    size_t i, byte;

    for (i = 0; i < TEST_PACKETS; i++) {
        const uint8_t *canary =
            test_shared + packet_offset(i) + sizeof(struct packet);

        for (byte = 0; byte < 64; byte++)
            sure(canary[byte] == CANARY);
    }
    ck_assert_uint_eq(kernel.drops_refused, 0);
}

static uint64_t window_add(void *memory, uint64_t bytes)
{
    struct test_window *window = &kernel.windows[kernel.window_count];

    if (kernel.windows_off || kernel.window_count == 16)
        return 0;
    window->memory = memory;
    window->bytes = (uint32_t)bytes;
    window->bus = WINDOW_BUS + kernel.window_count++ * 0x100000u;
    return window->bus;
}

static void *reach_private(uint64_t bus, uint32_t bytes)
{
    uint32_t i;

    for (i = 0; i < kernel.window_count; i++) {
        const struct test_window *window = &kernel.windows[i];

        if (bus >= window->bus && bus - window->bus < window->bytes &&
            bytes <= window->bytes - (bus - window->bus))
            return window->memory + (bus - window->bus);
    }
    return NULL;
}

static void *reach_shared(uint64_t offset, uint32_t bytes)
{
    size_t index = (offset - 64) / PACKET_STRIDE;
    size_t inside = (offset - 64) % PACKET_STRIDE;

    if (offset < 64 || index >= TEST_PACKETS ||
        records[index].owner != TEST_DRIVER ||
        inside >= sizeof(struct packet) ||
        bytes > sizeof(struct packet) - inside)
        return NULL;
    return test_shared + offset;
}

void *dma_reach(struct device *device, uint64_t bus, uint32_t bytes)
{
    void *memory = NULL;

    if (bytes == 0 || kernel.dma_off)
        memory = NULL;
    else if (bus < SHARED_BUS)
        memory = reach_private(bus, bytes);
    else
        memory = reach_shared(bus - SHARED_BUS, bytes);
    device->dma_refused += !memory;
    return memory;
}

static uint64_t register_read(uint64_t offset)
{
    uint32_t value;

    if (!kernel.device || offset % 4 != 0 ||
        offset >= kernel.device->register_bytes)
        return 0xffffffff;
    value = kernel.device->ops->read(kernel.device, (uint32_t)offset);
    if (offset == kernel.stuck_register)
        value = (value & kernel.keep) | kernel.set;
    return value;
}

static uint64_t idle(void)
{
    kernel.clock += 1000000;
    sure(kernel.idles++ < 1000000); /* or somebody waits for ever */
    if (!kernel.device)
        return true;
    kernel.device->ops->step(kernel.device);
    return kernel.device->ops->drained(kernel.device);
}

static void log_line(const char *text, size_t bytes)
{
    size_t used = strlen(kernel.log);

    if (used + bytes + 2 > sizeof(kernel.log))
        return;
    memcpy(kernel.log + used, text, bytes);
    kernel.log[used + bytes] = '\n';
}

static bool counter_add(const char *name, size_t bytes, const uint64_t *value)
{
    struct test_counter *counter = &kernel.counters[kernel.counter_count++];

    ck_assert_uint_le(kernel.counter_count, 64);
    ck_assert_uint_lt(bytes, sizeof(counter->name));
    memcpy(counter->name, name, bytes);
    counter->value = value;
    return true;
}

uint64_t test_counter(const char *name)
{
    uint32_t i;

    for (i = 0; i < kernel.counter_count; i++)
        if (strcmp(kernel.counters[i].name, name) == 0)
            return *kernel.counters[i].value;
    ck_abort_msg("no counter %s", name);
}

static uint64_t arguments(char *buffer, size_t bytes)
{
    size_t length = kernel.arguments ? strlen(kernel.arguments) : 0;

    if (length)
        memcpy(buffer, kernel.arguments, length < bytes ? length : bytes);
    return length;
}

/* Time passes until the vector was raised. */
static bool irq_wait(uint64_t vector, uint64_t nanoseconds)
{
    uint64_t end = kernel.clock + nanoseconds;

    for (;;) {
        if (kernel.device->irq_pending >> vector & 1) {
            kernel.device->irq_pending &= ~(1ull << vector);
            return true;
        }
        if (kernel.clock >= end)
            return false;
        kernel.clock += 100000;
        sure(kernel.idles++ < 1000000); /* or somebody waits for ever */
        kernel.device->ops->step(kernel.device);
    }
}

bool test_logged(const char *text)
{
    return strstr(kernel.log, text) != NULL;
}

uint64_t test_service(uint32_t service, uint64_t a, uint64_t b, uint64_t c)
{
    switch (service) {
    case TP_SERVICE_LOG:
        log_line((const char *)(uintptr_t)a, b);
        return 0;
    case TP_SERVICE_COUNTER:
        return counter_add((const char *)(uintptr_t)a, b,
                           (const uint64_t *)(uintptr_t)c);
    case TP_SERVICE_IS_CALLED:
        return 0;
    case TP_SERVICE_ARGUMENTS:
        return arguments((char *)(uintptr_t)a, b);
    case TP_SERVICE_IRQ_WAIT:
        return irq_wait(a, b);
    case TP_SERVICE_NANOSECONDS:
        return kernel.clock += 1000;
    case TP_SERVICE_HEAP_ALLOC:
        return test_packet_new();
    case TP_SERVICE_HEAP_DROP:
        return test_packet_drop(a);
    case TP_SERVICE_DEVICE_IS_FRESH:
        return 0;
    case TP_SERVICE_IDLE:
        return idle();
    case TP_SERVICE_REGISTER_READ:
        return register_read(a);
    case TP_SERVICE_REGISTER_WRITE:
        if (kernel.device && a % 4 == 0 && a < kernel.device->register_bytes)
            kernel.device->ops->write(kernel.device, (uint32_t)a, (uint32_t)b);
        return 0;
    case TP_SERVICE_DMA_PRIVATE:
        return window_add((void *)(uintptr_t)a, b);
    case TP_SERVICE_DMA_SHARED:
        return SHARED_BUS;
    default:
        ck_abort_msg("service %u is not for drivers", service);
    }
}

/* What a proxy does: each element must be the giver's, and is the taker's. */
static void queue_move(const struct queue *queue, enum test_domain from,
                       enum test_domain to)
{
    uint32_t i;

    sure(queue->length <= 32);
    for (i = 0; i < queue_len(queue); i++) {
        uint64_t handle = queue_get(queue, i).handle;

        sure(test_packet_owner(handle) == from);
        records[packet_find(handle)].owner = to;
    }
}

/* The one import there is: submit_and_poll of the driver. */
uint64_t test_import(uint64_t cap, uint64_t a, uint64_t b, uint64_t c,
                     uint64_t d, uint64_t e, uint64_t f)
{
    struct queue *packets = (struct queue *)(uintptr_t)a;
    struct queue *collect = (struct queue *)(uintptr_t)b;
    uint64_t error;

    (void)cap;
    (void)f;
    queue_move(packets, TEST_APPLICATION, TEST_DRIVER);
    queue_move(collect, TEST_APPLICATION, TEST_DRIVER);
    kernel.domain = TEST_DRIVER;
    error = net_impl_submit_and_poll(packets, collect, c != 0, d,
                                     (uint64_t *)(uintptr_t)e);
    kernel.domain = TEST_APPLICATION;
    queue_move(packets, TEST_DRIVER, TEST_APPLICATION);
    queue_move(collect, TEST_DRIVER, TEST_APPLICATION);
    return error << 32 | RPC_OK;
}
