/* SPDX-License-Identifier: MIT */
/*
 * boot_info.h - what the loader says of the machine and of the files that it
 * has loaded, in one form for both protocols.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOOT_RANGES_MAX 64
#define BOOT_MODULES_MAX 32
#define BOOT_TEXT_MAX 256

/* Physical addresses, @end not included. */
struct boot_range {
    uint64_t start, end;
};

struct boot_module {
    struct boot_range place;
    char name[BOOT_TEXT_MAX]; /* its command line; empty = none */
};

struct boot_info {
    struct boot_range ram[BOOT_RANGES_MAX]; /* usable, in any order */
    uint32_t ram_count;
    struct boot_module modules[BOOT_MODULES_MAX];
    uint32_t module_count;
    char command_line[BOOT_TEXT_MAX];
};

/*
 * Read what the loader left at @address by @protocol (boot.h), which is trusted
 * as the loader is: it lies in the first 4 GiB, and is what it says. It is not
 * needed afterwards. What there is more of than fits is left out.
 * Errors: false: it is not of that protocol.
 */
bool boot_info_read(struct boot_info *info, uintptr_t address,
                    uint32_t protocol);
