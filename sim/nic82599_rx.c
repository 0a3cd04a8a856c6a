/* SPDX-License-Identifier: MIT */
/*
 * nic82599_rx.c - the 82599 model's receive side: from the wire through the
 * address filter into descriptors of queue 0.
 *
 * A frame that cannot be placed is dropped and its descriptor stays free, and
 * an enabled queue whose ring makes no sense misses every frame: so a wire
 * waits for descriptors only, and otherwise runs dry. A descriptor is done by
 * one final 64-bit store. One thread at a time.
 * Source: Intel 82599 datasheet, "Receive Functionality".
 */
#include "nic82599_internal.h"

static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* How the driver wants its frames. */
struct rx_format {
    uint32_t buffer_bytes;
    bool legacy;
    bool accepts_all; /* promiscuous in every respect: no filter to ask */
};

/* Source: "Multicast Filter": 12 bits of the address, chosen by MCSTCTRL. */
static bool multicast_accepted(struct nic82599 *nic, const uint8_t *frame)
{
    static const uint8_t shifts[4] = {4, 3, 2, 0};
    uint32_t control = *nic_register(nic, NIC_MCSTCTRL);
    uint32_t high = (uint32_t)frame[4] | (uint32_t)frame[5] << 8;
    uint32_t hash = high >> shifts[control & NIC_MCSTCTRL_MO] & 0xfff;
    uint32_t word = *nic_register(nic, NIC_MTA + hash / 32 * 4);

    return (control & NIC_MCSTCTRL_MFE) && (word >> hash % 32 & 1);
}

static bool address_matches(struct nic82599 *nic, const uint8_t *frame)
{
    uint32_t low, high, i;

    low = (uint32_t)frame[0] | (uint32_t)frame[1] << 8 |
          (uint32_t)frame[2] << 16 | (uint32_t)frame[3] << 24;
    high = (uint32_t)frame[4] | (uint32_t)frame[5] << 8;
    for (i = 0; i < 128; i++) {
        uint32_t rah = *nic_register(nic, NIC_RAH + i * 8);

        if ((rah & NIC_RAH_AV) && (rah & 0xffff) == high &&
            *nic_register(nic, NIC_RAL + i * 8) == low)
            return true;
    }
    return false;
}

/* Source: "Packet Filtering"; promiscuous modes stand in FCTRL. */
static bool filter_accepts(struct nic82599 *nic, const uint8_t *frame,
                           uint32_t bytes)
{
    uint32_t control = *nic_register(nic, NIC_FCTRL);

    if (bytes < 6)
        return false;
    if (__builtin_memcmp(frame, broadcast, 6) == 0)
        return control & (NIC_FCTRL_BAM | NIC_FCTRL_MPE);
    if (frame[0] & 1)
        return (control & NIC_FCTRL_MPE) || multicast_accepted(nic, frame);
    return (control & NIC_FCTRL_UPE) || address_matches(nic, frame);
}

static void count_kind(struct nic82599 *nic, const uint8_t *frame,
                       uint32_t bytes)
{
    if (bytes >= 6 && __builtin_memcmp(frame, broadcast, 6) == 0)
        nic_count(nic, NIC_BPRC, 1);
    else
        nic_count(nic, NIC_MPRC, 1);
}

/* Put @frame where @descriptor says, and mark it done. */
static bool frame_placed(struct nic82599 *nic, const struct rx_format *format,
                         struct nic_descriptor *descriptor,
                         const uint8_t *frame, uint32_t bytes)
{
    uint64_t address, done;
    void *buffer;

    if (!format->accepts_all && !filter_accepts(nic, frame, bytes)) {
        nic->drops.rx_filtered++;
        return false;
    }
    if (bytes == 0 || bytes > format->buffer_bytes) {
        nic->drops.rx_oversize++;
        nic_count(nic, NIC_ROC, 1);
        return false;
    }
    address = __atomic_load_n(&descriptor->address, __ATOMIC_RELAXED);
    buffer = dma_reach(&nic->device, address, bytes);
    if (!buffer) {
        nic->drops.rx_refused++;
        return false;
    }
    __builtin_memcpy(buffer, frame, bytes);
    if (frame[0] & 1)
        count_kind(nic, frame, bytes);
    done = NIC_RX_LEGACY_DONE | NIC_RX_LEGACY_LENGTH(bytes);
    if (!format->legacy) {
        /* no hash, no packet type */
        __atomic_store_n(&descriptor->address, 0, __ATOMIC_RELAXED);
        done = NIC_RX_ADVANCED_DONE | NIC_RX_ADVANCED_LENGTH(bytes);
    }
    __atomic_store_n(&descriptor->control, done, __ATOMIC_RELEASE);
    return true;
}

static void count_received(struct nic82599 *nic, uint32_t block,
                           const struct nic_tally *tally)
{
    nic_count(nic, NIC_GPRC, tally->frames);
    nic_count(nic, NIC_TPR, tally->frames);
    nic_count(nic, block + NIC_Q_QPRC, tally->frames);
    nic_count_long(nic, NIC_GORCL, tally->bytes);
    nic_count_long(nic, NIC_TORL, tally->bytes);
    nic_count_long(nic, block + NIC_Q_QBRC_L, tally->bytes);
    nic_count_sizes(nic, NIC_PRC64, tally);
}

static bool receiving(struct nic82599 *nic)
{
    return !nic->stopped && nic->link_up &&
           !(*nic_register(nic, NIC_CTRL) & NIC_CTRL_MASTER_DISABLE) &&
           (*nic_register(nic, NIC_RXCTRL) & NIC_RXCTRL_RXEN) &&
           (*nic_register(nic, NIC_RX_QUEUES + NIC_Q_DCTL) & NIC_DCTL_ENABLE);
}

/* False for a descriptor type that is not modelled. */
static bool format_read(struct nic82599 *nic, uint32_t block,
                        struct rx_format *format)
{
    const uint32_t all = NIC_FCTRL_UPE | NIC_FCTRL_MPE | NIC_FCTRL_BAM;
    uint32_t srrctl = *nic_register(nic, block + NIC_Q_SRRCTL);
    uint32_t type = NIC_SRRCTL_TYPE(srrctl);

    format->legacy = type == NIC_SRRCTL_LEGACY;
    format->buffer_bytes = NIC_SRRCTL_BUFFER_KIB(srrctl) * 1024;
    format->accepts_all = (*nic_register(nic, NIC_FCTRL) & all) == all;
    return type == NIC_SRRCTL_LEGACY || type == NIC_SRRCTL_ADVANCED;
}

/* Frames that nothing waits for: the packet buffer would overflow. */
static void frames_missed(struct nic82599 *nic, uint32_t limit)
{
    uint32_t missed = 0, bytes;

    while (missed < limit && nic->wire->ops->receive(nic->wire, &bytes))
        missed++;
    nic->drops.rx_missed += missed;
    nic_count(nic, NIC_MPC, missed);
}

/* Returns how many of @limit remain. */
static uint32_t ring_fill(struct nic82599 *nic, struct nic_ring *ring,
                          const struct rx_format *format, uint32_t limit,
                          struct nic_tally *tally)
{
    while (limit > 0 && ring->head != ring->tail) {
        uint32_t bytes = 0;
        const uint8_t *frame = nic->wire->ops->receive(nic->wire, &bytes);

        if (!frame)
            break;
        limit--;
        if (!frame_placed(nic, format, &ring->descriptors[ring->head], frame,
                          bytes))
            continue;
        nic_tally_frame(tally, bytes);
        ring->head = nic_ring_next(ring, ring->head);
    }
    return limit;
}

bool nic_receive(struct nic82599 *nic, uint32_t limit)
{
    uint32_t block = nic_rx_block(0);
    struct nic_tally tally = {0};
    struct rx_format format;
    struct nic_ring ring;

    if (!receiving(nic))
        return false;
    if (!format_read(nic, block, &format) ||
        !nic_ring_open(nic, block, &ring)) {
        frames_missed(nic, limit);
        return false;
    }
    limit = ring_fill(nic, &ring, &format, limit, &tally);
    *nic_register(nic, block + NIC_Q_HEAD) = ring.head;
    if (tally.frames > 0)
        count_received(nic, block, &tally);
    if (nic->drop_when_full && ring.head == ring.tail)
        frames_missed(nic, limit);
    return tally.frames > 0;
}
