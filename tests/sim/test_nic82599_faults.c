/* SPDX-License-Identifier: MIT */
/*
 * test_nic82599_faults.c - what each fault that can be injected into the 82599
 * model looks like to a driver; and its interrupts, whole and broken.
 * Source: sim/nic82599_faults.h; Intel 82599 datasheet, 7.3.
 */
#include "rig.h"
#include "suite_run.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

#define RX (NIC_RX_QUEUES)
#define TX (NIC_TX_QUEUES)
#define GOOD(bytes) ((uint64_t)(bytes) << 32 | 3)

static struct rig *rig;
static uint64_t nanoseconds;

static uint64_t test_clock(void)
{
    return nanoseconds;
}

static void setup(void)
{
    rig = rig_new();
    nanoseconds = 1000000;
}

static void teardown(void)
{
    rig_free(rig);
}

static uint64_t happened(enum nic82599_fault fault)
{
    return rig->nic.faults[fault].happened;
}

/* Five frames of 60 bytes into a ring of eight. */
static void receive_five(void)
{
    test_wire_add_random(&rig->wire, 5, 60, 60);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, RX + NIC_Q_TAIL, 7);
    rig_step(rig);
}

static void send_one(uint32_t index)
{
    rig_tx(rig, index)->address = RIG_BUFFERS;
    rig_tx(rig, index)->control = NIC_TX_EOP | NIC_TX_RS | 100;
    rig_write(rig, TX + NIC_Q_TAIL, index + 1);
}

/* Rule: every fault has a name, which finds it; no other word does. */
START_TEST(faults_have_names)
{
    enum nic82599_fault found;
    uint32_t i;

    for (i = 0; i < NIC82599_FAULTS; i++) {
        const char *name = nic82599_fault_name((enum nic82599_fault)i);

        ck_assert(nic82599_fault_find(name, (uint32_t)strlen(name), &found));
        ck_assert_uint_eq(found, i);
        ck_assert(!nic82599_fault_find(name, (uint32_t)strlen(name) - 1,
                                       &found));
    }
    ck_assert(!nic82599_fault_find("", 0, &found));
    ck_assert(!nic82599_fault_find("gone2", 5, &found));
}
END_TEST

static const struct {
    enum nic82599_fault fault;
    uint64_t control; /* of the third frame's descriptor */
} write_backs[] = {
    {NIC82599_FAULT_LENGTH_ZERO, GOOD(0)},
    {NIC82599_FAULT_LENGTH_LONG, GOOD(NIC82599_LENGTH_LONG)},
    {NIC82599_FAULT_EOP_MISSING, GOOD(60) & ~2ull},
    {NIC82599_FAULT_RX_ERROR, GOOD(60) | 1ull << 29},
    {NIC82599_FAULT_DD_NEVER, 0},
};

/* Rule: a fault lets its opportunities pass, strikes as often as it is told,
 * and what comes after is as before. */
START_TEST(write_backs_are_spoilt_once)
{
    uint32_t i, index;

    for (i = 0; i < sizeof(write_backs) / sizeof(write_backs[0]); i++) {
        teardown();
        setup();
        nic82599_inject(&rig->nic, write_backs[i].fault, 2, 1);
        receive_five();
        for (index = 0; index < 5; index++)
            ck_assert_uint_eq(rig_rx(rig, index)->control,
                              index == 2 ? write_backs[i].control : GOOD(60));
        ck_assert_uint_eq(happened(write_backs[i].fault), 1);
        ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_HEAD), 5);
    }
}
END_TEST

/* Rule: without an end a fault goes on striking. */
START_TEST(a_fault_may_have_no_end)
{
    uint32_t index;

    nic82599_inject(&rig->nic, NIC82599_FAULT_RX_ERROR, 1, 0);
    receive_five();

    ck_assert_uint_eq(rig_rx(rig, 0)->control, GOOD(60));
    for (index = 1; index < 5; index++)
        ck_assert_uint_eq(rig_rx(rig, index)->control, GOOD(60) | 1ull << 29);
    ck_assert_uint_eq(happened(NIC82599_FAULT_RX_ERROR), 4);
}
END_TEST

/* Rule: dd-spurious: the descriptor behind a frame's is marked done, and its
 * address is still there, which a real write-back would have replaced. */
START_TEST(spurious_done_leaves_the_address)
{
    test_wire_add_random(&rig->wire, 1, 60, 60);
    nic82599_inject(&rig->nic, NIC82599_FAULT_DD_SPURIOUS, 0, 1);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, RX + NIC_Q_TAIL, 7);

    ck_assert_uint_eq(rig_rx(rig, 0)->address, 0);
    ck_assert_uint_eq(rig_rx(rig, 1)->control & 3, 3);
    ck_assert_uint_eq(rig_rx(rig, 1)->address, RIG_BUFFERS + RIG_BUFFER_BYTES);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_HEAD), 1);
}
END_TEST

/* Rule: unmapped-dma: the frame is lost and counted, its descriptor free. */
START_TEST(unmapped_buffers_lose_their_frame)
{
    nic82599_inject(&rig->nic, NIC82599_FAULT_UNMAPPED_DMA, 0, 2);
    receive_five();
    ck_assert_uint_eq(rig->nic.drops.rx_refused, 2);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_HEAD), 3);

    nic82599_inject(&rig->nic, NIC82599_FAULT_UNMAPPED_DMA, 0, 1);
    rig_start_tx(rig, 8);
    send_one(0);
    ck_assert_uint_eq(rig->nic.drops.tx_refused, 1);
    ck_assert_uint_eq(rig->wire.out.count, 0);
}
END_TEST

/* Rule: head-frozen: what arrives meanwhile is missed although there are
 * descriptors; what is to be sent waits. */
START_TEST(frozen_head_moves_nothing)
{
    nic82599_inject(&rig->nic, NIC82599_FAULT_HEAD_FROZEN, 0, 4);
    receive_five();
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_HEAD), 1);
    ck_assert_uint_eq(rig_read(rig, NIC_MPC), 4);

    nic82599_inject(&rig->nic, NIC82599_FAULT_HEAD_FROZEN, 0, 1);
    rig_start_tx(rig, 8);
    send_one(0);
    ck_assert_uint_eq(rig_read(rig, TX + NIC_Q_HEAD), 0);
    rig_step(rig);
    ck_assert_uint_eq(rig_read(rig, TX + NIC_Q_HEAD), 1);
}
END_TEST

/* Rule: dd-never, sending: the frame leaves, its descriptor does not say so. */
START_TEST(sent_frame_is_never_done)
{
    nic82599_inject(&rig->nic, NIC82599_FAULT_DD_NEVER, 0, 1);
    rig_start_tx(rig, 8);
    send_one(0);
    send_one(1);

    ck_assert_uint_eq(rig->wire.out.count, 2);
    ck_assert_uint_eq(rig_tx(rig, 0)->control & NIC_TX_DD, 0);
    ck_assert_uint_eq(rig_tx(rig, 1)->control & NIC_TX_DD, NIC_TX_DD);
}
END_TEST

/* Rule: enable-stuck, reset-stuck, eeprom-bad, tail-range: registers do not
 * read as they should, once; afterwards they do. */
START_TEST(registers_misbehave_once)
{
    uint16_t word;

    nic82599_inject(&rig->nic, NIC82599_FAULT_ENABLE_STUCK, 0, 1);
    rig_write(rig, RX + NIC_Q_DCTL, NIC_DCTL_ENABLE);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_DCTL), 0);
    rig_write(rig, RX + NIC_Q_DCTL, NIC_DCTL_ENABLE);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_DCTL), NIC_DCTL_ENABLE);

    nic82599_inject(&rig->nic, NIC82599_FAULT_RESET_STUCK, 0, 1);
    rig_write(rig, NIC_CTRL, NIC_CTRL_RST);
    ck_assert_uint_eq(rig_read(rig, NIC_CTRL), NIC_CTRL_RST);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_DCTL), NIC_DCTL_ENABLE);
    rig_write(rig, NIC_CTRL, NIC_CTRL_RST);
    ck_assert_uint_eq(rig_read(rig, NIC_CTRL), 0);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_DCTL), 0);

    rig_write(rig, NIC_EERD, 0x3f << 2 | NIC_EERD_START);
    word = (uint16_t)(rig_read(rig, NIC_EERD) >> 16);
    nic82599_inject(&rig->nic, NIC82599_FAULT_EEPROM_BAD, 0, 1);
    rig_write(rig, NIC_EERD, 0x3f << 2 | NIC_EERD_START);
    ck_assert_uint_ne(rig_read(rig, NIC_EERD) >> 16, word);

    nic82599_inject(&rig->nic, NIC82599_FAULT_TAIL_RANGE, 0, 1);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, RX + NIC_Q_TAIL, 7);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_TAIL), 0x8007);
}
END_TEST

/* Rule: counter-wrap: counters come to their end and begin again at 0. */
START_TEST(counters_wrap)
{
    test_wire_add_random(&rig->wire, 20, 60, 60);
    nic82599_inject(&rig->nic, NIC82599_FAULT_COUNTER_WRAP, 0, 1);
    rig_start_rx(rig, 64, NIC_SRRCTL_ADVANCED);
    rig_write(rig, RX + NIC_Q_TAIL, 63);

    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 0xfffffff0u + 20);
    ck_assert_uint_eq(rig_read(rig, NIC_GORCL), 0xfffffff0u + 20 * 64);
    ck_assert_uint_eq(rig_read(rig, NIC_GORCL + 4), 1);
}
END_TEST

/* Rule: link-flap: the link is down for NIC82599_FLAP_STEPS steps, the frame
 * that met it is lost, the next ones wait. */
START_TEST(link_comes_back_after_a_flap)
{
    uint32_t i;

    nic82599_inject(&rig->nic, NIC82599_FAULT_LINK_FLAP, 1, 1);
    receive_five();
    ck_assert_uint_eq(rig_read(rig, NIC_LINKS), NIC_LINKS_DOWN);
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 1);
    ck_assert_uint_eq(rig->nic.drops.rx_missed, 1);

    for (i = 0; i < NIC82599_FLAP_STEPS + 2; i++)
        rig_step(rig);

    ck_assert_uint_eq(rig_read(rig, NIC_LINKS), NIC_LINKS_UP_10G);
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 3);
}
END_TEST

/* Rule: gone: a device that was pulled out: ones, no effect, no DMA, and the
 * run can end. */
START_TEST(device_goes_away)
{
    receive_five();
    nic82599_inject(&rig->nic, NIC82599_FAULT_GONE, 1, 1);
    ck_assert_uint_eq(rig_read(rig, NIC_LINKS), NIC_LINKS_UP_10G);
    ck_assert_uint_eq(rig_read(rig, NIC_LINKS), 0xffffffff);
    ck_assert_uint_eq(rig_read(rig, NIC_STATUS), 0xffffffff);

    test_wire_add_random(&rig->wire, 1, 60, 60);
    rig_write(rig, RX + NIC_Q_TAIL, 3);
    rig_step(rig);

    ck_assert_uint_eq(rig_rx(rig, 5)->control, 0);
    ck_assert(rig_drained(rig));
}
END_TEST

/* --- interrupts ----------------------------------------------------------- */

/* Vector 3 for receive queue 0, 5 for transmit queue 0, 6 for the rest. */
static void start_interrupts(void)
{
    nic82599_set_clock(&rig->nic, test_clock);
    rig_write(rig, NIC_GPIE, NIC_GPIE_MSIX | NIC_GPIE_EIAME);
    rig_write(rig, NIC_IVAR,
              (NIC_IVAR_VALID | 3) | (NIC_IVAR_VALID | 5) << 8);
    rig_write(rig, NIC_IVAR_MISC, (NIC_IVAR_VALID | 6) << 8);
    rig_write(rig, NIC_EIAC, 0xffff);
    rig_write(rig, NIC_EIAM_EX, 0xffffffff);
    rig_write(rig, NIC_EIMS_EX, 1u << 3 | 1u << 5);
    rig_write(rig, NIC_EIMS, NIC_EICR_LSC);
}

static uint64_t take_raised(void)
{
    uint64_t raised = rig->nic.device.irq_pending;

    rig->nic.device.irq_pending = 0;
    return raised;
}

/* Datasheet 7.3.4 (MSI-X): queues have the vectors of IVAR, and a message masks
 * its cause (EIAM) until it is enabled again. */
START_TEST(queues_have_their_vectors)
{
    start_interrupts();
    receive_five();
    ck_assert_uint_eq(take_raised(), 1u << 3);
    ck_assert_uint_eq(rig_read(rig, NIC_EIMS_EX), 1u << 5);

    rig_start_tx(rig, 8);
    send_one(0);
    ck_assert_uint_eq(take_raised(), 1u << 5);

    test_wire_add_random(&rig->wire, 1, 60, 60);
    rig_step(rig);
    ck_assert_uint_eq(take_raised(), 0);
    rig_write(rig, NIC_EIMS_EX, 1u << 3); /* what came meanwhile comes now */
    ck_assert_uint_eq(take_raised(), 1u << 3);
}
END_TEST

/* Datasheet 7.3.1.1 (EICR.LSC): a link that changes is another cause. */
START_TEST(link_change_interrupts)
{
    start_interrupts();
    nic82599_set_link(&rig->nic, false);

    ck_assert_uint_eq(take_raised(), 1u << 6);
    ck_assert_uint_eq(rig_read(rig, NIC_EICR), NIC_EICR_LSC);
    ck_assert_uint_eq(rig_read(rig, NIC_EICR), 0);
}
END_TEST

/* Datasheet 7.3.2 (EITR): no two messages of a vector within its interval, in
 * units of 2 us; what is held back comes at its end. */
START_TEST(throttling_holds_messages_back)
{
    start_interrupts();
    rig_write(rig, NIC_EITR + 3 * 4, 50u << 3); /* 100 us */
    receive_five();
    ck_assert_uint_eq(take_raised(), 1u << 3);

    nanoseconds += 40000;
    rig_write(rig, NIC_EIMS_EX, 1u << 3);
    test_wire_add_random(&rig->wire, 1, 60, 60);
    rig_step(rig);
    ck_assert_uint_eq(take_raised(), 0);
    nanoseconds += 59999;
    rig_step(rig);
    ck_assert_uint_eq(take_raised(), 0);
    nanoseconds += 1;
    rig_step(rig);

    ck_assert_uint_eq(take_raised(), 1u << 3);
    ck_assert_uint_eq(rig->nic.interrupts, 2);
    ck_assert_uint_eq(rig->nic.interrupts_held, 1);
}
END_TEST

/* Rule: irq-missed, irq-duplicate: a message does not come; one comes twice. */
START_TEST(interrupts_misbehave)
{
    start_interrupts();
    nic82599_inject(&rig->nic, NIC82599_FAULT_IRQ_MISSED, 0, 1);
    receive_five();
    ck_assert_uint_eq(take_raised(), 0);

    nic82599_inject(&rig->nic, NIC82599_FAULT_IRQ_DUPLICATE, 0, 1);
    rig_write(rig, NIC_EIMS_EX, 1u << 3); /* for the frames after the first */
    ck_assert_uint_eq(take_raised(), 1u << 3);
    rig_step(rig);
    ck_assert_uint_eq(take_raised(), 1u << 3);
    rig_step(rig);
    ck_assert_uint_eq(take_raised(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nic82599 faults");
    TCase *tests = tcase_create("faults");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, faults_have_names);
    tcase_add_test(tests, write_backs_are_spoilt_once);
    tcase_add_test(tests, a_fault_may_have_no_end);
    tcase_add_test(tests, spurious_done_leaves_the_address);
    tcase_add_test(tests, unmapped_buffers_lose_their_frame);
    tcase_add_test(tests, frozen_head_moves_nothing);
    tcase_add_test(tests, sent_frame_is_never_done);
    tcase_add_test(tests, registers_misbehave_once);
    tcase_add_test(tests, counters_wrap);
    tcase_add_test(tests, link_comes_back_after_a_flap);
    tcase_add_test(tests, device_goes_away);
    tcase_add_test(tests, queues_have_their_vectors);
    tcase_add_test(tests, link_change_interrupts);
    tcase_add_test(tests, throttling_holds_messages_back);
    tcase_add_test(tests, interrupts_misbehave);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
