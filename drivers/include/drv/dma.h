/* SPDX-License-Identifier: MIT */
/* dma.h - memory that a driver's device may reach. Domain code only. */
#pragma once
#include "tepal/kernel.h"

/*
 * Let the device reach @bytes of private memory at @memory: descriptor rings.
 * Returns its bus address; 0 when it is not private memory, or too many.
 */
static inline uint64_t dma_private(void *memory, size_t bytes)
{
    return TP_SERVICE_CALL(12, TP_POINTER(memory), bytes, 0);
}

/*
 * The bus address of offset 0 of the shared heap: a payload's bus address is
 * that plus the low half of its handle. The device reaches only payloads that
 * this domain owns.
 */
static inline uint64_t dma_shared_base(void)
{
    return TP_SERVICE_CALL(13, 0, 0, 0);
}
