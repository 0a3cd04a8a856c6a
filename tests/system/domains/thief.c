/* SPDX-License-Identifier: MIT */
/*
 * thief.c - drives a recorder, and in each call also names a frame that it was
 * lent in an earlier one and is not lent now. It counts what came of it.
 */
#include "drv/dma.h"
#include "drv/mmio.h"
#include "net.h"

struct entry {
    uint64_t address;
    uint32_t length;
    uint16_t flags, result;
};

static struct entry list[2] __attribute__((aligned(16)));
static struct rref_packet old;
static uint64_t bus, recorded, tries, stolen;

static bool is_lent_now(const struct queue *frames)
{
    struct rref_packet frame;
    uint32_t index = 0;

    while (queue_next(frames, &index, &frame))
        if ((uint32_t)frame.handle == (uint32_t)old.handle)
            return true;
    return false;
}

static struct entry entry_of(struct rref_packet frame)
{
    return (struct entry){
        .address = bus + offsetof(struct packet, data) + (uint32_t)frame.handle,
        .length = 14,
    };
}

uint32_t recorder_impl_write(const struct queue *frames,
                             enum net_direction direction)
{
    bool tempts = old.handle && !is_lent_now(frames);

    (void)direction;
    list[0] = entry_of(queue_front(frames));
    list[1] = entry_of(old);
    drv_write32(0x1c, tempts ? 2 : 1);
    recorded += list[0].result == 1;
    tries += tempts;
    stolen += tempts && list[1].result != 2;
    old = queue_back(frames);
    return 0;
}

RECORDER_EXPORT();

int tp_main(void)
{
    TP_COUNTER("recorded", &recorded);
    TP_COUNTER("tries", &tries);
    TP_COUNTER("stolen", &stolen);
    bus = dma_shared_base();
    drv_write32(0x08, 2);
    drv_write32(0x10, (uint32_t)dma_private(list, sizeof(list)));
    drv_write32(0x18, 2);
    drv_write32(0x08, 1);
    return drv_read32(0x0c) != 1;
}
