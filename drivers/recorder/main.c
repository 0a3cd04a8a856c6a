/* SPDX-License-Identifier: MIT */
/*
 * main.c - the recorder driver domain: the interface recorder on a recording
 * device.
 *
 * The frames of a batch are on loan. Their addresses go into a list in private
 * memory, and the device reads them while the doorbell is written: so nothing
 * is copied here, and nothing is left to do when the call returns. What the
 * frames say of themselves may be wrong, or change; only lengths are looked
 * at, once. One batch at a time.
 * Source: sim/recorder.h, the device's datasheet.
 */
#include "drv/dma.h"
#include "drv/mmio.h"
#include "net.h"
#include "recorder_regs.h"

#define LOG(text) tp_log(text, sizeof(text) - 1)
/* How often another thread, that is inside, is waited for. */
#define TRIES_MAX 100000
/* A batch is as long as a queue. */
#define ENTRIES (sizeof(((struct queue *)0)->handle) / sizeof(uint64_t))

static struct {
    struct entry list[ENTRIES] __attribute__((aligned(16)));
    uint64_t frames_bus; /* bus address of a frame at heap offset 0 */
    uint64_t recorded, refused;
    bool is_ready; /* initialised, and no failure since */
    bool is_busy;  /* with another thread's batch */
} recorder;

static bool has_length(uint32_t bytes)
{
    return bytes > 0 && bytes <= sizeof(((struct packet *)0)->data);
}

/* How many entries were filled. */
static uint32_t fill(const struct queue *frames, uint16_t flags)
{
    struct rref_packet frame;
    uint32_t index = 0, filled = 0;

    while (queue_next(frames, &index, &frame)) {
        const struct packet *packet = rref_packet_value(frame);
        uint32_t bytes = __atomic_load_n(&packet->length, __ATOMIC_RELAXED);

        if (!has_length(bytes)) {
            recorder.refused++;
            continue;
        }
        recorder.list[filled++] = (struct entry){
            .address = recorder.frames_bus + (uint32_t)frame.handle,
            .length = bytes,
            .flags = flags,
            .result = RESULT_NONE,
        };
    }
    return filled;
}

/* False: the device has left out some, which it never does. */
static bool look_at_results(uint32_t filled)
{
    bool is_whole = true;
    uint32_t i;

    for (i = 0; i < filled; i++) {
        uint16_t result =
            __atomic_load_n(&recorder.list[i].result, __ATOMIC_RELAXED);

        is_whole = is_whole && result != RESULT_NONE;
        if (result == RESULT_RECORDED)
            recorder.recorded++;
        else
            recorder.refused++;
    }
    return is_whole;
}

static void record(const struct queue *frames, enum net_direction direction)
{
    uint32_t filled = fill(frames, direction == NET_DIRECTION_SENT ? FLAG_SENT
                                                                   : 0);

    if (filled == 0)
        return;
    drv_write32(REG_DOORBELL, filled);
    if (!look_at_results(filled)) {
        LOG("the device does not record any more");
        recorder.is_ready = false;
    }
}

/* In an open domain: who is inside leaves soon. */
static bool enter(void)
{
    uint32_t tries;

    for (tries = 0; tries < TRIES_MAX; tries++) {
        if (!__atomic_exchange_n(&recorder.is_busy, true, __ATOMIC_ACQUIRE))
            return true;
        (void)tp_idle();
    }
    return false;
}

uint32_t recorder_impl_write(const struct queue *frames,
                             enum net_direction direction)
{
    uint32_t error = NET_ERROR_DEVICE_FAILED;

    if (!enter())
        return error;
    if (recorder.is_ready)
        record(frames, direction);
    if (recorder.is_ready)
        error = 0;
    __atomic_store_n(&recorder.is_busy, false, __ATOMIC_RELEASE);
    return error;
}

RECORDER_EXPORT();

static bool start(void)
{
    uint64_t list = dma_private(recorder.list, sizeof(recorder.list));

    if (!list || drv_read32(REG_ID) != ID_RECORDER ||
        drv_read32(REG_VERSION) != VERSION_1)
        return false;
    drv_write32(REG_CONTROL, CONTROL_RESET);
    drv_write32(REG_LIST_LOW, (uint32_t)list);
    drv_write32(REG_LIST_HIGH, (uint32_t)(list >> 32));
    drv_write32(REG_LIST_ENTRIES, ENTRIES);
    drv_write32(REG_CONTROL, CONTROL_ENABLE);
    return drv_read32(REG_STATUS) == STATUS_ENABLED;
}

int tp_main(void)
{
    TP_COUNTER("recorded", &recorder.recorded);
    TP_COUNTER("refused", &recorder.refused);
    recorder.frames_bus = dma_shared_base() + offsetof(struct packet, data);
    if (!start()) {
        LOG("there is no recorder to drive");
        return 1;
    }
    recorder.is_ready = true;
    LOG("recorder ready");
    return 0;
}
