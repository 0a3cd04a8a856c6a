/* SPDX-License-Identifier: MIT */
/*
 * late.c - a driver without a device, whose first life dies as it begins. With
 * NEVER none begins. It takes every frame for sent, and receives none.
 */
#include "net.h"
#include "tepal/kernel.h"

#define MARK "mark"

uint32_t net_impl_submit_and_poll(struct queue *packets, struct queue *collect,
                                  bool tx, uint64_t pkt_len, uint64_t *count)
{
    (void)tx, (void)pkt_len;
    *count = 0;
    queue_append(collect, packets);
    return 0;
}

NET_EXPORT();

int tp_main(void)
{
    struct rref_packet mark = rref_packet_inherit(MARK, sizeof(MARK) - 1);

#ifdef NEVER
    tp_panic("never", 5);
#endif
    if (mark.handle)
        return 0;
    mark = rref_packet_new();
    if (!rref_packet_keep(MARK, sizeof(MARK) - 1, mark))
        return 1;
    tp_panic("not yet", 7);
}
