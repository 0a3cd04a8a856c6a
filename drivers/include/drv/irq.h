/* SPDX-License-Identifier: MIT */
/* irq.h - a driver's way to wait for its device. Domain code only. */
#pragma once
#include "tepal/kernel.h"

/*
 * Wait until the device has raised @vector, or raised it before, for at most
 * @nanoseconds. One wait takes one raise; raises in between count once.
 * Returns false when the time is over, when the system is to end, and when
 * the domain has no device: look at the device all the same.
 */
static inline bool drv_irq_wait(uint32_t vector, uint64_t nanoseconds)
{
    return TP_SERVICE_CALL(19, vector, nanoseconds, 0) != 0;
}
