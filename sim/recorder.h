/* SPDX-License-Identifier: MIT */
/*
 * recorder.h - a device that records frames: its driver names them, it takes
 * them by DMA and gives them to a wire, which keeps them.
 *
 * Portable, freestanding C: no libc but memset, no allocation, all state in one
 * structure. The driver is not trusted: whatever it writes, a call does a
 * bounded amount of work, each word of an entry is read once, and memory is
 * reached through dma_reach() and dma_read_reach() only.
 *
 * The device is ours; what follows is its datasheet.
 *
 * Registers are 32 bits wide. Those that are not listed read as 0, and writing
 * them has no effect.
 *
 *   A driver writes RESET, the address of its list and how many entries that
 *   has, then ENABLE. For each batch it fills entries from the first one on and
 *   writes their number to DOORBELL. When that write is over, the device has
 *   read every frame, written each entry's result, and touches no memory any
 *   more. So frames may be on loan.
 *
 *   A doorbell while it is not enabled does nothing. One of more entries than
 *   the list has, or with a list that cannot be reached, records nothing and
 *   sets LIST_FAULT, which stays until a doorbell that finds its list.
 *
 * An entry is 16 bytes long: bus address of the frame (64 bits), its length in
 * bytes (32 bits), flags (16 bits), result (16 bits, written by the device).
 * A frame is recorded unless it is longer than 2048 bytes; or empty, of unknown
 * flags, or out of reach, all of which are refused.
 *
 * In time a frame costs nothing: it is recorded the instant it is named.
 */
#pragma once
#include "tepal_trusted/device.h"
#include "wire.h"

/* clang-format off */
enum recorder_register {
    RECORDER_ID           = 0x00, /* RO  RECORDER_ID_VALUE */
    RECORDER_VERSION      = 0x04, /* RO  1 */
    RECORDER_CONTROL      = 0x08, /* RW  ENABLE; RESET reads as 0 */
    RECORDER_STATUS       = 0x0c, /* RO */
    RECORDER_LIST_LOW     = 0x10, /* RW  bus address of the list, a multiple */
    RECORDER_LIST_HIGH    = 0x14, /* RW      of 16 */
    RECORDER_LIST_ENTRIES = 0x18, /* RW  1 to RECORDER_ENTRIES_MAX */
    RECORDER_DOORBELL     = 0x1c, /* WO  so many entries are filled */
    /* Frames since the reset, modulo 2^32. */
    RECORDER_RECORDED     = 0x20, /* RO */
    RECORDER_SENT         = 0x24, /* RO  of these, in direction sent */
    RECORDER_REFUSED      = 0x28, /* RO */
    RECORDER_TOO_LONG     = 0x2c, /* RO */
    RECORDER_REGISTER_BYTES = 0x30,
};
/* clang-format on */

#define RECORDER_ID_VALUE 0x43525054u /* "TPRC" */
#define RECORDER_ENABLE (1u << 0)
#define RECORDER_RESET (1u << 1)
#define RECORDER_ENABLED (1u << 0)
#define RECORDER_LIST_FAULT (1u << 1)
#define RECORDER_ENTRIES_MAX 256u
#define RECORDER_FRAME_MAX 2048u

struct recorder_entry {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t result;
};
_Static_assert(sizeof(struct recorder_entry) == 16, "datasheet");

#define RECORDER_FLAG_SENT 1u /* else received */

enum recorder_result {
    RECORDER_RESULT_RECORDED = 1,
    RECORDER_RESULT_REFUSED = 2,
    RECORDER_RESULT_TOO_LONG = 3,
};

struct recorder_counts {
    uint64_t recorded;
    uint64_t sent; /* of these */
    uint64_t refused;
    uint64_t too_long;
};

struct recorder {
    struct device device; /* first */
    struct wire *wire;
    bool is_stopped; /* bus mastering is off until reset */
    bool is_enabled, has_fault;
    uint64_t list;
    uint32_t entries;
    struct recorder_counts counts; /* since the last reset */
    struct recorder_counts before; /* until then, for reports */
};

/*
 * Make @recorder a device after power-on whose frames go to @wire.
 * @name is cut to DEVICE_NAME_MAX - 1 characters.
 * As a struct device it never has anything left to do: it is always drained.
 */
void recorder_init(struct recorder *recorder, struct wire *wire,
                   const char *name);

/* What it did since power-on, through all resets. */
struct recorder_counts recorder_totals(const struct recorder *recorder);
