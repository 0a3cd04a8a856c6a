/* SPDX-License-Identifier: MIT */
/*
 * nic82599_tx.c - the 82599 model's transmit side: from descriptors to the
 * wire.
 *
 * A frame starts to move only when its last descriptor (EOP) is there; until
 * then the head stays where it is. What cannot be sent is dropped and its
 * descriptors are done all the same, so that a ring never jams on content.
 * Work in one call is bounded by the length of the ring. One thread at a time.
 * Source: Intel 82599 datasheet, "Transmit Functionality".
 */
#include "nic82599_internal.h"

#define PADDED_BYTES 60

static uint64_t control_of(const struct nic_ring *ring, uint32_t index)
{
    return __atomic_load_n(&ring->descriptors[index].control,
                           __ATOMIC_RELAXED);
}

static uint64_t address_of(const struct nic_ring *ring, uint32_t index)
{
    return __atomic_load_n(&ring->descriptors[index].address,
                           __ATOMIC_RELAXED);
}

/* The descriptor that ends the frame at the head; the tail when none does. */
static inline uint32_t frame_end(const struct nic_ring *ring)
{
    uint32_t index = ring->head;

    while (index != ring->tail && !(control_of(ring, index) & NIC_TX_EOP))
        index = nic_ring_next(ring, index);
    return index;
}

/* A descriptor that carries data in a way that is modelled. */
static bool is_data(uint64_t control)
{
    if (!(control & NIC_TX_DEXT))
        return true;
    return NIC_TX_TYPE(control) == NIC_TX_DATA && !(control & NIC_TX_TSE);
}

static bool is_context(uint64_t control)
{
    return (control & NIC_TX_DEXT) && NIC_TX_TYPE(control) == NIC_TX_CONTEXT;
}

static inline void *reach(struct nic82599 *nic, uint64_t address,
                          uint32_t bytes)
{
    if (nic_fault(nic, NIC82599_FAULT_UNMAPPED_DMA))
        return NULL;
    return dma_reach(&nic->device, address, bytes);
}

/*
 * Copy the frame from @ring's head to @last together; 0 when it is bad.
 * The ring comes by value so that the fast path keeps its own in registers.
 */
static __attribute__((noinline)) uint32_t
frame_gather(struct nic82599 *nic, struct nic_ring ring, uint32_t last)
{
    uint32_t index = ring.head, bytes = 0;

    for (;; index = nic_ring_next(&ring, index)) {
        uint64_t control = control_of(&ring, index);
        uint32_t part = NIC_TX_LENGTH(control);
        void *data;

        if (is_context(control))
            part = 0;
        else if (!is_data(control) || part > NIC82599_FRAME_MAX - bytes)
            break;
        if (part > 0) {
            data = reach(nic, address_of(&ring, index), part);
            if (!data) {
                nic->drops.tx_refused++;
                return 0;
            }
            __builtin_memcpy(nic->frame + bytes, data, part);
            bytes += part;
        }
        if (index == last && bytes > 0)
            return bytes;
        if (index == last)
            break;
    }
    nic->drops.tx_malformed++;
    return 0;
}

/*
 * The bytes of the frame from the head to @last, or NULL when it is bad.
 * A frame in one buffer is sent from where it lies.
 */
static inline const uint8_t *frame_find(struct nic82599 *nic,
                                        const struct nic_ring *ring,
                                        uint32_t last, uint64_t control,
                                        uint32_t *bytes)
{
    const uint8_t *data;

    *bytes = NIC_TX_LENGTH(control);
    if (last != ring->head || !is_data(control) || *bytes == 0 ||
        *bytes > NIC82599_FRAME_MAX) {
        *bytes = frame_gather(nic, *ring, last);
        return *bytes ? nic->frame : NULL;
    }
    data = reach(nic, address_of(ring, last), *bytes);
    if (!data)
        nic->drops.tx_refused++;
    return data;
}

/* Source: "Software Interface to Transmit": DD only where RS asks for it. */
static inline void descriptor_done(struct nic82599 *nic,
                                   const struct nic_ring *ring, uint32_t index)
{
    uint64_t control = control_of(ring, index);

    if ((control & NIC_TX_RS) && !nic_fault(nic, NIC82599_FAULT_DD_NEVER))
        __atomic_store_n(&ring->descriptors[index].control,
                         control | NIC_TX_DD, __ATOMIC_RELEASE);
}

static inline void frame_done(struct nic82599 *nic, struct nic_ring *ring,
                              uint32_t last)
{
    while (ring->head != last) {
        descriptor_done(nic, ring, ring->head);
        ring->head = nic_ring_next(ring, ring->head);
    }
    descriptor_done(nic, ring, last);
    ring->head = nic_ring_next(ring, last);
}

/* Source: HLREG0.TXPADEN. */
static const uint8_t *frame_pad(struct nic82599 *nic, const uint8_t *frame,
                                uint32_t *bytes)
{
    if (frame != nic->frame)
        __builtin_memcpy(nic->frame, frame, *bytes);
    __builtin_memset(nic->frame + *bytes, 0, PADDED_BYTES - *bytes);
    *bytes = PADDED_BYTES;
    return nic->frame;
}

static bool sending(struct nic82599 *nic)
{
    return !nic->stopped && !nic->gone && nic->link_up && !nic->flap_left &&
           !(*nic_register(nic, NIC_CTRL) & NIC_CTRL_MASTER_DISABLE) &&
           (*nic_register(nic, NIC_DMATXCTL) & NIC_DMATXCTL_TE);
}

uint32_t nic_transmit(struct nic82599 *nic, uint32_t queue, uint32_t limit)
{
    uint32_t block = nic_tx_block(queue);
    struct nic_tally tally = {0};
    struct nic_ring ring;
    uint32_t done = 0;
    bool padded;

    if (!sending(nic) || !nic_ring_open(nic, block, &ring) ||
        ring.head == ring.tail || nic_fault(nic, NIC82599_FAULT_HEAD_FROZEN))
        return 0;
    padded = *nic_register(nic, NIC_HLREG0) & NIC_HLREG0_TXPADEN;
    while (ring.head != ring.tail && done < limit) {
        uint32_t last = frame_end(&ring), bytes;
        const uint8_t *frame;

        if (last == ring.tail)
            break;
        frame = frame_find(nic, &ring, last, control_of(&ring, last), &bytes);
        if (frame) {
            if (padded && bytes < PADDED_BYTES)
                frame = frame_pad(nic, frame, &bytes);
            nic->wire->ops->send(nic->wire, frame, bytes);
            nic_tally_frame(&tally, bytes);
        }
        frame_done(nic, &ring, last);
        done++;
    }
    *nic_register(nic, block + NIC_Q_HEAD) = ring.head;
    if (tally.frames > 0)
        nic_count_sent(nic, queue, &tally);
    if (done > 0)
        nic_irq_tx(nic, queue);
    return done;
}
