/* SPDX-License-Identifier: MIT */
/*
 * nic82599_lost.c - frames that the 82599 model loses when it is reset or
 * stopped: what was received and not taken, what was given to it and not sent.
 *
 * A received frame is the driver's once the driver has given its descriptor
 * back. Until then it is unread: that many were placed, and at most as many as
 * there are descriptors from behind the tail up to the head, for a driver that
 * keeps its ring full but for one. What stands in the ring is not asked: it is
 * the driver's memory. A frame to be sent is a descriptor from head to tail.
 * Source: Intel 82599 datasheet, sections 4.2, 7.1.9 and 7.2.3.
 */
#include "nic82599_internal.h"

void nic_rx_given_back(struct nic82599 *nic, uint32_t queue, uint32_t tail)
{
    const uint32_t *block = nic_register(nic, nic_rx_block(queue));
    uint32_t count = block[NIC_Q_LEN / 4] / sizeof(struct nic_descriptor);
    uint32_t head = block[NIC_Q_HEAD / 4], next = tail + 1, kept;

    if (head >= count || tail >= count)
        return;
    kept = head >= next ? head - next : head + count - next;
    if (nic->rx_unread[queue] > kept)
        nic->rx_unread[queue] = kept;
}

static uint32_t take_unsent(struct nic82599 *nic, uint32_t queue)
{
    uint32_t *block = nic_register(nic, nic_tx_block(queue));
    uint32_t count = block[NIC_Q_LEN / 4] / sizeof(struct nic_descriptor);
    uint32_t head = block[NIC_Q_HEAD / 4], tail = block[NIC_Q_TAIL / 4];

    if (head >= count || tail >= count)
        return 0;
    block[NIC_Q_HEAD / 4] = tail;
    return tail >= head ? tail - head : tail + count - head;
}

void nic_lose(struct nic82599 *nic)
{
    uint32_t queue;

    for (queue = 0; queue < NIC82599_QUEUES; queue++) {
        nic->drops.rx_reset += nic->rx_unread[queue];
        nic->handed_in -= nic->rx_unread[queue];
        nic->rx_unread[queue] = 0;
        nic->drops.tx_reset += take_unsent(nic, queue);
    }
    if (nic->engine)
        nic->drops.rx_reset += nic->engine->ops->reset(nic);
}

void nic82599_unplug(struct nic82599 *nic)
{
    if (nic->held)
        nic_miss(nic);
    nic->held = NULL;
}
