/* SPDX-License-Identifier: MIT */
/*
 * nic82599_timed.c - events of the 82599 model on the virtual clock: a frame's
 * last byte has arrived; a frame may be placed; a frame may be fetched.
 *
 * Each event does one frame and asks for the next. What waits for the driver
 * (no descriptor; nothing to send) is asked for again when a tail is written.
 * All runs on the clock's turns, so nothing is locked.
 */
#include "nic82599_timed.h"
#include "nic82599_internal.h"
#include "tepal_trusted/base.h"

/* docs/VIRTUAL_CLOCK.md, "The controller"; ticks of 0.4 ns. */
#define LINE_OVERHEAD_BYTES 24 /* preamble 8, checksum 4, gap 12 */
#define LINE_FRAME_MIN 84
#define DMA_TICKS(bytes) ((uint64_t)(bytes) * 5 / 8) /* 4 GB/s */
#define DMA_PACKET_BYTES 256
#define DMA_PACKET_OVERHEAD 24
#define DMA_DESCRIPTOR_BYTES 40
#define DMA_WRITE_TICKS 750  /* 300 ns */
#define DMA_READ_TICKS 1500  /* 600 ns */
#define DOORBELL_TICKS 375   /* 150 ns */

/*
 * A frame in the receive packet buffer. Records start on multiples of 16 and
 * do not wrap: the last one may reach into the second half of timed.buffer.
 */
struct timed_record {
    uint64_t arrived; /* ticks */
    uint32_t bytes;
    uint32_t reserved;
    uint8_t frame[];
};

static uint32_t record_bytes(uint32_t frame_bytes)
{
    return ((uint32_t)sizeof(struct timed_record) + frame_bytes + 15) & ~15u;
}

static struct timed_record *record_at(struct nic82599_timed *timed, uint32_t at)
{
    return (struct timed_record *)(void *)(timed->buffer + at);
}

static struct nic82599_timed *timed_of(struct virtual_event *event,
                                       size_t offset)
{
    return (struct nic82599_timed *)(void *)((uint8_t *)event - offset);
}

#define TIMED_OF(event, member)                                                \
    timed_of(event, offsetof(struct nic82599_timed, member))

static uint64_t line_ticks(uint32_t bytes)
{
    uint32_t n = bytes + LINE_OVERHEAD_BYTES;

    return (uint64_t)(n < LINE_FRAME_MIN ? LINE_FRAME_MIN : n) *
           VIRTUAL_TICKS_A_BYTE;
}

static uint64_t dma_ticks(uint32_t bytes)
{
    uint32_t packets = (bytes + DMA_PACKET_BYTES - 1) / DMA_PACKET_BYTES;

    return DMA_TICKS(bytes + packets * DMA_PACKET_OVERHEAD +
                     DMA_DESCRIPTOR_BYTES);
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* --- receive: line, packet buffer, memory -------------------------------- */

/* Ask for the next frame's arrival, not before @soonest. */
static void expect_frame(struct nic82599_timed *timed, uint64_t soonest)
{
    uint64_t nanoseconds;

    timed->playing = timed->outer->ops->next(timed->outer, &nanoseconds);
    if (timed->playing)
        virtual_clock_at(&timed->arriving,
                         later(soonest, virtual_ticks(nanoseconds)));
}

/* Ask for the oldest frame to be placed, if there is one. */
static void expect_place(struct nic82599_timed *timed)
{
    const struct timed_record *record = record_at(timed, timed->oldest);

    if (timed->buffered == 0 || timed->placing.waiting)
        return;
    timed->rx_dma_free = later(timed->rx_dma_free, record->arrived) +
                         dma_ticks(record->bytes);
    virtual_clock_at(&timed->placing, timed->rx_dma_free + DMA_WRITE_TICKS);
}

static void buffer_put(struct nic82599_timed *timed, const uint8_t *frame,
                       uint32_t bytes)
{
    struct timed_record *record = record_at(timed, timed->newest);

    record->arrived = virtual_clock.now;
    record->bytes = bytes;
    __builtin_memcpy(record->frame, frame, bytes);
    timed->frames++;
    timed->newest += record_bytes(bytes);
    if (timed->newest >= TIMED_RX_BUFFER_BYTES)
        timed->newest = 0;
    timed->buffered += record_bytes(bytes);
    if (timed->buffered > timed->buffered_max)
        timed->buffered_max = timed->buffered;
}

static void buffer_drop_oldest(struct nic82599_timed *timed)
{
    uint32_t bytes = record_bytes(record_at(timed, timed->oldest)->bytes);

    timed->frames--;
    timed->buffered -= bytes;
    timed->oldest += bytes;
    if (timed->oldest >= TIMED_RX_BUFFER_BYTES)
        timed->oldest = 0;
}

/*
 * Room for another of @bytes. A record that reaches over the end counts
 * beyond TIMED_RX_BUFFER_BYTES, so what is buffered never overlaps.
 */
static bool buffer_has_room(const struct nic82599_timed *timed, uint32_t bytes)
{
    return timed->buffered + record_bytes(bytes) + record_bytes(
               NIC82599_FRAME_MAX) <= TIMED_RX_BUFFER_BYTES;
}

/* A frame's last byte is there. */
static void frame_arrives(struct virtual_event *event)
{
    struct nic82599_timed *timed = TIMED_OF(event, arriving);
    uint32_t bytes = 0;
    const uint8_t *frame =
        timed->outer->ops->receive(timed->outer, &bytes);

    if (!frame) {
        timed->playing = false;
        return;
    }
    if (bytes > NIC82599_FRAME_MAX || !nic_receives(timed->nic) ||
        !buffer_has_room(timed, bytes)) {
        timed->overflowed++;
        nic_miss(timed->nic);
    } else {
        buffer_put(timed, frame, bytes);
        expect_place(timed);
    }
    expect_frame(timed, virtual_clock.now + line_ticks(bytes));
}

/* The oldest frame's DMA is over, if it has somewhere to go. */
static void frame_is_placed(struct virtual_event *event)
{
    struct nic82599_timed *timed = TIMED_OF(event, placing);
    const struct timed_record *record = record_at(timed, timed->oldest);

    if (nic_deliver(timed->nic, record->frame, record->bytes) ==
        NIC_NO_DESCRIPTOR)
        return; /* until a tail is written */
    buffer_drop_oldest(timed);
    expect_place(timed);
}

static void rx_posted(struct nic82599 *nic, uint32_t queue)
{
    struct nic82599_timed *timed = (struct nic82599_timed *)nic->engine;

    (void)queue;
    if (timed->buffered > 0 && !timed->placing.waiting)
        virtual_clock_at(&timed->placing, virtual_clock.now + DOORBELL_TICKS +
                                              DMA_READ_TICKS +
                                              DMA_WRITE_TICKS);
    if (!timed->started && nic_receives(nic)) {
        timed->started = true;
        expect_frame(timed, virtual_clock.now);
    }
}

/* --- transmit: memory, packet buffer, line ------------------------------- */

static void tx_posted(struct nic82599 *nic, uint32_t queue)
{
    struct nic82599_timed *timed = (struct nic82599_timed *)nic->engine;

    timed->tx_queues[queue / 64] |= 1ull << queue % 64;
    if (!timed->sending.waiting)
        virtual_clock_at(&timed->sending,
                         later(timed->tx_dma_free, virtual_clock.now) +
                             DOORBELL_TICKS + DMA_READ_TICKS);
}

/* Send one frame of a queue that has one, in turns; its bytes, 0 for none. */
static uint32_t send_one(struct nic82599_timed *timed)
{
    uint32_t i, queue;

    timed->sent_bytes = 0;
    for (i = 0; i < NIC82599_QUEUES; i++) {
        queue = (timed->tx_next + i) % NIC82599_QUEUES;
        if (!(timed->tx_queues[queue / 64] >> queue % 64 & 1))
            continue;
        if (nic_transmit(timed->nic, queue, 1) > 0) {
            timed->tx_next = queue + 1;
            /* one that was dropped takes its descriptor's time */
            return timed->sent_bytes ? timed->sent_bytes : 1;
        }
        timed->tx_queues[queue / 64] &= ~(1ull << queue % 64);
    }
    return 0;
}

/* DMA has time for a frame, and the packet buffer room. */
static void frame_is_fetched(struct virtual_event *event)
{
    const uint64_t whole = (uint64_t)TIMED_TX_BUFFER_BYTES *
                           VIRTUAL_TICKS_A_BYTE;
    struct nic82599_timed *timed = TIMED_OF(event, sending);
    uint64_t now = virtual_clock.now;
    uint32_t bytes;

    if (timed->tx_line_free > now + whole) {
        virtual_clock_at(&timed->sending, timed->tx_line_free - whole);
        return;
    }
    bytes = send_one(timed);
    if (bytes == 0)
        return; /* until a tail is written */
    timed->tx_dma_free = now + dma_ticks(bytes);
    if (timed->sent_bytes)
        timed->tx_line_free = later(timed->tx_line_free, now) +
                              line_ticks(bytes);
    virtual_clock_at(&timed->sending, timed->tx_dma_free);
}

/* --- the wire as the model sees it --------------------------------------- */

/* The model has nothing to take by itself: the engine brings it frames. */
static const uint8_t *inner_receive(struct wire *wire, uint32_t *bytes)
{
    (void)wire, (void)bytes;
    return NULL;
}

static bool inner_ended(const struct wire *wire)
{
    const struct nic82599_timed *timed =
        (const struct nic82599_timed *)(const void *)((const uint8_t *)wire -
            offsetof(struct nic82599_timed, wire));

    return timed->started && !timed->playing && timed->buffered == 0 &&
           !timed->sending.waiting;
}

static void inner_send(struct wire *wire, const uint8_t *frame, uint32_t bytes)
{
    struct nic82599_timed *timed =
        (struct nic82599_timed *)(void *)((uint8_t *)wire -
            offsetof(struct nic82599_timed, wire));

    timed->sent_bytes = bytes;
    timed->outer->ops->send(timed->outer, frame, bytes);
}

static const struct wire_ops inner_ops = {
    .receive = inner_receive,
    .ended = inner_ended,
    .send = inner_send,
};

/* A reset empties both packet buffers; what is in that to send has left. */
static uint32_t reset(struct nic82599 *nic)
{
    struct nic82599_timed *timed = (struct nic82599_timed *)nic->engine;
    uint32_t frames = timed->frames;

    virtual_clock_forget(&timed->placing);
    virtual_clock_forget(&timed->sending);
    timed->oldest = timed->newest = timed->buffered = timed->frames = 0;
    timed->tx_queues[0] = timed->tx_queues[1] = 0;
    return frames;
}

static void irq_is_due(struct virtual_event *event)
{
    nic_irq_due(TIMED_OF(event, interrupting)->nic);
}

static void irq_held(struct nic82599 *nic, uint64_t nanoseconds)
{
    struct nic82599_timed *timed = (struct nic82599_timed *)nic->engine;
    uint64_t due = virtual_ticks(nanoseconds);

    if (!timed->interrupting.waiting || timed->interrupting.time > due)
        virtual_clock_at(&timed->interrupting, due);
}

static const struct nic82599_engine_ops timed_ops = {
    .irq_held = irq_held,
    .rx_posted = rx_posted,
    .tx_posted = tx_posted,
    .reset = reset,
};

void nic82599_time(struct nic82599_timed *timed, struct nic82599 *nic)
{
    __builtin_memset(timed, 0, sizeof(*timed));
    timed->engine.ops = &timed_ops;
    timed->nic = nic;
    timed->outer = nic->wire;
    timed->wire.ops = &inner_ops;
    timed->arriving.happen = frame_arrives;
    timed->placing.happen = frame_is_placed;
    timed->sending.happen = frame_is_fetched;
    timed->interrupting.happen = irq_is_due;
    nic->wire = &timed->wire;
    nic->engine = &timed->engine;
}
