/* SPDX-License-Identifier: MIT */
/*
 * native.c - a kernel with nothing to it, for domain code that is compiled into
 * the program: a pool of packets with one owner, bus addresses that are
 * addresses, calls that are calls.
 *
 * All of it is linked into one object, in which only native.h's names are
 * global: the program has the same model and other functions of these names.
 */
#include "native.h"
#include "net.h"
#include "nic82599.h"
#include "tepal_trusted/device.h"
#include <string.h>
#include <sys/mman.h>

#define PACKETS 4096u
#define STRIDE ((sizeof(struct packet) + 63) & ~(size_t)63)

int native_ixgbe(void); /* the driver's tp_main */

uint8_t *test_shared;
static uint32_t free_packets[PACKETS];
static uint32_t free_count;
static struct nic82599 nic;

void *dma_reach(struct device *device, uint64_t bus, uint32_t bytes)
{
    (void)device, (void)bytes;
    return (void *)(uintptr_t)bus;
}

void device_raise(struct device *device, uint32_t vector)
{
    (void)device, (void)vector;
}

/* Offsets begin above 0, so that no handle is null. */
static bool make_pool(void)
{
    size_t bytes = (PACKETS + 1) * STRIDE;

    test_shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (test_shared == MAP_FAILED)
        return false;
    for (free_count = 0; free_count < PACKETS; free_count++)
        free_packets[free_count] = (uint32_t)((free_count + 1) * STRIDE);
    return true;
}

static uint64_t packet_new(void)
{
    uint32_t offset;

    if (free_count == 0)
        return 0;
    offset = free_packets[--free_count];
    memset(test_shared + offset, 0, sizeof(struct packet));
    return offset;
}

static uint64_t packet_drop(uint64_t handle)
{
    free_packets[free_count++] = (uint32_t)handle;
    return true;
}

static uint64_t idle(void)
{
    nic.device.ops->step(&nic.device);
    return nic.device.ops->drained(&nic.device);
}

uint64_t test_service(uint32_t service, uint64_t a, uint64_t b, uint64_t c)
{
    static uint64_t nanoseconds;

    (void)c;
    switch (service) {
    case TP_SERVICE_REGISTER_READ:
        return nic.device.ops->read(&nic.device, (uint32_t)a);
    case TP_SERVICE_REGISTER_WRITE:
        nic.device.ops->write(&nic.device, (uint32_t)a, (uint32_t)b);
        return 0;
    case TP_SERVICE_HEAP_ALLOC:
        return packet_new();
    case TP_SERVICE_HEAP_DROP:
        return packet_drop(a);
    case TP_SERVICE_IDLE:
        return idle();
    case TP_SERVICE_NANOSECONDS: /* waits end at once */
        return nanoseconds += 1000000;
    case TP_SERVICE_DMA_PRIVATE:
        return a;
    case TP_SERVICE_DMA_SHARED:
        return (uint64_t)(uintptr_t)test_shared;
    case TP_SERVICE_COUNTER:
        return true;
    default: /* a log line; no arguments; nobody else */
        return 0;
    }
}

uint64_t test_import(uint64_t cap, uint64_t a, uint64_t b, uint64_t c,
                     uint64_t d, uint64_t e, uint64_t f)
{
    uint64_t error;

    (void)cap, (void)f;
    error = net_impl_submit_and_poll(
        (struct queue *)(uintptr_t)a, (struct queue *)(uintptr_t)b, c != 0, d,
        (uint64_t *)(uintptr_t)e);
    return error << 32 | RPC_OK;
}

bool native_start(struct wire *wire)
{
    if (!make_pool())
        return false;
    nic82599_init(&nic, wire, "native");
    return native_ixgbe() == 0;
}
