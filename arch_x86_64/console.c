/* SPDX-License-Identifier: MIT */
/*
 * console.c - see console.h; panic, and random numbers.
 * Sources: PC16550D data sheet; QEMU, "isa-debugcon"; Intel 64 SDM, volume 2,
 * RDRAND.
 */
#include "console.h"
#include "arch/platform.h"
#include "processor.h"
#include "tepal_trusted/base.h"

#define COM1 0x3f8
enum { DATA = 0, INTERRUPTS = 1, FIFO = 2, LINE = 3, MODEM = 4, STATUS = 5 };
#define STATUS_ROOM 0x20
#define DEBUG_PORT 0xe9
#define RANDOM_TRIES 1000u

void console_init(void)
{
    port_out8(COM1 + INTERRUPTS, 0);
    port_out8(COM1 + LINE, 0x80); /* the next two are the divisor */
    port_out8(COM1 + DATA, 1);    /* 115200 */
    port_out8(COM1 + INTERRUPTS, 0);
    port_out8(COM1 + LINE, 0x03); /* 8 bits, no parity */
    port_out8(COM1 + FIFO, 0x07);
    port_out8(COM1 + MODEM, 0x03);
}

void console_write(const char *text, size_t bytes)
{
    size_t i;

    for (i = 0; i < bytes; i++) {
        while (!(port_in8(COM1 + STATUS) & STATUS_ROOM))
            cpu_relax();
        port_out8(COM1 + DATA, (uint8_t)text[i]);
    }
}

void console_capture(const void *bytes, size_t count)
{
    __asm__ volatile("rep outsb"
                     : "+S"(bytes), "+c"(count)
                     : "d"(DEBUG_PORT)
                     : "memory");
}

_Noreturn void kernel_panic(const char *text)
{
    static const char prefix[] = "tepal: kernel panic: ";

    __asm__ volatile("cli");
    console_write(prefix, sizeof(prefix) - 1);
    console_write(text, text_length(text));
    console_write("\n", 1);
    machine_end(MACHINE_PANIC);
}

uint64_t platform_random(void)
{
    uint64_t value;
    uint32_t tries;
    bool fine;

    for (tries = 0; tries < RANDOM_TRIES; tries++) {
        __asm__ volatile("rdrand %0" : "=r"(value), "=@ccc"(fine));
        if (fine)
            return value;
    }
    kernel_panic("the processor has no random numbers");
}
