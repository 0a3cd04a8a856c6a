/* SPDX-License-Identifier: MIT */
/*
 * main.c - the ixgbe driver domain: the net interface on an 82599.
 *
 * The domain's own thread brings the device up and ends; from then on the
 * driver runs on its callers' threads, one at a time, and polls.
 * Source: thesis, Listing 10.
 */
#include "drv/mmio.h"
#include "ixgbe.h"

static struct ixgbe nic;

/* Asked only when nothing moves: a register costs more than a frame. */
static uint32_t why_nothing_moves(bool tx)
{
    uint32_t links = drv_read32(IXGBE_LINKS);

    if (!tx && nic.starved) {
        IXGBE_LOG("no memory for another receive buffer");
        return NET_ERROR_DEVICE_FAILED;
    }
    if (links == IXGBE_GONE) {
        IXGBE_LOG("the device is gone");
        nic.ready = false;
        return NET_ERROR_DEVICE_FAILED;
    }
    return links & IXGBE_LINKS_UP ? 0 : NET_ERROR_LINK_DOWN;
}

uint32_t net_impl_submit_and_poll(struct queue *packets, struct queue *collect,
                                  bool tx, uint64_t pkt_len, uint64_t *count)
{
    uint32_t moved;

    *count = 0;
    if (!nic.ready)
        return NET_ERROR_DEVICE_FAILED;
    if (tx)
        moved = ixgbe_transmit(&nic, packets, collect, pkt_len);
    else
        moved = ixgbe_receive(&nic, packets, collect);
    *count = moved;
    if (!nic.ready)
        return NET_ERROR_DEVICE_FAILED;
    return moved > 0 ? 0 : why_nothing_moves(tx);
}

NET_EXPORT();

int tp_main(void)
{
    nic.ready = ixgbe_init(&nic);
    if (!nic.ready)
        return 1;
    IXGBE_LOG("82599 ready");
    return 0;
}
