/* SPDX-License-Identifier: MIT */
/*
 * test_nic82599_hostile.c - the 82599 model under a driver that means harm.
 *
 * Any value in any register and any descriptor: the model stays in bounds
 * (run this under ASan and UBSan), does a bounded amount of work in a call,
 * and goes on working after a reset.
 * Source: design, section 7; sim/nic82599.h.
 */
#include "rig.h"
#include "suite_run.h"
#include <check.h>
#include <string.h>

#define RX (NIC_RX_QUEUES)
#define TX (NIC_TX_QUEUES)
#define OPERATIONS 250000 /* in each of four runs */

static struct rig *rig;

static void setup(void)
{
    rig = rig_new();
}

static void teardown(void)
{
    rig_free(rig);
}

/* After whatever happened: reset, and one frame in and one out. */
static void assert_works_after_reset(void)
{
    uint64_t sent;

    rig_write(rig, NIC_CTRL, NIC_CTRL_RST);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_start_tx(rig, 8);
    rig_write(rig, RX + NIC_Q_TAIL, 1);
    ck_assert_uint_eq(rig_rx(rig, 0)->control & 3, 3);
    rig_tx(rig, 0)->address = RIG_BUFFERS;
    rig_tx(rig, 0)->control = NIC_TX_EOP | 60;
    sent = rig->wire.sent;
    rig_write(rig, TX + NIC_Q_TAIL, 1);
    ck_assert_uint_eq(rig->wire.sent, sent + 1);
}

/* Registers worth hitting more often than one in 32768. */
static uint32_t interesting_register(void)
{
    static const uint32_t registers[] = {
        NIC_CTRL,   NIC_RXCTRL,  NIC_DMATXCTL, NIC_FCTRL, NIC_EERD,
        NIC_SWSM,   NIC_RDRXCTL, NIC_HLREG0,   NIC_GPRC,  NIC_GORCL,
        NIC_STATUS, NIC_LINKS,   NIC_MSCA,     NIC_AUTOC,
    };
    uint32_t queue = (uint32_t)(test_random() % 3);

    switch (test_random() % 8) {
    case 0:
        return registers[test_random() %
                         (sizeof(registers) / sizeof(registers[0]))];
    case 1:
        return (uint32_t)(test_random() % NIC82599_REGISTER_BYTES) & ~3u;
    case 2:
    case 3:
    case 4:
        return RX + (uint32_t)(test_random() % 16) * 4;
    default:
        return TX + queue * 64 + (uint32_t)(test_random() % 16) * 4;
    }
}

/* Often a value that keeps something going, sometimes any value. */
static uint32_t interesting_value(void)
{
    static const uint32_t values[] = {
        0,          1,          2,         7,           8,
        128,        256,        255,       4096,        0xffff,
        0xffffffff, 0x80000000, RIG_BUS,   RIG_TX_RING, RIG_BUFFERS,
        0x2000002,  0x0000001f, 1u << 25,  0x700,       0x80000,
        RIG_BUS + RIG_BYTES - 128, RIG_BUS + RIG_BYTES - 64,
    };

    if (test_random() % 4 == 0)
        return (uint32_t)test_random();
    return values[test_random() % (sizeof(values) / sizeof(values[0]))];
}

static uint64_t interesting_address(void)
{
    switch (test_random() % 4) {
    case 0:
        return test_random();
    case 1: /* the end of what can be reached */
        return RIG_BUS + RIG_BYTES - test_random() % 2048;
    case 2: /* the rings themselves */
        return RIG_RX_RING + test_random() % 0x100000;
    default:
        return RIG_BUFFERS + test_random() % 0x80000;
    }
}

static uint64_t interesting_control(void)
{
    uint64_t control = test_random();

    switch (test_random() % 3) {
    case 0:
        return control;
    case 1: /* an advanced frame of a possible length */
        return (control & 0xff0007ff) | 3ull << 20 | NIC_TX_DEXT;
    default:
        return (control & 0xdf0007ff) | NIC_TX_EOP;
    }
}

static void scribble_descriptors(void)
{
    uint32_t i;

    for (i = 0; i < 16; i++) {
        uint32_t index = (uint32_t)(test_random() % 64);

        rig_rx(rig, index)->address = interesting_address();
        rig_tx(rig, index)->address = interesting_address();
        rig_tx(rig, index)->control = interesting_control();
    }
}

/*
 * docs/SECURITY.md, "Hostile input": device registers and descriptors get
 * bounded work and counted drops. A million accesses, in four runs, and a
 * device that works after a reset.
 */
START_TEST(random_registers_and_descriptors_do_no_harm)
{
    uint32_t i;

    test_random_seed((uint64_t)_i + 100);
    test_wire_add_random(&rig->wire, 100, 0, 1600);
    rig->wire.endless = true;
    for (i = 0; i < OPERATIONS; i++) {
        uint64_t received = rig->wire.received, kind = test_random() % 16;

        if (kind < 11)
            rig_write(rig, interesting_register(), interesting_value());
        else if (kind < 14)
            (void)rig_read(rig, interesting_register());
        else if (kind == 14)
            scribble_descriptors();
        else
            rig_step(rig);
        ck_assert_uint_le(rig->wire.received - received, NIC82599_BURST);
        if (test_random() % 512 == 0) {
            nic82599_drop_when_full(&rig->nic, test_random() % 2);
            nic82599_set_link(&rig->nic, test_random() % 8 != 0);
        }
        if (test_random() % 64 == 0) { /* a chance for both rings */
            rig_start_rx(rig, 64, NIC_SRRCTL_ADVANCED);
            rig_start_tx(rig, 64);
            scribble_descriptors();
            rig_write(rig, TX + NIC_Q_TAIL, (uint32_t)test_random() % 64);
        }
    }
    /* the run was not idle */
    ck_assert_uint_gt(rig->wire.received, 1000);
    ck_assert_uint_gt(rig->wire.sent, 1000);
    ck_assert_uint_gt(rig->refused, 1000);
    nic82599_set_link(&rig->nic, true);
    nic82599_drop_when_full(&rig->nic, false);
    test_wire_free(&rig->wire);
    test_wire_init(&rig->wire);
    rig->wire.endless = true;
    test_wire_add_random(&rig->wire, 1, 60, 60);
    assert_works_after_reset();
}
END_TEST

/* Datasheet 7.1.9 and 7.2.3.3: head and tail are indices in the ring. Rule: one
 * that lies outside moves nothing. */
START_TEST(ends_outside_ring_move_nothing)
{
    test_wire_add_random(&rig->wire, 1000, 60, 60);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_start_tx(rig, 8);

    rig_write(rig, RX + NIC_Q_TAIL, 8);
    rig_write(rig, RX + NIC_Q_TAIL, 0xffffffff);
    rig_write(rig, TX + NIC_Q_TAIL, 8);
    rig_write(rig, TX + NIC_Q_TAIL, 0xffffffff);
    ck_assert_uint_eq(rig->wire.received, 0);
    ck_assert_uint_eq(rig->wire.sent, 0);

    rig_write(rig, RX + NIC_Q_DCTL, 0);
    rig_write(rig, RX + NIC_Q_HEAD, 100);
    rig_write(rig, RX + NIC_Q_DCTL, NIC_DCTL_ENABLE);
    rig_write(rig, RX + NIC_Q_TAIL, 3);
    rig_write(rig, RX + NIC_Q_TAIL, 4);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_HEAD), 100);
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 0);
}
END_TEST

/* Rule: a running queue's head is the device's own (datasheet 7.1.9: hardware
 * advances it), so a driver's write is ignored. */
START_TEST(head_of_running_queue_cannot_be_written)
{
    test_wire_add_random(&rig->wire, 3, 60, 60);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, RX + NIC_Q_TAIL, 7);

    rig_write(rig, RX + NIC_Q_HEAD, 6);

    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_HEAD), 3);
}
END_TEST

/* Rule: a queue that is enabled but has no usable ring misses every frame, so
 * that the wire still runs dry and a run ends. */
START_TEST(unusable_ring_misses_frames)
{
    static const struct {
        uint32_t reg, value;
    } cases[] = {
        {RX + NIC_Q_LEN, 0},
        {RX + NIC_Q_BAL, 0x1000},
        {RX + NIC_Q_BAH, 1},
        {RX + NIC_Q_LEN, 0xfffff},
        {RX + NIC_Q_SRRCTL, 5u << 25 | 2},
    };
    uint32_t i;

    test_wire_add_random(&rig->wire, 130, 60, 60);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, RX + NIC_Q_BAL, RIG_BUS + RIG_BYTES - 256);
    rig_write(rig, cases[_i].reg, cases[_i].value);

    for (i = 0; i < 4; i++)
        rig_step(rig);

    ck_assert(rig_drained(rig));
    ck_assert_uint_eq(rig_read(rig, NIC_MPC), 130);
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 0);
}
END_TEST

/* Design, section 7 (IOMMU check): what the device may not reach is not
 * written. The frame is lost, the descriptor stays for the next one. */
START_TEST(refused_buffers_lose_frames)
{
    static const uint64_t addresses[] = {
        0, 1, RIG_BUS - 1, RIG_BUS + RIG_BYTES - 59, UINT64_MAX,
        RIG_BUS | 1ull << 32,
    };
    uint32_t i;

    test_wire_add_random(&rig->wire, 6, 60, 60);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    for (i = 0; i < 6; i++) {
        rig_rx(rig, 0)->address = addresses[i];
        rig_write(rig, RX + NIC_Q_TAIL, 1 + i % 2);
        rig_step(rig);
    }
    ck_assert_uint_eq(rig->nic.drops.rx_refused, 6);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_HEAD), 0);
    ck_assert_uint_eq(rig->refused, 6);
}
END_TEST

/* Rule: what cannot be sent is dropped, and its descriptor is done all the
 * same, so that a ring never jams on content. */
START_TEST(bad_transmit_descriptors_are_dropped)
{
    static const struct {
        uint64_t address, control;
    } cases[] = {
        {RIG_BUFFERS, 0},                               /* no length */
        {RIG_BUFFERS, 0xffff},                          /* beyond any frame */
        {0, 60},                                        /* out of reach */
        {RIG_BUS + RIG_BYTES - 30, 60},                 /* half in reach */
        {RIG_BUFFERS, 60 | NIC_TX_DEXT | 7ull << 20},   /* unknown type */
        {RIG_BUFFERS, 60 | NIC_TX_DEXT | 3ull << 20 | NIC_TX_TSE},
        {RIG_BUFFERS, 60 | NIC_TX_DEXT | 2ull << 20},   /* context */
    };
    struct nic_descriptor *descriptor = rig_tx(rig, 0);

    rig_start_tx(rig, 8);
    descriptor->address = cases[_i].address;
    descriptor->control = cases[_i].control | NIC_TX_EOP | NIC_TX_RS;

    rig_write(rig, TX + NIC_Q_TAIL, 1);

    ck_assert_uint_eq(rig->wire.sent, 0);
    ck_assert_uint_ne(descriptor->control & NIC_TX_DD, 0);
    ck_assert_uint_eq(rig_read(rig, TX + NIC_Q_HEAD), 1);
    ck_assert_uint_eq(rig->nic.drops.tx_refused +
                          rig->nic.drops.tx_malformed, 1);
}
END_TEST

/* Rule: parts that add up to more than any frame are dropped as one frame, and
 * the ring goes on behind them. */
START_TEST(endless_parts_are_dropped)
{
    uint32_t i;

    rig_start_tx(rig, 64);
    for (i = 0; i < 40; i++) {
        rig_tx(rig, i)->address = RIG_BUFFERS;
        rig_tx(rig, i)->control = 1000 | (i == 39 ? NIC_TX_EOP : 0);
    }
    rig_write(rig, TX + NIC_Q_TAIL, 40);

    ck_assert_uint_eq(rig->wire.sent, 0);
    ck_assert_uint_eq(rig->nic.drops.tx_malformed, 1);
    ck_assert_uint_eq(rig_read(rig, TX + NIC_Q_HEAD), 40);
}
END_TEST

/* docs/SECURITY.md, "Hostile input": bounded work. The longest ring without any
 * EOP stays where it is, and every call ends. */
START_TEST(ring_without_end_of_packet_stays)
{
    uint32_t count = 0x80000 / 16, i;

    rig_start_tx(rig, count);
    for (i = 0; i < count; i++)
        rig_tx(rig, i)->control = 10;
    for (i = 0; i < 100; i++)
        rig_write(rig, TX + NIC_Q_TAIL, count - 1 - i);
    rig_step(rig);

    ck_assert_uint_eq(rig->wire.sent, 0);
    ck_assert_uint_eq(rig_read(rig, TX + NIC_Q_HEAD), 0);
    ck_assert(rig_drained(rig));
}
END_TEST

/* Rule: a base that moves under a running queue counts from the next burst on,
 * and is checked anew there. */
START_TEST(ring_base_may_change_while_enabled)
{
    test_wire_add_random(&rig->wire, 10, 60, 60);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, RX + NIC_Q_TAIL, 2);
    rig_write(rig, RX + NIC_Q_BAL, RIG_BUS + RIG_BYTES - 128);
    rig_write(rig, RX + NIC_Q_TAIL, 4); /* addresses there are 0 */
    rig_write(rig, RX + NIC_Q_LEN, 0);
    rig_write(rig, RX + NIC_Q_TAIL, 6);

    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 2);
    ck_assert_uint_eq(rig->nic.drops.rx_refused, 2);
}
END_TEST

/*
 * Design, section 7: every DMA target is checked. A buffer that is the ring:
 * bytes go where they were told, and what the next descriptors became is
 * refused.
 */
START_TEST(frame_over_its_own_ring_stays_in_bounds)
{
    test_wire_add_random(&rig->wire, 64, 1514, 1514);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_rx(rig, 0)->address = RIG_RX_RING;

    rig_write(rig, RX + NIC_Q_TAIL, 7);
    rig_step(rig);

    ck_assert_uint_eq(rig_rx(rig, 0)->control & 3, 3);
    ck_assert_uint_gt(rig->nic.drops.rx_refused, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nic82599 hostile");
    TCase *c = tcase_create("hostile");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, random_registers_and_descriptors_do_no_harm, 0, 4);
    tcase_add_test(c, ends_outside_ring_move_nothing);
    tcase_add_test(c, head_of_running_queue_cannot_be_written);
    tcase_add_loop_test(c, unusable_ring_misses_frames, 0, 5);
    tcase_add_test(c, refused_buffers_lose_frames);
    tcase_add_loop_test(c, bad_transmit_descriptors_are_dropped, 0, 7);
    tcase_add_test(c, endless_parts_are_dropped);
    tcase_add_test(c, ring_without_end_of_packet_stays);
    tcase_add_test(c, ring_base_may_change_while_enabled);
    tcase_add_test(c, frame_over_its_own_ring_stays_in_bounds);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK_GETENV);
}
