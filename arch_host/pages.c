/* SPDX-License-Identifier: MIT */
/*
 * pages.c - slots and the shared heap in a Linux process.
 *
 * One reservation without access holds every slot with its guards: 2 GiB below
 * the first, then a slot every 8 GiB. The shared heap is a memfd, mapped once
 * for the kernel and once in each slot.
 */
#define _GNU_SOURCE
#include "arch/pages.h"
#include "host.h"
#include "tepal_trusted/base.h"
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLOTS_DEFAULT 4096
#define HEAP_DEFAULT 0x10000000ull
#define HUGE_PAGE 0x200000u
#define GUARD_BELOW 0x80000000ull

/* ThreadSanitizer leaves an application about 1.5 TiB. */
#ifdef __SANITIZE_THREAD__
#define SLOTS_MAX 64
#else
#define SLOTS_MAX 4096
#endif

static struct {
    uintptr_t first_slot;
    uint32_t slots;
    int heap_file;
    uint64_t heap_bytes;
} host;

static const int protection[] = {
    [PAGES_READ] = PROT_READ,
    [PAGES_READ_WRITE] = PROT_READ | PROT_WRITE,
    [PAGES_READ_EXECUTE] = PROT_READ | PROT_EXEC,
};

static bool reserve_slots(uint32_t slots)
{
    size_t bytes = (size_t)slots * TP_SLOT_STRIDE + TP_SLOT_STRIDE;
    void *area = mmap(NULL, bytes, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uintptr_t low;

    if (area == MAP_FAILED)
        return false;
    low = (uintptr_t)area + GUARD_BELOW;
    host.first_slot = (low + TP_SLOT_SIZE - 1) & ~(uintptr_t)(TP_SLOT_SIZE - 1);
    host.slots = slots;
    return true;
}

static bool make_heap(uint64_t bytes)
{
    size_t record_bytes = bytes / TP_GRANULE * sizeof(struct registry_record);
    void *payloads, *records;

    host.heap_bytes = bytes;
    host.heap_file = memfd_create("tepal-shared-heap", MFD_CLOEXEC);
    if (host.heap_file < 0 || ftruncate(host.heap_file, (off_t)bytes) != 0)
        return false;
    payloads = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                    host.heap_file, 0);
    records = mmap(NULL, record_bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (payloads == MAP_FAILED || records == MAP_FAILED)
        return false;
    heap_init(payloads, records, bytes);
    return true;
}

bool host_start(const struct host_options *options)
{
    uint32_t slots = options->slots ? options->slots : SLOTS_DEFAULT;
    uint64_t heap = options->heap_bytes ? options->heap_bytes : HEAP_DEFAULT;

    if (slots > SLOTS_MAX)
        slots = SLOTS_MAX;
    if (heap > TP_SHARED_MAX || heap % HEAP_CHUNK_BYTES) {
        errno = EINVAL;
        return false;
    }
    /* As much as was asked for, where there is room beside the null chunk. */
    if (heap <= TP_SHARED_MAX - HEAP_NULL_BYTES)
        heap += HEAP_NULL_BYTES;
    return reserve_slots(slots) && make_heap(heap) &&
           host_catch_faults(options->embedded);
}

uint32_t slot_count(void)
{
    return host.slots;
}

uintptr_t slot_base(uint32_t slot)
{
    return host.first_slot + (uintptr_t)slot * TP_SLOT_STRIDE;
}

void *pages_alloc(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

void pages_free(void *memory, size_t bytes)
{
    if (memory)
        munmap(memory, bytes);
}

/*
 * The reservation itself: it was never touched, so it is zero. What is at least
 * as large as a huge page may have such: a life that fills it faults less often.
 */
bool pages_map(uintptr_t address, size_t bytes, enum pages_access access)
{
    if (bytes >= HUGE_PAGE)
        (void)madvise((void *)address, bytes, MADV_HUGEPAGE);
    return pages_protect(address, bytes, access);
}

bool pages_protect(uintptr_t address, size_t bytes, enum pages_access access)
{
    return mprotect((void *)address, bytes, protection[access]) == 0;
}

/* Nothing of ours may ever be mapped where a domain could reach it. */
static void reserve_again(uintptr_t address, size_t bytes)
{
    void *again = mmap((void *)address, bytes, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
                       -1, 0);

    tp_assert(again != MAP_FAILED);
}

void pages_clear(uintptr_t address, size_t bytes)
{
    tp_assert(madvise((void *)address, bytes, MADV_DONTNEED) == 0);
}

void pages_unmap(uintptr_t address, size_t bytes)
{
    reserve_again(address, bytes);
}

bool pages_map_shared(uintptr_t slot_base_address)
{
    uintptr_t address = slot_base_address + TP_SHARED_START + HEAP_NULL_BYTES;
    size_t bytes = host.heap_bytes - HEAP_NULL_BYTES;

    if (mmap((void *)address, bytes, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_FIXED, host.heap_file,
             HEAP_NULL_BYTES) != MAP_FAILED)
        return true;
    reserve_again(address, bytes);
    return false;
}

void pages_unmap_slot(uintptr_t slot_base_address)
{
    reserve_again(slot_base_address, TP_SLOT_SIZE);
}
