/* SPDX-License-Identifier: MIT */
/*
 * test_device.c - the 82599 model when its driver lines up work on all queues
 * and then lets it go at once.
 *
 * A call does a bounded number of frames, and everything leaves in the end.
 * Source: sim/nic82599.h; design, section 7.
 */
#include "rig.h"
#include "suite_run.h"
#include <check.h>

#define RING 8192 /* descriptors: more than NIC82599_TX_BURST */
#define FRAME_BYTES 60

static struct rig *rig;

static void setup(void)
{
    rig = rig_new();
    rig->wire.endless = true; /* what is sent is only counted */
}

static void teardown(void)
{
    rig_free(rig);
}

/* @queue's ring is the one that all share; @tail frames wait in it. */
static void fill_queue(uint32_t queue, uint32_t tail)
{
    uint32_t block = NIC_TX_QUEUES + queue * NIC_QUEUE_STRIDE;

    rig_write(rig, block + NIC_Q_BAL, RIG_TX_RING);
    rig_write(rig, block + NIC_Q_LEN, RING * 16);
    rig_write(rig, block + NIC_Q_DCTL, NIC_DCTL_ENABLE);
    rig_write(rig, block + NIC_Q_TAIL, tail);
}

static void fill_ring(void)
{
    uint32_t i;

    for (i = 0; i < RING; i++) {
        rig_tx(rig, i)->address = RIG_BUFFERS;
        rig_tx(rig, i)->control = NIC_TX_EOP | FRAME_BYTES;
    }
}

static uint64_t sent_by_step(void)
{
    uint64_t before = rig->wire.sent;

    rig_step(rig);
    return rig->wire.sent - before;
}

/*
 * A step sent all that stood in all queues, which can be eight million frames,
 * with the device's lock held.
 * Rule: at most NIC82599_TX_BURST in a call.
 */
START_TEST(step_sends_a_bounded_number_of_frames)
{
    uint64_t all = NIC82599_QUEUES * 250, calls = 0;
    uint32_t queue;

    fill_ring();
    for (queue = 0; queue < NIC82599_QUEUES; queue++)
        fill_queue(queue, 250);
    ck_assert_uint_eq(rig->wire.sent, 0);
    rig_write(rig, NIC_DMATXCTL, NIC_DMATXCTL_TE);

    while (rig->wire.sent < all) {
        uint64_t sent = sent_by_step();

        ck_assert_uint_gt(sent, 0);
        ck_assert_uint_le(sent, NIC82599_TX_BURST);
        calls++;
    }
    ck_assert_uint_ge(calls, all / NIC82599_TX_BURST);
    ck_assert_uint_eq(sent_by_step(), 0);
}
END_TEST

/*
 * The tail of a running queue: the same bound, and the rest comes by steps.
 * Rule: a register access does a bounded amount of work (design, section
 * 7).
 */
START_TEST(tail_write_sends_a_bounded_number_of_frames)
{
    fill_ring();
    rig_write(rig, NIC_DMATXCTL, NIC_DMATXCTL_TE);

    fill_queue(_i == 0 ? 0 : NIC82599_QUEUES - 1, RING - 1);

    ck_assert_uint_gt(rig->wire.sent, 0);
    ck_assert_uint_le(rig->wire.sent, NIC82599_TX_BURST);
    while (rig->wire.sent < RING - 1)
        ck_assert_uint_gt(sent_by_step(), 0);
    ck_assert_uint_eq(sent_by_step(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("device attacks");
    TCase *tests = tcase_create("device attacks");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, step_sends_a_bounded_number_of_frames);
    tcase_add_loop_test(tests, tail_write_sends_a_bounded_number_of_frames, 0,
                        2);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_FORK_GETENV);
}
