/* SPDX-License-Identifier: MIT */
/*
 * test_ixgbe.c - the driver's own code and the applications', compiled into
 * this program, on the 82599 model: bring-up, the way of a packet, and
 * devices and callers that misbehave.
 * Source: thesis, Listing 10; drivers/ixgbe.
 */
#include "ixgbe.h"
#include "nic82599.h"
#include "nic82599_regs.h"
#include "suite_run.h"
#include "test_kernel.h"
#include "test_wire.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

/* tp_main of each domain, renamed when it is compiled for this program. */
int ixgbe_main(void);
int forward_main(void);
int macswap_main(void);

static struct nic82599 *model;
static struct test_wire wire;
static struct queue packets, collect;

static void setup(void)
{
    model = malloc(sizeof(*model));
    ck_assert_ptr_nonnull(model);
    test_wire_init(&wire);
    nic82599_init(model, &wire.wire, "nic0");
    test_kernel_init(&model->device);
    memset(&packets, 0, sizeof(packets));
    memset(&collect, 0, sizeof(collect));
}

static void teardown(void)
{
    test_kernel_assert_sound();
    test_kernel_free();
    test_wire_free(&wire);
    free(model);
}

static void start(void)
{
    ck_assert_int_eq(ixgbe_main(), 0);
    ck_assert(test_logged("82599 ready"));
    kernel.domain = TEST_APPLICATION;
}

/* Call the driver as the application; returns the interface's error. */
static uint32_t call(bool tx, uint64_t pkt_len, uint64_t *count)
{
    return (uint32_t)(test_import(0, TP_POINTER(&packets),
                                  TP_POINTER(&collect), tx, pkt_len,
                                  TP_POINTER(count), 0) >>
                      32);
}

static void step(void)
{
    model->device.ops->step(&model->device);
}

/* Put a new frame of the application into packets. */
static void add_packet(uint16_t length)
{
    struct rref_packet packet = {test_packet_new()};

    ck_assert(!rref_packet_is_null(packet));
    rref_packet_value(packet)->length = length;
    memset(rref_packet_value(packet)->data, 0x33, 2048);
    ck_assert(queue_push_back(&packets, &packet));
}

static struct nic_descriptor *rx_ring(void)
{
    return (struct nic_descriptor *)(void *)kernel.windows[0].memory;
}

/* Thesis, Listing 10: frames go through submit_and_poll and back without a
 * copy. Every length that Ethernet has, twice, there and back unchanged. */
START_TEST(forward_returns_every_frame_unchanged)
{
    test_wire_add_random(&wire, 2 * 1501, 14, 1514);
    start();

    ck_assert_int_eq(forward_main(), 0);

    test_wire_assert_equal(&wire);
    /* rings, two deques: no buffer went astray */
    ck_assert_uint_le(kernel.packets, 2 * IXGBE_RING + 64);
    ck_assert_uint_eq(model->device.dma_refused, 0);
}
END_TEST

/* Rule: an application works in place on the frames it got: exactly the two
 * addresses change places. */
START_TEST(macswap_swaps_addresses_only)
{
    size_t i;

    test_wire_add_random(&wire, 500, 14, 200);
    start();

    ck_assert_int_eq(macswap_main(), 0);

    ck_assert_uint_eq(wire.out.count, wire.in.count);
    for (i = 0; i < wire.in.count; i++) {
        const struct test_frame *in = &wire.in.frame[i];
        const struct test_frame *out = &wire.out.frame[i];

        ck_assert_uint_eq(out->bytes, in->bytes);
        ck_assert_mem_eq(out->data, in->data + 6, 6);
        ck_assert_mem_eq(out->data + 6, in->data, 6);
        ck_assert_mem_eq(out->data + 12, in->data + 12, in->bytes - 12);
    }
}
END_TEST

/* docs/MANIFEST.md, "What happens": a domain that nobody calls runs until its
 * tp_main returns, without traffic too. */
START_TEST(forward_of_nothing_ends)
{
    start();
    ck_assert_int_eq(forward_main(), 0);
    ck_assert_uint_eq(wire.out.count, 0);
}
END_TEST

/* Datasheet 4.6.3: each thing that an initialisation waits for may never come.
 * Rule: a wait ends, with a line that says what for. */
START_TEST(bring_up_fails_with_a_reason)
{
    static const struct {
        uint32_t reg, keep, set;
        const char *text;
    } cases[] = {
        {NIC_STATUS, 0, 0xffffffff, "no device answers"},
        {NIC_CTRL, ~0u, NIC_CTRL_RST, "the reset does not end"},
        {NIC_EEC, ~NIC_EEC_AUTO_RD, 0, "the EEPROM was not read"},
        {NIC_EEMNGCTL, 0, 0, "management is not configured"},
        {NIC_RDRXCTL, ~NIC_RDRXCTL_DMAIDONE, 0, "DMA is not initialised"},
        {NIC_RX_QUEUES + NIC_Q_DCTL, 0, 0, "a queue does not start"},
        {NIC_TX_QUEUES + NIC_Q_DCTL, 0, 0, "a queue does not start"},
    };
    uint64_t count;

    kernel.stuck_register = cases[_i].reg;
    kernel.keep = cases[_i].keep;
    kernel.set = cases[_i].set;

    ck_assert_int_eq(ixgbe_main(), 1);
    ck_assert(test_logged(cases[_i].text));
    kernel.domain = TEST_APPLICATION;
    ck_assert_uint_eq(call(false, 0, &count), NET_ERROR_DEVICE_FAILED);
}
END_TEST

/* Rule: a driver without a device ends with a line that says so, and touches
 * nothing (drv/mmio.h: reads give ones). */
START_TEST(bring_up_without_a_device_fails)
{
    kernel.device = NULL;
    ck_assert_int_eq(ixgbe_main(), 1);
    ck_assert(test_logged("no device answers"));
}
END_TEST

/* Datasheet 4.6.7: receive buffers come before the receiver is enabled. Rule:
 * over quota is a line in the log and an end, not a half-filled ring. */
START_TEST(bring_up_without_memory_fails)
{
    kernel.packet_limit = IXGBE_RING - 1;
    ck_assert_int_eq(ixgbe_main(), 1);
    ck_assert(test_logged("no memory for receive buffers"));
}
END_TEST

/* docs/decisions/0008-bus-addresses-are-slot-offsets.md: rings lie in windows
 * that the kernel grants. Without one there is no start. */
START_TEST(bring_up_without_dma_window_fails)
{
    kernel.windows_off = true;
    ck_assert_int_eq(ixgbe_main(), 1);
    ck_assert(test_logged("no DMA window"));
}
END_TEST

/* Rule: net.idl's link_down is an answer, not a wait: the application waits for
 * the link as long as it thinks right, says so, and ends. */
START_TEST(link_that_stays_down_is_reported)
{
    test_wire_add_random(&wire, 10, 60, 60);
    start();
    nic82599_set_link(model, false);

    ck_assert_int_eq(forward_main(), 1);
    ck_assert(test_logged("the link is down"));
    ck_assert(test_logged("the link stays down"));
    ck_assert_uint_gt(kernel.clock, 10000000000ull);
}
END_TEST

/* Rule: all ones from every register mean that the device was pulled, which is
 * net.idl's device_failed. */
START_TEST(device_that_disappears_is_reported)
{
    uint64_t count;

    start();
    kernel.device = NULL;
    ck_assert_uint_eq(call(false, 0, &count), NET_ERROR_DEVICE_FAILED);
    ck_assert(test_logged("the device is gone"));
}
END_TEST

/* Thesis, Listing 10 (pkt_len): frames that say 0 are pkt_len long. Rule: a
 * length that is none of Ethernet's is dropped, and its buffer comes back. */
START_TEST(transmit_checks_lengths)
{
    static const uint16_t lengths[] = {0, 13, 14, 1514, 1515, 65535};
    uint64_t count;
    size_t i;

    start();
    for (i = 0; i < 6; i++)
        add_packet(lengths[i]);

    ck_assert_uint_eq(call(true, 100, &count), 0);

    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(wire.out.count, 3);
    ck_assert_uint_eq(wire.out.frame[0].bytes, 100);
    ck_assert_uint_eq(wire.out.frame[1].bytes, 14);
    ck_assert_uint_eq(wire.out.frame[2].bytes, 1514);
    ck_assert_uint_eq(queue_len(&packets), 0);
    ck_assert_uint_eq(queue_len(&collect), 3); /* the dropped ones */
    ck_assert_uint_eq(call(true, 0, &count), 0);
    ck_assert_uint_eq(queue_len(&collect), 6); /* and those sent */
}
END_TEST

/* Thesis, Listing 10 (pkt_len): a number of 64 bits from the caller. Rule: it
 * is checked as a frame's own length is, and never cut to fit. */
START_TEST(transmit_refuses_impossible_pkt_len)
{
    uint64_t count;

    start();
    add_packet(0);
    ck_assert_uint_eq(call(true, UINT64_MAX, &count), 0);
    ck_assert_uint_eq(count, 0);
    ck_assert_uint_eq(wire.sent, 0);
    ck_assert_uint_eq(queue_len(&collect), 1);
}
END_TEST

/* Rule: a caller that never takes its buffers back loses them, and does not
 * stop the ring or use up the driver's memory. */
START_TEST(full_collect_does_not_jam_transmit)
{
    uint64_t count;
    uint32_t i;

    start();
    for (i = 0; i < 32; i++)
        add_packet(60);
    collect = packets;
    memset(&packets, 0, sizeof(packets));
    for (i = 0; i < 1000; i++) {
        add_packet(60);
        ck_assert_uint_eq(call(true, 0, &count), 0);
        ck_assert_uint_eq(count, 1);
    }
    ck_assert_uint_eq(wire.sent, 1000);
    ck_assert_uint_le(kernel.packets, 2 * IXGBE_RING + 32);
}
END_TEST

/* Datasheet 7.2.3.2.4 (DD): a batch is done when its last descriptor is.
 * Batches that come back in part, and several at once: each buffer once. */
START_TEST(buffers_come_back_once_each)
{
    uint64_t count, total = 0;
    uint32_t round, i;

    start();
    nic82599_set_link(model, false); /* nothing is done for now */
    for (round = 0; round < 5; round++) {
        for (i = 0; i < 20; i++)
            add_packet(60);
        ck_assert_uint_eq(call(true, 0, &count), 0);
        ck_assert_uint_eq(count, 20);
    }
    ck_assert_uint_eq(queue_len(&collect), 0);
    nic82599_set_link(model, true);
    step();
    ck_assert_uint_eq(wire.sent, 100);
    for (round = 0; round < 20; round++) { /* take seven at a time */
        struct rref_packet packet;

        while (queue_len(&collect) > 25)
            ck_assert(queue_pop_front(&collect, &packet) &&
                      test_packet_drop(packet.handle) && ++total);
        (void)call(true, 0, &count);
    }
    ck_assert_uint_eq(total + queue_len(&collect), 100);
    ck_assert_uint_eq(kernel.packets, IXGBE_RING + queue_len(&collect));
}
END_TEST

/* Thesis, Listing 10: packets are buffers for the device, and move to collect
 * with a frame in them; only what is missing is made. */
START_TEST(receive_uses_the_callers_buffers)
{
    uint64_t count, before;
    uint32_t i;

    test_wire_add_random(&wire, 20, 60, 60);
    start();
    for (i = 0; i < 12; i++)
        add_packet(0);
    before = kernel.packets;
    step();

    ck_assert_uint_eq(call(false, 0, &count), 0);
    ck_assert_uint_eq(count, 20);
    ck_assert_uint_eq(queue_len(&packets), 0);
    ck_assert_uint_eq(queue_len(&collect), 20);
    ck_assert_uint_eq(kernel.packets, before + 8);
}
END_TEST

/* Design, section 3: over quota is an error to the caller, never a crash.
 * Nothing is lost, and nobody waits for ever. */
START_TEST(receive_without_memory_is_an_error)
{
    uint64_t count;

    test_wire_add_random(&wire, 5, 60, 60);
    start();
    kernel.packet_limit = kernel.packets + 2;
    step();

    ck_assert_uint_eq(call(false, 0, &count), 0);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(call(false, 0, &count), NET_ERROR_DEVICE_FAILED);
    ck_assert(test_logged("no memory for another receive buffer"));
    kernel.packet_limit = TEST_PACKETS;
    ck_assert_uint_eq(call(false, 0, &count), 0);
    ck_assert_uint_eq(count, 3);
}
END_TEST

/* Design, section 7: a buffer type is at least as large as what the device is
 * told it may write. A device cannot talk the driver over that: it is reset,
 * and given up when that does not help. */
START_TEST(length_beyond_buffer_resets_the_device)
{
    uint64_t count;
    uint32_t i;

    start();
    for (i = 0; i < 8; i++) {
        rx_ring()[0].address = 0;
        rx_ring()[0].control = 2049ull << 32 | 3;
        ck_assert_uint_eq(call(false, 0, &count), 0);
        ck_assert_uint_eq(queue_len(&collect), 0);
        ck_assert_uint_eq(test_counter("resets"), i + 1);
    }
    rx_ring()[0].address = 0;
    rx_ring()[0].control = 2049ull << 32 | 3;
    ck_assert_uint_eq(call(false, 0, &count), NET_ERROR_DEVICE_FAILED);
    ck_assert(test_logged("needs a reset too often"));
    ck_assert_uint_eq(call(false, 0, &count), NET_ERROR_DEVICE_FAILED);
    ck_assert_uint_eq(kernel.packets, IXGBE_RING);
}
END_TEST

/* Datasheet 7.1.6.2: frames with an error are dropped, and frames over several
 * buffers to their end; the next one is not. */
START_TEST(bad_frames_are_skipped)
{
    uint64_t count;

    test_wire_add_random(&wire, 4, 60, 60);
    start();
    step();
    rx_ring()[0].control |= 1ull << 29;
    rx_ring()[1].control &= ~2ull;

    ck_assert_uint_eq(call(false, 0, &count), 0);
    ck_assert_uint_eq(count, 1);
    ck_assert_mem_eq(rref_packet_value(queue_get(&collect, 0))->data,
                     wire.in.frame[3].data, 60);
    ck_assert_uint_eq(test_counter("rx_dropped"), 3);
}
END_TEST

/* Design, section 7 (stuck ring): a transmit ring that does not move belongs to
 * a device that is reset; what it had to send is counted as lost. */
START_TEST(stuck_transmit_ring_resets_the_device)
{
    test_wire_add_random(&wire, 600, 60, 60);
    start();
    model->device.ops->write(&model->device, NIC_DMATXCTL, 0);

    ck_assert_int_eq(forward_main(), 0);
    ck_assert(test_logged("the transmit ring is stuck"));
    ck_assert_uint_eq(test_counter("resets"), 1);
    ck_assert_uint_eq(test_counter("tx_lost"), IXGBE_RING - 1);
    ck_assert_uint_gt(wire.sent, 0);
    ck_assert_uint_lt(kernel.clock, 2000000000ull);
}
END_TEST

/* Design, section 7 (DMA error): the IOMMU refuses everything: counted, and the
 * system still ends. */
START_TEST(refused_dma_stops_nothing_but_frames)
{
    test_wire_add_random(&wire, 100, 60, 60);
    start();
    step();
    kernel.dma_off = true;
    ck_assert_int_eq(forward_main(), 0);
    ck_assert_uint_eq(wire.sent, 0);
    ck_assert_uint_eq(wire.received, 100);
    ck_assert_uint_gt(model->device.dma_refused, 0);
}
END_TEST

static void scribble(struct test_window *window)
{
    uint64_t place = test_random() % (window->bytes / 8);
    uint64_t value = test_random();

    if (test_random() % 2)
        value = (value & 0x7ffull) << 32 | 3; /* a plausible frame */
    memcpy(window->memory + place * 8, &value, 8);
}

/* Design, section 7 (corrupt descriptor): a device that writes anything into
 * the rings gets errors out of its driver, and no more. */
START_TEST(scribbled_rings_do_no_harm)
{
    uint64_t count;
    uint32_t round, i;

    wire.endless = true;
    test_random_seed((uint64_t)_i);
    test_wire_add_random(&wire, 50, 14, 1514);
    start();
    for (round = 0; round < 3000; round++) {
        for (i = 0; i < test_random() % 8; i++)
            scribble(&kernel.windows[test_random() % 2]);
        if (test_random() % 4 == 0)
            step();
        (void)call(test_random() % 2, test_random() % 2000, &count);
        if (test_random() % 2) {
            struct queue swap = packets;

            packets = collect;
            collect = swap;
        }
    }
    ck_assert_uint_le(kernel.packets, 2 * IXGBE_RING + 64);
}
END_TEST

static TCase *case_bring_up(void)
{
    TCase *c = tcase_create("bring-up");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, bring_up_fails_with_a_reason, 0, 7);
    tcase_add_test(c, bring_up_without_a_device_fails);
    tcase_add_test(c, bring_up_without_memory_fails);
    tcase_add_test(c, bring_up_without_dma_window_fails);
    return c;
}

static TCase *case_packets(void)
{
    TCase *c = tcase_create("packets");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, forward_returns_every_frame_unchanged);
    tcase_add_test(c, macswap_swaps_addresses_only);
    tcase_add_test(c, forward_of_nothing_ends);
    tcase_add_test(c, transmit_checks_lengths);
    tcase_add_test(c, transmit_refuses_impossible_pkt_len);
    tcase_add_test(c, full_collect_does_not_jam_transmit);
    tcase_add_test(c, buffers_come_back_once_each);
    tcase_add_test(c, receive_uses_the_callers_buffers);
    return c;
}

static TCase *case_trouble(void)
{
    TCase *c = tcase_create("trouble");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, link_that_stays_down_is_reported);
    tcase_add_test(c, device_that_disappears_is_reported);
    tcase_add_test(c, receive_without_memory_is_an_error);
    tcase_add_test(c, length_beyond_buffer_resets_the_device);
    tcase_add_test(c, bad_frames_are_skipped);
    tcase_add_test(c, stuck_transmit_ring_resets_the_device);
    tcase_add_test(c, refused_dma_stops_nothing_but_frames);
    tcase_add_loop_test(c, scribbled_rings_do_no_harm, 0, 20);
    return c;
}

int main(void)
{
    Suite *suite = suite_create("ixgbe");

    suite_add_tcase(suite, case_bring_up());
    suite_add_tcase(suite, case_packets());
    suite_add_tcase(suite, case_trouble());
    return suite_run(suite, CK_FORK_GETENV);
}
