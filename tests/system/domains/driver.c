/* SPDX-License-Identifier: MIT */
/*
 * driver.c - what somebody may write who has installed Tepal: a domain that
 * implements an interface and reaches for a device.
 */
#include "drv/dma.h"
#include "drv/mmio.h"
#include "net.h"

uint32_t net_impl_submit_and_poll(struct queue *packets, struct queue *collect,
                                  bool tx, uint64_t pkt_len, uint64_t *count)
{
    (void)tx, (void)pkt_len;
    *count = 0;
    queue_append(collect, packets);
    return drv_read32(8) == 0xffffffff ? NET_ERROR_DEVICE_FAILED : 0;
}

NET_EXPORT();

int tp_main(void)
{
    return dma_shared_base() == 0;
}
