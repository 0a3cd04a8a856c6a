/* SPDX-License-Identifier: MIT */
/*
 * processor.c - see processor.h.
 * Source: Intel 64 SDM, volume 3, sections 2.5 (control registers), 3.4.5
 * (descriptors), 6.14 (64-bit interrupts), 7.7 (task state).
 */
#include "processor.h"
#include "arch/gate.h"
#include "arch/pages.h"
#include "tepal_trusted/base.h"

#define TASK 0x18u
#define TRAP_STACK_BYTES 0x4000u
#define VECTORS 256u
#define MSR_FS_BASE 0xc0000100u

/* Stacks of traps, from 1; what may come in the middle of another has its own. */
enum { STACK_ANY = 1, STACK_PAGE_FAULT, STACK_DOUBLE_FAULT, STACK_NMI, STACKS };
enum { VECTOR_NMI = 2, VECTOR_DOUBLE_FAULT = 8, VECTOR_PAGE_FAULT = 14 };

#define CR0_MP 0x2ull
#define CR0_EM 0x4ull
#define CR0_TS 0x8ull
#define CR0_NE 0x20ull
#define CR0_WP 0x10000ull
#define CR4_OSFXSR 0x200ull
#define CR4_OSXMMEXCPT 0x400ull
#define CR4_UMIP 0x800ull
#define CR4_FSGSBASE 0x10000ull
#define CR4_SMEP 0x100000ull
#define CR4_SMAP 0x200000ull

struct gate_descriptor {
    uint16_t offset_low, segment;
    uint8_t stack, type;
    uint16_t offset_middle;
    uint32_t offset_high, reserved;
} __attribute__((packed));

struct task_state {
    uint32_t reserved0;
    uint64_t privilege_stacks[3];
    uint64_t reserved1;
    uint64_t stacks[7];
    uint64_t reserved2;
    uint16_t reserved3, io_map;
} __attribute__((packed));

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

extern const uint64_t trap_entries[VECTORS]; /* trap_entry.S */

static uint64_t segments[5] = {0, 0x00af9a000000ffff, 0x00cf92000000ffff};
static struct gate_descriptor interrupts[VECTORS];
static struct task_state task;
/* Until there are pages. */
static uint8_t trap_stacks[STACKS][TRAP_STACK_BYTES]
    __attribute__((aligned(16)));
static struct cpu boot_cpu;

static void set_segments(void)
{
    const struct table_pointer pointer = {sizeof(segments) - 1,
                                          (uintptr_t)segments};
    uint64_t base = (uintptr_t)&task;
    uint32_t i;

    for (i = STACK_ANY; i < STACKS; i++)
        task.stacks[i - 1] = (uintptr_t)trap_stacks[i] + TRAP_STACK_BYTES;
    task.io_map = sizeof(task);
    segments[TASK / 8] = (sizeof(task) - 1) | (base & 0xffffff) << 16 |
                         0x89ull << 40 | (base >> 24 & 0xff) << 56;
    segments[TASK / 8 + 1] = base >> 32;
    __asm__ volatile("lgdt %0\n\tltr %w1" : : "m"(pointer), "r"(TASK));
}

bool processor_guard_stacks(void)
{
    uint8_t *stack;
    uint32_t i;

    for (i = STACK_ANY; i < STACKS; i++) {
        stack = pages_alloc(TRAP_STACK_BYTES);
        if (!stack)
            return false;
        task.stacks[i - 1] = (uintptr_t)stack + TRAP_STACK_BYTES;
    }
    return true;
}

static uint8_t stack_of(uint32_t vector)
{
    switch (vector) {
    case VECTOR_NMI:
        return STACK_NMI;
    case VECTOR_DOUBLE_FAULT:
        return STACK_DOUBLE_FAULT;
    case VECTOR_PAGE_FAULT:
        return STACK_PAGE_FAULT;
    default:
        return STACK_ANY;
    }
}

static void set_interrupts(void)
{
    const struct table_pointer pointer = {sizeof(interrupts) - 1,
                                          (uintptr_t)interrupts};
    uint32_t i;

    for (i = 0; i < VECTORS; i++) {
        uint64_t entry = trap_entries[i];

        interrupts[i] = (struct gate_descriptor){
            .offset_low = (uint16_t)entry,
            .offset_middle = (uint16_t)(entry >> 16),
            .offset_high = (uint32_t)(entry >> 32),
            .segment = PROCESSOR_CODE,
            .stack = stack_of(i),
            .type = 0x8e, /* present, interrupt gate: interrupts off */
        };
    }
    __asm__ volatile("lidt %0" : : "m"(pointer));
}

static void cpuid(uint32_t leaf, uint32_t *b, uint32_t *c)
{
    uint32_t a = leaf, d;

    *c = 0;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(*b), "+c"(*c), "=d"(d));
}

/* A bit that the processor does not know faults. */
static const char *set_control(void)
{
    uint64_t cr0, cr4;
    uint32_t b, c, b1, c1;

    cpuid(7, &b, &c);
    cpuid(1, &b1, &c1);
    if (!(b & 1))
        return "the processor has no FSGSBASE";
    if (!(c1 >> 30 & 1))
        return "the processor has no RDRAND";
    __asm__ volatile("movq %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
    cr0 = (cr0 & ~(CR0_EM | CR0_TS)) | CR0_MP | CR0_NE | CR0_WP;
    cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_FSGSBASE;
    if (b >> 7 & 1)
        cr4 |= CR4_SMEP;
    if (b >> 20 & 1)
        cr4 |= CR4_SMAP;
    if (c >> 2 & 1)
        cr4 |= CR4_UMIP;
    __asm__ volatile("movq %0, %%cr0" : : "r"(cr0));
    __asm__ volatile("movq %0, %%cr4" : : "r"(cr4));
    return NULL;
}

static void set_fs(uintptr_t base)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(MSR_FS_BASE), "a"((uint32_t)base),
                       "d"((uint32_t)(base >> 32)));
}

const char *processor_init(void)
{
    set_segments();
    set_interrupts();
    set_fs((uintptr_t)&boot_cpu);
    return set_control();
}

bool gate_has_gs(void)
{
    return true; /* processor_init() insists on it */
}

void thread_set_current(struct thread *thread)
{
    __asm__ volatile("movq %0, %%fs:0" : : "r"(thread) : "memory");
}

/* One CPU runs: what it did is done in order. */
void cpu_barrier_all(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#define DEBUG_EXIT 0xf4

_Noreturn void machine_end(uint32_t verdict)
{
    port_out32(DEBUG_EXIT, verdict);
    for (;;)
        __asm__ volatile("cli\n\thlt");
}
