/* SPDX-License-Identifier: MIT */
/*
 * nic82599_rx.c - the 82599 model's receive side: from the wire through the
 * address filter into the descriptors of a queue.
 *
 * A frame that cannot be placed is dropped and its descriptors stay free, and
 * a queue that is off or whose ring makes no sense misses every frame: so a
 * wire waits for descriptors only, and otherwise runs dry. A frame that is
 * longer than a buffer takes as many as it needs, and waits for them. A
 * descriptor is done by one final 64-bit store. One thread at a time.
 * Source: Intel 82599 datasheet, "Receive Functionality".
 */
#include "nic82599_internal.h"

static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* How the driver wants its frames. */
struct rx_format {
    uint32_t buffer_bytes;
    uint32_t longest; /* frame that is received, without its checksum */
    bool legacy;
    bool drops;       /* a frame without descriptors does not wait */
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

static uint32_t longest_frame(struct nic82599 *nic)
{
    uint32_t longest = 1518;

    if (*nic_register(nic, NIC_HLREG0) & NIC_HLREG0_JUMBOEN)
        longest = *nic_register(nic, NIC_MHADD) >> 16;
    return longest > 4 ? longest - 4 : 0;
}

/* Whether @frame is one to place; it is counted if not. */
static bool frame_accepted(struct nic82599 *nic, const struct rx_format *format,
                           const uint8_t *frame, uint32_t bytes)
{
    if (!format->accepts_all && !filter_accepts(nic, frame, bytes)) {
        nic->drops.rx_filtered++;
        return false;
    }
    if (bytes > 0 && format->buffer_bytes > 0 && bytes <= format->longest)
        return true;
    nic->drops.rx_oversize++;
    nic_count(nic, NIC_ROC, 1);
    return false;
}

/*
 * Copy a part of a frame to where @descriptor says. Here and below @rss is NULL
 * where no fault waits and nothing is hashed.
 */
static inline bool part_placed(struct nic82599 *nic,
                               const struct nic_descriptor *descriptor,
                               const uint8_t *part, uint32_t bytes,
                               const struct nic_rss *rss)
{
    uint64_t address = __atomic_load_n(&descriptor->address, __ATOMIC_RELAXED);
    void *buffer = NULL;

    if (!rss || !nic_fault(nic, NIC82599_FAULT_UNMAPPED_DMA))
        buffer = dma_reach(&nic->device, address, bytes);
    if (!buffer) {
        nic->drops.rx_refused++;
        return false;
    }
    __builtin_memcpy(buffer, part, bytes);
    return true;
}

/* What faults make of a write-back. */
static __attribute__((noinline, cold)) uint64_t
status_spoilt(struct nic82599 *nic, bool legacy, uint64_t done)
{
    const uint64_t length = legacy ? 0xffff : 0xffffull << 32;

    if (nic_fault(nic, NIC82599_FAULT_LENGTH_ZERO))
        done &= ~length;
    if (nic_fault(nic, NIC82599_FAULT_LENGTH_LONG))
        done = (done & ~length) |
               (legacy ? NIC_RX_LEGACY_LENGTH(NIC82599_LENGTH_LONG)
                       : NIC_RX_ADVANCED_LENGTH(NIC82599_LENGTH_LONG));
    if (nic_fault(nic, NIC82599_FAULT_EOP_MISSING))
        done &= ~(legacy ? NIC_RX_LEGACY_EOP : NIC_RX_ADVANCED_EOP);
    if (nic_fault(nic, NIC82599_FAULT_RX_ERROR))
        done |= legacy ? NIC_RX_LEGACY_RXE : NIC_RX_ADVANCED_RXE;
    if (nic_fault(nic, NIC82599_FAULT_COUNTER_WRAP))
        nic_counters_near_end(nic);
    if (nic_fault(nic, NIC82599_FAULT_DD_NEVER))
        done = 0;
    return done;
}

/* The next descriptor, too, is said to be done. */
static __attribute__((noinline, cold)) void
descriptor_spoilt(const struct nic_ring *ring, bool legacy, uint32_t index)
{
    uint32_t next = nic_ring_next(ring, index);

    if (next != ring->tail)
        __atomic_store_n(&ring->descriptors[next].control,
                         legacy ? NIC_RX_LEGACY_DONE | NIC_RX_LEGACY_LENGTH(60)
                                : NIC_RX_ADVANCED_DONE |
                                      NIC_RX_ADVANCED_LENGTH(60),
                         __ATOMIC_RELEASE);
}

/* Mark descriptor @index of @ring done, with a frame's @bytes in its buffer. */
static inline void write_back(struct nic82599 *nic,
                              const struct rx_format *format,
                              const struct nic_ring *ring, uint32_t index,
                              uint32_t bytes, bool last,
                              const struct nic_rss *rss)
{
    struct nic_descriptor *descriptor = &ring->descriptors[index];
    uint64_t done = NIC_RX_LEGACY_DD | NIC_RX_LEGACY_LENGTH(bytes) |
                    (last ? NIC_RX_LEGACY_EOP : 0);

    if (!format->legacy)
        done = NIC_RX_ADVANCED_DD | NIC_RX_ADVANCED_LENGTH(bytes) |
               (last ? NIC_RX_ADVANCED_EOP : 0);
    if (rss && __builtin_expect(nic->faults_waiting != 0, 0)) {
        done = status_spoilt(nic, format->legacy, done);
        if (done && nic_fault(nic, NIC82599_FAULT_DD_SPURIOUS))
            descriptor_spoilt(ring, format->legacy, index);
        if (!done)
            return;
    }
    if (!format->legacy)
        __atomic_store_n(&descriptor->address,
                         rss ? (uint64_t)rss->hash << 32 | rss->type : 0,
                         __ATOMIC_RELAXED);
    __atomic_store_n(&descriptor->control, done, __ATOMIC_RELEASE);
}

/* A frame that fills more than one buffer. */
static __attribute__((noinline)) bool
parts_placed(struct nic82599 *nic, const struct rx_format *format,
             struct nic_ring *ring, const uint8_t *frame, uint32_t bytes,
             const struct nic_rss *rss)
{
    uint32_t index = ring->head, done, part;

    for (done = 0; done < bytes; done += part) {
        part = bytes - done;
        if (part > format->buffer_bytes)
            part = format->buffer_bytes;
        if (!part_placed(nic, &ring->descriptors[index], frame + done, part,
                         rss))
            return false;
        index = nic_ring_next(ring, index);
    }
    for (done = 0; done < bytes; done += part) {
        part = bytes - done;
        if (part > format->buffer_bytes)
            part = format->buffer_bytes;
        write_back(nic, format, ring, ring->head, part, done + part == bytes,
                   rss);
        ring->head = nic_ring_next(ring, ring->head);
    }
    return true;
}

/* Put an accepted frame into the descriptors from @ring's head on. */
static inline bool frame_placed(struct nic82599 *nic,
                                const struct rx_format *format,
                                struct nic_ring *ring, const uint8_t *frame,
                                uint32_t bytes, const struct nic_rss *rss)
{
    if (bytes > format->buffer_bytes) {
        if (!parts_placed(nic, format, ring, frame, bytes, rss))
            return false;
    } else {
        if (!part_placed(nic, &ring->descriptors[ring->head], frame, bytes,
                         rss))
            return false;
        write_back(nic, format, ring, ring->head, bytes, true, rss);
        ring->head = nic_ring_next(ring, ring->head);
    }
    if (frame[0] & 1)
        count_kind(nic, frame, bytes);
    return true;
}

bool nic_receives(struct nic82599 *nic)
{
    return !nic->stopped && !nic->gone && nic->link_up && !nic->flap_left &&
           !(*nic_register(nic, NIC_CTRL) & NIC_CTRL_MASTER_DISABLE) &&
           (*nic_register(nic, NIC_RXCTRL) & NIC_RXCTRL_RXEN);
}

static bool queue_is_on(struct nic82599 *nic, uint32_t queue)
{
    return *nic_register(nic, nic_rx_block(queue) + NIC_Q_DCTL) &
           NIC_DCTL_ENABLE;
}

/* False for a descriptor type that is not modelled. */
static bool format_read(struct nic82599 *nic, uint32_t block,
                        struct rx_format *format)
{
    const uint32_t all = NIC_FCTRL_UPE | NIC_FCTRL_MPE | NIC_FCTRL_BAM;
    uint32_t srrctl = *nic_register(nic, block + NIC_Q_SRRCTL);
    uint32_t type = NIC_SRRCTL_TYPE(srrctl);

    format->longest = longest_frame(nic);
    format->legacy = type == NIC_SRRCTL_LEGACY;
    format->buffer_bytes = NIC_SRRCTL_BUFFER_KIB(srrctl) * 1024;
    format->drops = nic->drop_when_full || (srrctl & NIC_SRRCTL_DROP_EN);
    format->accepts_all = (*nic_register(nic, NIC_FCTRL) & all) == all;
    return type == NIC_SRRCTL_LEGACY || type == NIC_SRRCTL_ADVANCED;
}

void nic_miss(struct nic82599 *nic)
{
    nic->drops.rx_missed++;
    nic_count(nic, NIC_MPC, 1);
}

/* Frames that nothing waits for: the packet buffer would overflow. */
static void frames_missed(struct nic82599 *nic, uint32_t limit)
{
    uint32_t bytes;

    while (limit-- > 0 && nic->wire->ops->receive(nic->wire, &bytes))
        nic_miss(nic);
}

/* Whether @ring has descriptors for a frame of @bytes. */
static bool has_room(const struct rx_format *format,
                     const struct nic_ring *ring, uint32_t bytes)
{
    uint32_t room = ring->tail >= ring->head
                        ? ring->tail - ring->head
                        : ring->tail + ring->count - ring->head;

    return (uint64_t)room * format->buffer_bytes >= bytes;
}

/* Why there is no descriptor for a frame of @queue. */
static enum nic_delivery without_descriptor(struct nic82599 *nic,
                                            const struct rx_format *format,
                                            uint32_t queue)
{
    if (!format->drops && !(nic->queue_left[queue / 64] >> queue % 64 & 1))
        return NIC_NO_DESCRIPTOR;
    nic_count_dropped(nic, queue);
    nic_miss(nic);
    return NIC_DROPPED;
}

/* The link goes down; the frame that met it is lost. */
static enum nic_delivery flap(struct nic82599 *nic)
{
    nic->flap_left = NIC82599_FLAP_STEPS;
    nic_irq_other(nic, NIC_EICR_LSC);
    nic_miss(nic);
    return NIC_DROPPED;
}

enum nic_delivery nic_deliver(struct nic82599 *nic, const uint8_t *frame,
                              uint32_t bytes)
{
    struct nic_rss rss = nic_rss(nic, frame, bytes);
    uint32_t block = nic_rx_block(rss.queue);
    struct nic_tally tally = {0};
    struct rx_format format;
    struct nic_ring ring;

    if (nic_fault(nic, NIC82599_FAULT_LINK_FLAP))
        return flap(nic);
    if (!nic_receives(nic) || !queue_is_on(nic, rss.queue) ||
        !format_read(nic, block, &format) ||
        !nic_ring_open(nic, block, &ring)) {
        nic_miss(nic);
        return NIC_DROPPED;
    }
    if (!frame_accepted(nic, &format, frame, bytes))
        return NIC_DROPPED;
    if (nic_fault(nic, NIC82599_FAULT_HEAD_FROZEN)) {
        nic_miss(nic);
        return NIC_DROPPED;
    }
    if (!has_room(&format, &ring, bytes))
        return without_descriptor(nic, &format, rss.queue);
    if (!frame_placed(nic, &format, &ring, frame, bytes, &rss))
        return NIC_DROPPED;
    *nic_register(nic, block + NIC_Q_HEAD) = ring.head;
    nic_tally_frame(&tally, bytes);
    nic_count_received(nic, rss.queue, &tally);
    nic_irq_rx(nic, rss.queue);
    nic->placed = true;
    return NIC_PLACED;
}

/* One frame at a time, each to the queue it belongs to. */
static __attribute__((noinline)) bool receive_each(struct nic82599 *nic,
                                                   uint32_t limit)
{
    enum nic_delivery delivery;
    bool placed = false;

    while (limit-- > 0 && nic_receives(nic)) {
        if (!nic->held)
            nic->held =
                nic->wire->ops->receive(nic->wire, &nic->held_bytes);
        if (!nic->held)
            break;
        delivery = nic_deliver(nic, nic->held, nic->held_bytes);
        if (delivery == NIC_NO_DESCRIPTOR)
            break;
        nic->held = NULL;
        placed = placed || delivery == NIC_PLACED;
    }
    return placed;
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
        if (!frame_accepted(nic, format, frame, bytes))
            continue;
        if (__builtin_expect(bytes > format->buffer_bytes, 0) &&
            !has_room(format, ring, bytes)) {
            nic->held = frame;
            nic->held_bytes = bytes;
            break;
        }
        if (frame_placed(nic, format, ring, frame, bytes, NULL))
            nic_tally_frame(tally, bytes);
    }
    return limit;
}

/* Everything belongs to queue 0, and nothing is out of the way. */
static bool receive_plainly(struct nic82599 *nic, uint32_t limit)
{
    uint32_t block = nic_rx_block(0);
    struct nic_tally tally = {0};
    struct rx_format format;
    struct nic_ring ring;

    if (!queue_is_on(nic, 0))
        return false;
    if (!format_read(nic, block, &format) ||
        !nic_ring_open(nic, block, &ring)) {
        frames_missed(nic, limit);
        return false;
    }
    limit = ring_fill(nic, &ring, &format, limit, &tally);
    *nic_register(nic, block + NIC_Q_HEAD) = ring.head;
    if (tally.frames > 0) {
        nic_count_received(nic, 0, &tally);
        nic_irq_rx(nic, 0);
    }
    if (format.drops && ring.head == ring.tail)
        frames_missed(nic, limit);
    return tally.frames > 0;
}

bool nic_receive(struct nic82599 *nic, uint32_t limit)
{
    if (!nic_receives(nic))
        return false;
    if (nic->held || nic->faults_waiting ||
        NIC_MRQC_MODE(*nic_register(nic, NIC_MRQC)) == NIC_MRQC_RSS)
        return receive_each(nic, limit);
    return receive_plainly(nic, limit);
}
