/* SPDX-License-Identifier: MIT */
/*
 * recorder.c - the recording device: see recorder.h, which is its datasheet.
 *
 * All work is done in the write of the doorbell, with the device's lock held,
 * on the thread that the driver runs on: so what the driver holds on loan is
 * within reach (dma_read_reach()), and stays what it is meanwhile.
 */
#include "recorder.h"
#include <stddef.h>

static struct recorder *recorder_of(struct device *device)
{
    return (struct recorder *)device;
}

static void count(struct recorder *recorder, enum recorder_result result,
                  bool is_sent)
{
    struct recorder_counts *counts = &recorder->counts;

    counts->recorded += result == RECORDER_RESULT_RECORDED;
    counts->sent += result == RECORDER_RESULT_RECORDED && is_sent;
    counts->refused += result == RECORDER_RESULT_REFUSED;
    counts->too_long += result == RECORDER_RESULT_TOO_LONG;
}

/* The driver may be changing the entry: each word of it is read once. */
static enum recorder_result record(struct recorder *recorder,
                                   const struct recorder_entry *entry,
                                   uint16_t flags)
{
    uint64_t address = __atomic_load_n(&entry->address, __ATOMIC_RELAXED);
    uint32_t length = __atomic_load_n(&entry->length, __ATOMIC_RELAXED);
    const void *frame;

    if (length > RECORDER_FRAME_MAX)
        return RECORDER_RESULT_TOO_LONG;
    if (length == 0 || (flags & ~RECORDER_FLAG_SENT))
        return RECORDER_RESULT_REFUSED;
    frame = dma_read_reach(&recorder->device, address, length);
    if (!frame)
        return RECORDER_RESULT_REFUSED;
    recorder->wire->ops->send(recorder->wire, frame, length);
    return RECORDER_RESULT_RECORDED;
}

static void record_entry(struct recorder *recorder,
                         struct recorder_entry *entry)
{
    uint16_t flags = __atomic_load_n(&entry->flags, __ATOMIC_RELAXED);
    enum recorder_result result = record(recorder, entry, flags);

    count(recorder, result, flags & RECORDER_FLAG_SENT);
    __atomic_store_n(&entry->result, (uint16_t)result, __ATOMIC_RELAXED);
}

/* The first @filled entries; NULL when they are not to be had. */
static struct recorder_entry *find_list(struct recorder *recorder,
                                        uint32_t filled)
{
    if (recorder->entries > RECORDER_ENTRIES_MAX ||
        filled > recorder->entries ||
        recorder->list % sizeof(struct recorder_entry) != 0)
        return NULL;
    return dma_reach(&recorder->device, recorder->list,
                     filled * (uint32_t)sizeof(struct recorder_entry));
}

static void ring(struct recorder *recorder, uint32_t filled)
{
    struct recorder_entry *list;
    uint32_t i;

    if (!recorder->is_enabled || recorder->is_stopped || filled == 0)
        return;
    list = find_list(recorder, filled);
    recorder->has_fault = !list;
    for (i = 0; list && i < filled; i++)
        record_entry(recorder, &list[i]);
}

static void reset(struct recorder *recorder)
{
    recorder->before = recorder_totals(recorder);
    recorder->counts = (struct recorder_counts){0};
    recorder->is_stopped = false;
    recorder->is_enabled = false;
    recorder->has_fault = false;
    recorder->list = 0;
    recorder->entries = 0;
}

static uint32_t status(const struct recorder *recorder)
{
    bool enabled = recorder->is_enabled && !recorder->is_stopped;

    return (enabled ? RECORDER_ENABLED : 0) |
           (recorder->has_fault ? RECORDER_LIST_FAULT : 0);
}

static uint32_t read_register(struct device *device, uint32_t offset)
{
    const struct recorder *recorder = recorder_of(device);

    switch (offset) {
    case RECORDER_ID:
        return RECORDER_ID_VALUE;
    case RECORDER_VERSION:
        return 1;
    case RECORDER_CONTROL:
        return recorder->is_enabled ? RECORDER_ENABLE : 0;
    case RECORDER_STATUS:
        return status(recorder);
    case RECORDER_LIST_LOW:
        return (uint32_t)recorder->list;
    case RECORDER_LIST_HIGH:
        return (uint32_t)(recorder->list >> 32);
    case RECORDER_LIST_ENTRIES:
        return recorder->entries;
    case RECORDER_RECORDED:
        return (uint32_t)recorder->counts.recorded;
    case RECORDER_SENT:
        return (uint32_t)recorder->counts.sent;
    case RECORDER_REFUSED:
        return (uint32_t)recorder->counts.refused;
    case RECORDER_TOO_LONG:
        return (uint32_t)recorder->counts.too_long;
    default:
        return 0;
    }
}

static void write_register(struct device *device, uint32_t offset,
                           uint32_t value)
{
    struct recorder *recorder = recorder_of(device);

    switch (offset) {
    case RECORDER_CONTROL:
        if (value & RECORDER_RESET)
            reset(recorder);
        else
            recorder->is_enabled = value & RECORDER_ENABLE;
        break;
    case RECORDER_LIST_LOW:
        recorder->list = (recorder->list >> 32 << 32) | value;
        break;
    case RECORDER_LIST_HIGH:
        recorder->list = (uint64_t)value << 32 | (uint32_t)recorder->list;
        break;
    case RECORDER_LIST_ENTRIES:
        recorder->entries = value;
        break;
    case RECORDER_DOORBELL:
        ring(recorder, value);
        break;
    default:
        break;
    }
}

static void step(struct device *device)
{
    (void)device;
}

static bool drained(struct device *device)
{
    (void)device;
    return true;
}

static void stop(struct device *device)
{
    recorder_of(device)->is_stopped = true;
}

static const struct device_ops recorder_ops = {
    .read = read_register,
    .write = write_register,
    .step = step,
    .drained = drained,
    .stop = stop,
};

void recorder_init(struct recorder *recorder, struct wire *wire,
                   const char *name)
{
    uint32_t i;

    __builtin_memset(recorder, 0, sizeof(*recorder));
    recorder->device.ops = &recorder_ops;
    recorder->device.register_bytes = RECORDER_REGISTER_BYTES;
    for (i = 0; i < DEVICE_NAME_MAX - 1 && name[i]; i++)
        recorder->device.name[i] = name[i];
    recorder->wire = wire;
}

struct recorder_counts recorder_totals(const struct recorder *recorder)
{
    const struct recorder_counts *now = &recorder->counts,
                                 *before = &recorder->before;

    return (struct recorder_counts){
        .recorded = now->recorded + before->recorded,
        .sent = now->sent + before->sent,
        .refused = now->refused + before->refused,
        .too_long = now->too_long + before->too_long,
    };
}
