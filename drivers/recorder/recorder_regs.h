/* SPDX-License-Identifier: MIT */
/*
 * recorder_regs.h - the recording device as its driver knows it. Written apart
 * from the model's list, so that a wrong offset in one of them shows.
 * Source: sim/recorder.h, the device's datasheet.
 */
#pragma once
#include <stdint.h>

/* clang-format off */
enum {
    REG_ID           = 0x00, /* RO */
    REG_VERSION      = 0x04, /* RO */
    REG_CONTROL      = 0x08, /* RW */
    REG_STATUS       = 0x0c, /* RO */
    REG_LIST_LOW     = 0x10, /* RW  bus address of the list */
    REG_LIST_HIGH    = 0x14, /* RW */
    REG_LIST_ENTRIES = 0x18, /* RW */
    REG_DOORBELL     = 0x1c, /* WO  how many entries are filled */
};
/* clang-format on */

#define ID_RECORDER 0x43525054u
#define VERSION_1 1u
#define CONTROL_ENABLE (1u << 0)
#define CONTROL_RESET (1u << 1)
#define STATUS_ENABLED (1u << 0)

/* One frame of a batch. */
struct entry {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t result; /* by the device */
};

#define FLAG_SENT 1u
#define RESULT_NONE 0u
#define RESULT_RECORDED 1u
