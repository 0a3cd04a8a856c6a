/* SPDX-License-Identifier: MIT */
/*
 * macswap.c - an application domain that sends every frame back to who sent
 * it: source and destination address change places.
 */
#include "pump.h"

static void swap_addresses(uint8_t *frame)
{
    uint64_t destination = 0, source = 0;

    __builtin_memcpy(&destination, frame, 6);
    __builtin_memcpy(&source, frame + 6, 6);
    __builtin_memcpy(frame, &source, 6);
    __builtin_memcpy(frame + 6, &destination, 6);
}

static void swap(struct queue *frames, struct queue *buffers)
{
    uint32_t i;

    (void)buffers;
    for (i = 0; i < queue_len(frames); i++)
        swap_addresses(rref_packet_value(queue_get(frames, i))->data);
}

int tp_main(void)
{
    return pump_run(swap);
}
