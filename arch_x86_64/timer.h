/* SPDX-License-Identifier: MIT */
/* timer.h - the clock of the machine, and the tick of a CPU's own timer. */
#pragma once

#define TIMER_VECTOR 0x40u

/*
 * Measure the cycle counter, and start the ticks, one each
 * WATCHDOG_TICK_NANOSECONDS once interrupts are on. Needs: page_tables_init().
 */
void timer_init(void);

void timer_acknowledge(void);

/* No more ticks: for who counts what something else costs. */
void timer_stop(void);
