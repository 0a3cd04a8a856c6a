/* SPDX-License-Identifier: MIT */
/*
 * stub.c - the least machine that core links with. Not meant to run: if the
 * portable archive and this leave a symbol undefined, then core has grown a
 * need that core/include/arch does not state.
 */
#include "arch/access.h"
#include "arch/cpu.h"
#include "arch/gate.h"
#include "arch/pages.h"
#include "arch/platform.h"
#include "tepal_trusted/crossing.h"
#include "tepal_trusted/watchdog.h"

struct thread *stub_thread;

void _start(void);

void thread_set_current(struct thread *thread)
{
    stub_thread = thread;
}

void cpu_relax(void)
{
}

void cpu_barrier_all(void)
{
}

void cpu_poke(struct thread *thread)
{
    (void)thread;
}

void watchdog_wake(void)
{
}

bool slot_copy_in(void *to, uintptr_t base, uint64_t pointer, size_t bytes)
{
    (void)to, (void)base, (void)pointer, (void)bytes;
    return false;
}

bool slot_copy_out(uintptr_t base, uint64_t pointer, const void *from,
                   size_t bytes)
{
    (void)base, (void)pointer, (void)from, (void)bytes;
    return false;
}

void gate_trap(void)
{
}

uint32_t slot_count(void)
{
    return 1;
}

uintptr_t slot_base(uint32_t slot)
{
    return slot;
}

void *pages_alloc(size_t bytes)
{
    (void)bytes;
    return NULL;
}

void pages_free(void *memory, size_t bytes)
{
    (void)memory, (void)bytes;
}

bool pages_map(uintptr_t address, size_t bytes, enum pages_access access)
{
    (void)address, (void)bytes, (void)access;
    return false;
}

bool pages_protect(uintptr_t address, size_t bytes, enum pages_access access)
{
    (void)address, (void)bytes, (void)access;
    return false;
}

void pages_clear(uintptr_t address, size_t bytes)
{
    (void)address, (void)bytes;
}

void pages_unmap(uintptr_t address, size_t bytes)
{
    (void)address, (void)bytes;
}

bool pages_map_shared(uintptr_t slot_base_address)
{
    (void)slot_base_address;
    return false;
}

void pages_unmap_slot(uintptr_t slot_base_address)
{
    (void)slot_base_address;
}

bool gate_has_gs(void)
{
    return false;
}

uint64_t clock_nanoseconds(void)
{
    return 0;
}

uint64_t platform_random(void)
{
    return 0;
}

void console_write(const char *text, size_t bytes)
{
    (void)text, (void)bytes;
}

_Noreturn void kernel_panic(const char *text)
{
    (void)text;
    for (;;)
        ;
}

void _start(void)
{
}
