/* SPDX-License-Identifier: MIT */
/*
 * timer.c - see timer.h. The cycle counter and the local APIC's timer are both
 * measured against the 8254, whose frequency is known; the old interrupt
 * controllers are silenced.
 * Sources: Intel 64 SDM, volume 3, sections 10.4 and 10.5.4 (local APIC);
 * Intel 8254 data sheet, mode 0; 8259A data sheet, OCW1.
 */
#include "timer.h"
#include "page_tables.h"
#include "processor.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/watchdog.h"

#define PIT_HERTZ 1193182u
#define MEASURE_MILLISECONDS 10u
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_CHANNEL2_ONCE 0xb0 /* low and high byte, mode 0 */
#define SPEAKER 0x61
#define SPEAKER_GATE 0x01
#define SPEAKER_DATA 0x02
#define SPEAKER_OUT 0x20
#define PIC_MASK1 0x21
#define PIC_MASK2 0xa1

#define APIC 0xfee00000u
enum {
    APIC_EOI = 0xb0 / 4,
    APIC_SPURIOUS = 0xf0 / 4,
    APIC_TIMER = 0x320 / 4,
    APIC_INITIAL = 0x380 / 4,
    APIC_CURRENT = 0x390 / 4,
    APIC_DIVIDE = 0x3e0 / 4,
};
#define APIC_ENABLED 0x1ffu /* the last vector for spurious ones */
#define APIC_PERIODIC 0x20000u
#define APIC_MASKED 0x10000u
#define APIC_BY_16 3u

static volatile uint32_t *apic;
static uint64_t nanoseconds_by_cycle; /* 32.32 bits */
static uint64_t cycles_at_start;

static void pit_start(uint32_t count)
{
    port_out8(SPEAKER,
              (uint8_t)((port_in8(SPEAKER) & ~SPEAKER_DATA) | SPEAKER_GATE));
    port_out8(PIT_COMMAND, PIT_CHANNEL2_ONCE);
    port_out8(PIT_CHANNEL2, (uint8_t)count);
    port_out8(PIT_CHANNEL2, (uint8_t)(count >> 8));
}

static bool pit_has_ended(void)
{
    return port_in8(SPEAKER) & SPEAKER_OUT;
}

void timer_init(void)
{
    uint64_t cycles, milliseconds = MEASURE_MILLISECONDS;
    uint32_t ticks;

    port_out8(PIC_MASK1, 0xff);
    port_out8(PIC_MASK2, 0xff);
    apic = page_tables_map_device(APIC);
    apic[APIC_SPURIOUS] = APIC_ENABLED;
    apic[APIC_DIVIDE] = APIC_BY_16;
    apic[APIC_TIMER] = APIC_MASKED;
    pit_start(PIT_HERTZ * MEASURE_MILLISECONDS / 1000);
    cycles_at_start = cpu_cycles();
    apic[APIC_INITIAL] = UINT32_MAX;
    while (!pit_has_ended())
        ;
    ticks = UINT32_MAX - apic[APIC_CURRENT];
    cycles = cpu_cycles() - cycles_at_start;
    nanoseconds_by_cycle = (milliseconds * 1000000 << 32) / cycles;
    apic[APIC_TIMER] = TIMER_VECTOR | APIC_PERIODIC;
    apic[APIC_INITIAL] = (uint32_t)((uint64_t)ticks *
                                    WATCHDOG_TICK_NANOSECONDS /
                                    (milliseconds * 1000000));
}

void timer_acknowledge(void)
{
    apic[APIC_EOI] = 0;
}

void timer_stop(void)
{
    apic[APIC_TIMER] = APIC_MASKED;
}

uint64_t clock_nanoseconds(void)
{
    unsigned __int128 cycles = cpu_cycles() - cycles_at_start;

    return (uint64_t)(cycles * nanoseconds_by_cycle >> 32);
}
