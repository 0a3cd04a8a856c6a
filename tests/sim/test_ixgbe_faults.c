/* SPDX-License-Identifier: MIT */
/*
 * test_ixgbe_faults.c - the driver on a device with each of the faults that can
 * be injected: while it is brought up, and with traffic. What it does about it
 * (an error, a reset, a reported failure), what it counts, that every buffer is
 * accounted for, and that nobody waits for ever: the test's kernel aborts after
 * a million idle calls.
 * Source: sim/nic82599_faults.h; design, section 7; drivers/ixgbe.
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

#define FRAMES 2000u
#define NEVER 0 /* as times: without end */

int ixgbe_main(void);
int forward_main(void);

static struct nic82599 *model;
static struct test_wire wire;

static uint64_t test_clock(void)
{
    return kernel.clock;
}

static void setup(void)
{
    model = malloc(sizeof(*model));
    ck_assert_ptr_nonnull(model);
    test_wire_init(&wire);
    nic82599_init(model, &wire.wire, "nic0");
    nic82599_set_clock(model, test_clock);
    test_kernel_init(&model->device);
    test_wire_add_random(&wire, FRAMES, 60, 200);
}

static void teardown(void)
{
    test_kernel_assert_sound();
    test_kernel_free();
    test_wire_free(&wire);
    free(model);
}

static void inject(enum nic82599_fault fault, uint64_t after, uint64_t times)
{
    nic82599_inject(model, fault, after, times);
}

static uint64_t happened(enum nic82599_fault fault)
{
    return model->faults[fault].happened;
}

/* Buffers are in the rings, or went round: no more were ever made. */
static void assert_nothing_leaked(void)
{
    ck_assert_uint_le(kernel.packets, 2 * IXGBE_RING + 64);
    ck_assert_uint_eq(kernel.drops_refused, 0);
}

/* Bring up, forward what there is. Returns what the application returns. */
static int forward(void)
{
    int code;

    ck_assert_int_eq(ixgbe_main(), 0);
    kernel.domain = TEST_APPLICATION;
    code = forward_main();
    assert_nothing_leaked();
    return code;
}

/* What came out are frames that came in, in order, some of them missing. */
static void assert_in_order(void)
{
    size_t in = 0, out;

    for (out = 0; out < wire.out.count; out++) {
        const struct test_frame *frame = &wire.out.frame[out];

        while (in < wire.in.count &&
               (wire.in.frame[in].bytes != frame->bytes ||
                memcmp(wire.in.frame[in].data, frame->data, frame->bytes)))
            in++;
        ck_assert_msg(in++ < wire.in.count, "frame %zu came from nowhere", out);
    }
}

/* All but @lost came out. */
static void assert_lost(uint64_t lost)
{
    assert_in_order();
    ck_assert_uint_eq(wire.out.count + lost, FRAMES);
}

/* Rule: without a fault, nothing is counted. */
START_TEST(a_sound_device_is_not_touched)
{
    ck_assert_int_eq(forward(), 0);
    assert_lost(0);
    ck_assert_uint_eq(test_counter("resets"), 0);
    ck_assert_uint_eq(test_counter("rx_frames"), FRAMES);
    ck_assert_uint_eq(test_counter("tx_frames"), FRAMES);
    ck_assert_uint_eq(test_counter("rx_dropped"), 0);
    ck_assert_uint_eq(test_counter("missed"), 0);
}
END_TEST

static const struct {
    enum nic82599_fault fault;
    const char *reason;
} bring_up_faults[] = {
    {NIC82599_FAULT_RESET_STUCK, "the reset does not end"},
    {NIC82599_FAULT_EEPROM_BAD, "the EEPROM's checksum is wrong"},
    {NIC82599_FAULT_ENABLE_STUCK, "a queue does not start"},
};

/* Datasheet 4.6.3: what fails once is tried again, from the reset on. */
START_TEST(bring_up_has_a_second_try)
{
    inject(bring_up_faults[_i].fault, 0, 2);

    ck_assert_int_eq(forward(), 0);
    ck_assert(test_logged(bring_up_faults[_i].reason));
    ck_assert_uint_eq(happened(bring_up_faults[_i].fault), 2);
    assert_lost(0);
}
END_TEST

/* Rule: what goes on failing is a failure with a reason, in bounded time. */
START_TEST(bring_up_gives_up)
{
    inject(bring_up_faults[_i].fault, 0, NEVER);

    ck_assert_int_eq(ixgbe_main(), 1);
    ck_assert(test_logged(bring_up_faults[_i].reason));
    ck_assert_uint_lt(kernel.clock, 10000000000ull);
    assert_nothing_leaked();
}
END_TEST

/* Rule: gone: at any access of the bring-up, it ends. */
START_TEST(device_may_go_away_while_it_is_brought_up)
{
    inject(NIC82599_FAULT_GONE, (uint64_t)_i * 7, 1);

    ck_assert_int_eq(ixgbe_main(), 1);
    ck_assert_uint_lt(kernel.clock, 60000000000ull);
    assert_nothing_leaked();
}
END_TEST

/* Rule: gone, with traffic: a reported failure. */
START_TEST(device_may_go_away_with_traffic)
{
    ck_assert_int_eq(ixgbe_main(), 0);
    inject(NIC82599_FAULT_GONE, 20, 1);
    kernel.domain = TEST_APPLICATION;

    ck_assert_int_eq(forward_main(), 1);
    ck_assert(test_logged("the device is gone"));
    ck_assert(test_logged("the device failed"));
    assert_in_order();
    assert_nothing_leaked();
}
END_TEST

/* Rule: link-flap: the application waits; what met the flap is lost, and all
 * else comes out. */
START_TEST(link_flaps)
{
    inject(NIC82599_FAULT_LINK_FLAP, 500, 3);

    ck_assert_int_eq(forward(), 0);
    ck_assert_uint_eq(happened(NIC82599_FAULT_LINK_FLAP), 3);
    ck_assert(test_logged("the link is down"));
    assert_lost(3);
    ck_assert_uint_eq(model->drops.rx_missed, 3);
}
END_TEST

/* Rule: unmapped-dma: the IOMMU stops it, the frame is lost and counted by the
 * device; the rest goes on. */
START_TEST(dma_is_refused)
{
    inject(NIC82599_FAULT_UNMAPPED_DMA, 100, 5);

    ck_assert_int_eq(forward(), 0);
    assert_lost(5);
    ck_assert_uint_eq(model->drops.rx_refused + model->drops.tx_refused, 5);
}
END_TEST

static const struct {
    enum nic82599_fault fault;
    uint64_t dropped; /* by the driver, for one strike */
} bad_frames[] = {
    {NIC82599_FAULT_LENGTH_ZERO, 1},
    {NIC82599_FAULT_RX_ERROR, 1},
    {NIC82599_FAULT_EOP_MISSING, 2}, /* with what would be its other part */
};

/* Rule: length-zero, rx-error, eop-missing: the frame is dropped and counted,
 * the device goes on. */
START_TEST(bad_frames_are_dropped)
{
    inject(bad_frames[_i].fault, 300, 1);

    ck_assert_int_eq(forward(), 0);
    ck_assert_uint_eq(happened(bad_frames[_i].fault), 1);
    ck_assert_uint_eq(test_counter("rx_dropped"), bad_frames[_i].dropped);
    ck_assert_uint_eq(test_counter("resets"), 0);
    assert_lost(bad_frames[_i].dropped);
}
END_TEST

/* Rule: the same without end: nothing comes out, and the run ends. */
START_TEST(nothing_but_bad_frames)
{
    inject(bad_frames[_i].fault, 0, NEVER);

    ck_assert_int_eq(forward(), 0);
    ck_assert_uint_eq(wire.out.count, 0);
    ck_assert_uint_eq(test_counter("rx_dropped"), FRAMES);
}
END_TEST

/* Rule: length-long: the device claims to have written beyond a buffer: reset;
 * what was received then and not handed over is lost. */
START_TEST(impossible_length_resets)
{
    inject(NIC82599_FAULT_LENGTH_LONG, 300, 1);

    ck_assert_int_eq(forward(), 0);
    ck_assert_uint_eq(test_counter("resets"), 1);
    ck_assert(test_logged("a frame longer than its buffer"));
    ck_assert(test_logged("the device was reset"));
    assert_in_order();
    ck_assert_uint_ge(wire.out.count, FRAMES - 2 * IXGBE_RING);
}
END_TEST

/* Rule: one that needs a reset again and again has failed: reported. */
START_TEST(resets_have_an_end)
{
    inject(NIC82599_FAULT_LENGTH_LONG, 10, NEVER);

    ck_assert_int_eq(forward(), 1);
    ck_assert(test_logged("needs a reset too often"));
    ck_assert(test_logged("the device failed"));
    ck_assert_uint_eq(test_counter("resets"), 9);
    assert_in_order();
}
END_TEST

/* Rule: dd-spurious: a descriptor that was not written is not believed, and
 * the frame that comes into it later is. */
START_TEST(spurious_done_is_not_believed)
{
    inject(NIC82599_FAULT_DD_SPURIOUS, 50, 20);

    ck_assert_int_eq(forward(), 0);
    ck_assert_uint_eq(happened(NIC82599_FAULT_DD_SPURIOUS), 20);
    ck_assert_uint_eq(test_counter("resets"), 0);
    assert_lost(0);
}
END_TEST

/* Rule: dd-never, received: the driver sees that the device has gone on, and
 * resets it; sent: the device's head tells what its descriptors do not. */
START_TEST(done_is_never_said)
{
    inject(NIC82599_FAULT_DD_NEVER, (uint64_t)_i * 97, 1);

    ck_assert_msg(forward() == 0, "%s", kernel.log);
    ck_assert_uint_eq(happened(NIC82599_FAULT_DD_NEVER), 1);
    ck_assert_uint_le(test_counter("resets"), 1);
    assert_in_order();
    ck_assert_uint_ge(wire.out.count, FRAMES - 2 * IXGBE_RING);
}
END_TEST

/* Rule: head-frozen for a while: frames are missed; a receiver that misses
 * frames although it has descriptors is reset. */
START_TEST(head_freezes_for_a_while)
{
    inject(NIC82599_FAULT_HEAD_FROZEN, 300, 100);

    ck_assert_int_eq(forward(), 0);
    ck_assert_uint_eq(happened(NIC82599_FAULT_HEAD_FROZEN), 100);
    assert_in_order();
    ck_assert_uint_ge(wire.out.count, FRAMES - 100 - 2 * IXGBE_RING);
}
END_TEST

/* Rule: head-frozen for ever: nothing moves any more; the run ends. */
START_TEST(head_freezes_for_ever)
{
    inject(NIC82599_FAULT_HEAD_FROZEN, 300, NEVER);

    (void)forward();
    assert_in_order();
    ck_assert_uint_lt(wire.out.count, FRAMES);
}
END_TEST

/* Rule: tail-range: a ring that the device cannot read is a receiver that
 * misses frames, or a transmitter that hangs: reset. */
START_TEST(tail_goes_wrong)
{
    inject(NIC82599_FAULT_TAIL_RANGE, 10 + (uint64_t)_i, 1);

    ck_assert_int_eq(forward(), 0);
    ck_assert_uint_eq(happened(NIC82599_FAULT_TAIL_RANGE), 1);
    assert_in_order();
}
END_TEST

/* Rule: counter-wrap: the driver's own counts are exact. */
START_TEST(counters_wrap)
{
    inject(NIC82599_FAULT_COUNTER_WRAP, 700, 3);

    ck_assert_int_eq(forward(), 0);
    ck_assert_uint_eq(test_counter("rx_frames"), wire.out.count);
    ck_assert_uint_le(test_counter("resets"), 1);
    assert_in_order();
}
END_TEST

/* --- interrupts ----------------------------------------------------------- */

/* Datasheet 7.3: with interrupts, every frame comes out. */
START_TEST(interrupts_bring_frames)
{
    kernel.arguments = "interrupts=on";
    ck_assert_int_eq(forward(), 0);
    assert_lost(0);
    ck_assert_uint_eq(test_counter("irq_missed"), 0);
}
END_TEST

/* Rule: irq-missed: the frames are found a millisecond later, and counted; when
 * none comes any more the queue is polled. */
START_TEST(interrupts_are_missed)
{
    uint32_t i;

    kernel.arguments = "interrupts=on";
    wire.next = wire.in.count; /* frames come one by one, see below */
    ck_assert_int_eq(ixgbe_main(), 0);
    inject(NIC82599_FAULT_IRQ_MISSED, 0, NEVER);
    kernel.domain = TEST_APPLICATION;
    for (i = 0; i < 10; i++) {
        struct queue packets = {0}, collect = {0};
        uint64_t count;

        wire.next = i; /* the next one arrives while the driver waits */
        wire.in.count = i + 1;
        if (i >= 8) /* it does not wait any more */
            model->device.ops->step(&model->device);
        (void)test_import(0, TP_POINTER(&packets), TP_POINTER(&collect), false,
                          0, TP_POINTER(&count), 0);
        ck_assert_uint_eq(count, 1);
    }
    wire.in.count = FRAMES;
    ck_assert_uint_eq(test_counter("irq_missed"), 8);
    ck_assert(test_logged("interrupts do not come"));
}
END_TEST

/* Rule: irq-duplicate: one that comes twice finds nothing, and is counted. */
START_TEST(interrupts_come_twice)
{
    kernel.arguments = "interrupts=on";
    inject(NIC82599_FAULT_IRQ_DUPLICATE, 0, NEVER);

    ck_assert_int_eq(forward(), 0);
    assert_lost(0);
}
END_TEST

/* --- settings ------------------------------------------------------------- */

/* drivers/ixgbe/settings.c. Rule: words that are none end with a line that
 * says what is. */
START_TEST(wrong_settings_are_refused)
{
    static const char *const wrong[] = {
        "queues=0", "queues=9", "queues=", "queues", "queues=2x", "batch=33",
        "batch=-1", "interrupts=yes", "interrupts=", "color=red", "queues=2,",
        "queues=99999999999999999999", "=", "batch=8 x",
    };

    kernel.arguments = wrong[_i];
    ck_assert_int_eq(ixgbe_main(), 1);
    ck_assert(test_logged("args: expected"));
}
END_TEST

/* drivers/ixgbe/settings.c. Rule: no call hands out more than batch says. */
START_TEST(batches_are_as_long_as_set)
{
    struct queue packets = {0}, collect = {0};
    uint64_t count;

    kernel.arguments = " batch=5\tqueues=2 ";
    ck_assert_int_eq(ixgbe_main(), 0);
    kernel.domain = TEST_APPLICATION;
    model->device.ops->step(&model->device);
    (void)test_import(0, TP_POINTER(&packets), TP_POINTER(&collect), false, 0,
                      TP_POINTER(&count), 0);
    ck_assert_uint_eq(count, 5);
}
END_TEST

static TCase *case_bring_up(void)
{
    TCase *c = tcase_create("bring-up");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, bring_up_has_a_second_try, 0, 3);
    tcase_add_loop_test(c, bring_up_gives_up, 0, 3);
    tcase_add_loop_test(c, device_may_go_away_while_it_is_brought_up, 0, 60);
    tcase_add_loop_test(c, wrong_settings_are_refused, 0, 14);
    tcase_add_test(c, batches_are_as_long_as_set);
    return c;
}

static TCase *case_traffic(void)
{
    TCase *c = tcase_create("traffic");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, a_sound_device_is_not_touched);
    tcase_add_test(c, device_may_go_away_with_traffic);
    tcase_add_test(c, link_flaps);
    tcase_add_test(c, dma_is_refused);
    tcase_add_loop_test(c, bad_frames_are_dropped, 0, 3);
    tcase_add_loop_test(c, nothing_but_bad_frames, 0, 3);
    tcase_add_test(c, impossible_length_resets);
    tcase_add_test(c, resets_have_an_end);
    tcase_add_test(c, spurious_done_is_not_believed);
    tcase_add_loop_test(c, done_is_never_said, 0, 20);
    tcase_add_test(c, head_freezes_for_a_while);
    tcase_add_test(c, head_freezes_for_ever);
    tcase_add_loop_test(c, tail_goes_wrong, 0, 20);
    tcase_add_test(c, counters_wrap);
    return c;
}

static TCase *case_interrupts(void)
{
    TCase *c = tcase_create("interrupts");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, interrupts_bring_frames);
    tcase_add_test(c, interrupts_are_missed);
    tcase_add_test(c, interrupts_come_twice);
    return c;
}

int main(void)
{
    Suite *suite = suite_create("ixgbe faults");

    suite_add_tcase(suite, case_bring_up());
    suite_add_tcase(suite, case_traffic());
    suite_add_tcase(suite, case_interrupts());
    return suite_run(suite, CK_FORK_GETENV);
}
