/* SPDX-License-Identifier: MIT */
/* frames.h - physical memory, by frames of 4 KiB or 2 MiB. */
#pragma once
#include "boot_info.h"

#define FRAME_BYTES 0x1000u
#define LARGE_BYTES 0x200000u

/* What lies above is not used. */
#define FRAMES_MAX (256ull << 30)

/*
 * All usable memory from 1 MiB up, less the kernel and the modules, is
 * handed out from now on. @info is not needed afterwards.
 */
void frames_init(const struct boot_info *info);

/*
 * A zeroed frame, by its physical address, which is a kernel address as well.
 * Errors: 0: none is left.
 */
uint64_t frame_take(void);
void frame_give(uint64_t frame);

/* The same for 2 MiB, which stay taken. */
uint64_t frame_take_large(void);
