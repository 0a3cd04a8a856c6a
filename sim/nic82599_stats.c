/* SPDX-License-Identifier: MIT */
/*
 * nic82599_stats.c - the 82599 model's statistics registers.
 * Counters are 32 bits long, octets 64 in two registers, and wrap.
 * Source: Intel 82599 datasheet, "Statistics Registers".
 */
#include "nic82599_internal.h"

/* Counters that reading clears and writing does not change. */
bool nic_is_statistic(uint32_t offset)
{
    if (nic_in_rx_queues(offset))
        return offset % NIC_QUEUE_STRIDE >= NIC_Q_QPRC &&
               offset % NIC_QUEUE_STRIDE <= NIC_Q_QBRC_H;
    return (offset >= 0x3f00 && offset < 0x4200) ||
           (offset >= 0x8680 && offset < 0x8780);
}

void nic_count(struct nic82599 *nic, uint32_t offset, uint32_t n)
{
    *nic_register(nic, offset) += n;
}

void nic_count_long(struct nic82599 *nic, uint32_t offset, uint32_t n)
{
    uint32_t *low = nic_register(nic, offset);

    *low += n;
    if (*low < n)
        low[1]++;
}

void nic_count_sizes(struct nic82599 *nic, uint32_t offset,
                     const struct nic_tally *tally)
{
    uint32_t i;

    for (i = 0; i < 6; i++)
        nic_count(nic, offset + i * 4, tally->sizes[i]);
}

/* The counter set of @queue: a byte of the map at @map. */
static uint32_t set_of(struct nic82599 *nic, uint32_t map, uint32_t queue)
{
    return *nic_register(nic, map + queue / 4 * 4) >> queue % 4 * 8 & 0xf;
}

void nic_count_received(struct nic82599 *nic, uint32_t queue,
                        const struct nic_tally *tally)
{
    uint32_t set = set_of(nic, NIC_RQSMR, queue) * NIC_QUEUE_STRIDE;

    nic->handed_in += tally->frames;
    nic->rx_unread[queue] += tally->frames;
    nic_count(nic, NIC_GPRC, tally->frames);
    nic_count(nic, NIC_TPR, tally->frames);
    nic_count(nic, NIC_QPRC + set, tally->frames);
    nic_count_long(nic, NIC_GORCL, tally->bytes);
    nic_count_long(nic, NIC_TORL, tally->bytes);
    /* what reached memory; the checksum did not */
    nic_count_long(nic, NIC_QBRC + set, tally->bytes - 4 * tally->frames);
    nic_count_sizes(nic, NIC_PRC64, tally);
}

void nic_count_sent(struct nic82599 *nic, uint32_t queue,
                    const struct nic_tally *tally)
{
    uint32_t set = set_of(nic, NIC_TQSM, queue);

    nic_count(nic, NIC_GPTC, tally->frames);
    nic_count(nic, NIC_TPT, tally->frames);
    nic_count(nic, NIC_QPTC + set * 4, tally->frames);
    nic_count_long(nic, NIC_GOTCL, tally->bytes);
    nic_count_long(nic, NIC_QBTC + set * 8, tally->bytes);
    nic_count_sizes(nic, NIC_PTC64, tally);
}

void nic_count_dropped(struct nic82599 *nic, uint32_t queue)
{
    nic_count(nic, NIC_QPRDC +
                       set_of(nic, NIC_RQSMR, queue) * NIC_QUEUE_STRIDE, 1);
}

/* Source: NIC82599_FAULT_COUNTER_WRAP. */
void nic_counters_near_end(struct nic82599 *nic)
{
    static const uint32_t counters[] = {
        NIC_GPRC, NIC_TPR, NIC_QPRC, NIC_GORCL, NIC_TORL, NIC_QBRC,
        NIC_GPTC, NIC_TPT, NIC_QPTC, NIC_GOTCL, NIC_QBTC, NIC_MPC,
    };
    uint32_t i;

    for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
        *nic_register(nic, counters[i]) = 0xfffffff0;
}
