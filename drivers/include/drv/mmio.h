/* SPDX-License-Identifier: MIT */
/*
 * mmio.h - a driver's way to its device's registers. Domain code only.
 * The kernel checks each offset; the device is the one that the manifest gave.
 */
#pragma once
#include "tepal/kernel.h"

/*
 * Read the 32-bit register at @offset; all ones outside the device, or when
 * the domain has none.
 */
static inline uint32_t drv_read32(uint32_t offset)
{
    return (uint32_t)TP_SERVICE_CALL(10, offset, 0, 0);
}

/* Write the 32-bit register at @offset; nothing happens outside the device. */
static inline void drv_write32(uint32_t offset, uint32_t value)
{
    TP_SERVICE_CALL(11, offset, value, 0);
}

/*
 * Whether the device is as after a reset: the kernel resets one whose driver
 * has died, where the device can do that by itself, and nothing was written
 * since. Then it needs no other reset.
 */
static inline bool drv_is_fresh(void)
{
    return TP_SERVICE_CALL(23, 0, 0, 0) != 0;
}
