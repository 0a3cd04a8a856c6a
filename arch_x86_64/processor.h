/* SPDX-License-Identifier: MIT */
/* processor.h - a CPU as the kernel wants it: its tables, its control bits. */
#pragma once
#include "arch/cpu.h"
#include <stdbool.h>
#include <stdint.h>

/*
 * Segments, interrupt table with a stack of its own for each kind of trap,
 * %fs, write protection, SSE, what CPUID has of SMEP, SMAP and UMIP, and
 * FSGSBASE. Interrupts stay off.
 * Errors: a line that says what this processor lacks; else NULL.
 */
const char *processor_init(void);

/* Segments. */
#define PROCESSOR_CODE 0x08u
#define PROCESSOR_DATA 0x10u

/*
 * Traps get stacks with nothing mapped below or above.
 * Needs: pages_alloc(). Errors: false: no memory.
 */
bool processor_guard_stacks(void);

static inline void port_out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t port_in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void port_out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

/* End the machine, in QEMU with an exit code that is never 0 or 1. */
#define MACHINE_FINE 0x10u   /* QEMU's exit code: 33 */
#define MACHINE_FAILED 0x11u /* 35 */
#define MACHINE_PANIC 0x12u  /* 37 */
_Noreturn void machine_end(uint32_t verdict);
