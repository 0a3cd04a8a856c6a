/* SPDX-License-Identifier: MIT */
/*
 * test_recorder.c - the recording device by its datasheet, and under a driver
 * that means harm: any value in any register and any entry, entries that change
 * while the device works.
 * Source: sim/recorder.h.
 */
#include "recorder.h"
#include "suite_run.h"
#include "test_wire.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

/* What the device may read and write, and what it may only read. */
#define OWN_BUS 0x200000u
#define LENT_BUS 0x80000000u
#define BYTES 0x10000u
#define LIST OWN_BUS
#define ENTRIES 64u

static struct recorder recorder;
static struct test_wire wire;
static uint8_t *own, *lent; /* each of BYTES exactly, for a sanitizer to see */

static void *reach(uint8_t *memory, uint64_t start, uint64_t bus,
                   uint32_t bytes)
{
    if (bytes == 0 || bus < start || bus >= start + BYTES ||
        bytes > start + BYTES - bus)
        return NULL;
    return memory + (bus - start);
}

void *dma_reach(struct device *device, uint64_t bus, uint32_t bytes)
{
    ck_assert_ptr_eq(device, &recorder.device);
    return reach(own, OWN_BUS, bus, bytes);
}

const void *dma_read_reach(struct device *device, uint64_t bus, uint32_t bytes)
{
    const void *memory = dma_reach(device, bus, bytes);

    return memory ? memory : reach(lent, LENT_BUS, bus, bytes);
}

static uint32_t get(uint32_t offset)
{
    return recorder.device.ops->read(&recorder.device, offset);
}

static void put(uint32_t offset, uint32_t value)
{
    recorder.device.ops->write(&recorder.device, offset, value);
}

static struct recorder_entry *entry(uint32_t index)
{
    return (struct recorder_entry *)(void *)own + index;
}

static void fill(uint32_t index, uint64_t address, uint32_t length,
                 uint16_t flags)
{
    *entry(index) = (struct recorder_entry){address, length, flags, 0};
}

static void start(void)
{
    put(RECORDER_CONTROL, RECORDER_RESET);
    put(RECORDER_LIST_LOW, LIST);
    put(RECORDER_LIST_HIGH, 0);
    put(RECORDER_LIST_ENTRIES, ENTRIES);
    put(RECORDER_CONTROL, RECORDER_ENABLE);
}

static uint8_t *memory_new(void)
{
    uint8_t *memory = aligned_alloc(4096, BYTES);
    uint32_t i;

    ck_assert_ptr_nonnull(memory);
    for (i = 0; i < BYTES; i++)
        memory[i] = (uint8_t)test_random();
    return memory;
}

static void setup(void)
{
    test_random_seed(82);
    test_wire_init(&wire);
    recorder_init(&recorder, &wire.wire, "a name that is too long");
    own = memory_new();
    lent = memory_new();
    start();
}

static void teardown(void)
{
    test_wire_free(&wire);
    free(own);
    free(lent);
}

static void ck_frame(size_t index, const uint8_t *data, uint32_t bytes)
{
    ck_assert_uint_lt(index, wire.out.count);
    ck_assert_uint_eq(wire.out.frame[index].bytes, bytes);
    ck_assert_mem_eq(wire.out.frame[index].data, data, bytes);
}

/* Rule: sim/recorder.h, its registers: what a driver finds after power-on and
 * after a reset. */
START_TEST(it_says_what_it_is)
{
    uint32_t offset;

    put(RECORDER_CONTROL, RECORDER_RESET | RECORDER_ENABLE);

    ck_assert_str_eq(recorder.device.name, "a name that is ");
    ck_assert_uint_eq(recorder.device.register_bytes, RECORDER_REGISTER_BYTES);
    ck_assert_uint_eq(get(RECORDER_ID), 0x43525054);
    ck_assert_uint_eq(get(RECORDER_VERSION), 1);
    for (offset = RECORDER_CONTROL; offset < RECORDER_REGISTER_BYTES;
         offset += 4)
        ck_assert_uint_eq(get(offset), 0);
    ck_assert(recorder.device.ops->drained(&recorder.device));
}
END_TEST

/* Rule: sim/recorder.h: list and control read back, the rest is read-only. */
START_TEST(registers_read_back_what_was_written)
{
    uint32_t offset;

    for (offset = 0; offset < RECORDER_REGISTER_BYTES; offset += 4)
        if (offset != RECORDER_DOORBELL)
            put(offset, 0xfffffff0 + (offset >> 2 & 1));

    ck_assert_uint_eq(get(RECORDER_ID), RECORDER_ID_VALUE);
    ck_assert_uint_eq(get(RECORDER_VERSION), 1);
    ck_assert_uint_eq(get(RECORDER_LIST_LOW), 0xfffffff0);
    ck_assert_uint_eq(get(RECORDER_LIST_HIGH), 0xfffffff1);
    ck_assert_uint_eq(get(RECORDER_LIST_ENTRIES), 0xfffffff0);
    ck_assert_uint_eq(get(RECORDER_CONTROL), 0);
    ck_assert_uint_eq(get(RECORDER_RECORDED), 0);
}
END_TEST

/* Rule: sim/recorder.h: frames are recorded in the list's order, as they are,
 * when the doorbell's write is over; each entry says what became of it. */
START_TEST(a_batch_is_recorded_in_order)
{
    fill(0, LENT_BUS + 64, 60, 0);
    fill(1, OWN_BUS + 0x4000, 1514, RECORDER_FLAG_SENT);
    fill(2, LENT_BUS + 2112, 1, RECORDER_FLAG_SENT);
    fill(3, LENT_BUS, 60, 0); /* not rung for */

    put(RECORDER_DOORBELL, 3);

    ck_assert_uint_eq(wire.out.count, 3);
    ck_frame(0, lent + 64, 60);
    ck_frame(1, own + 0x4000, 1514);
    ck_frame(2, lent + 2112, 1);
    ck_assert_uint_eq(entry(0)->result, RECORDER_RESULT_RECORDED);
    ck_assert_uint_eq(entry(2)->result, RECORDER_RESULT_RECORDED);
    ck_assert_uint_eq(entry(3)->result, 0);
    ck_assert_uint_eq(get(RECORDER_RECORDED), 3);
    ck_assert_uint_eq(get(RECORDER_SENT), 2);
    ck_assert_uint_eq(get(RECORDER_STATUS), RECORDER_ENABLED);
}
END_TEST

static const struct {
    uint64_t address;
    uint32_t length;
    uint16_t flags, result;
} frames[] = {
    {LENT_BUS, 0, 0, RECORDER_RESULT_REFUSED},
    {LENT_BUS, 1, 0, RECORDER_RESULT_RECORDED},
    {LENT_BUS, 2048, 0, RECORDER_RESULT_RECORDED},
    {LENT_BUS, 2049, 0, RECORDER_RESULT_TOO_LONG},
    {LENT_BUS, UINT32_MAX, 0, RECORDER_RESULT_TOO_LONG},
    {LENT_BUS, 60, 2, RECORDER_RESULT_REFUSED},
    {LENT_BUS, 60, 0xffff, RECORDER_RESULT_REFUSED},
    {LENT_BUS + BYTES - 60, 60, 1, RECORDER_RESULT_RECORDED},
    {LENT_BUS + BYTES - 60, 61, 1, RECORDER_RESULT_REFUSED},
    {LENT_BUS - 1, 60, 0, RECORDER_RESULT_REFUSED},
    {0, 60, 0, RECORDER_RESULT_REFUSED},
    {UINT64_MAX, 60, 0, RECORDER_RESULT_REFUSED},
    {1ull << 32 | LENT_BUS, 60, 0, RECORDER_RESULT_REFUSED},
};

/* Rule: sim/recorder.h: what is not recorded, and how it is counted; the frame
 * behind it is recorded all the same. */
START_TEST(a_bad_frame_is_counted_and_does_no_harm)
{
    bool fine = frames[_i].result == RECORDER_RESULT_RECORDED;

    fill(0, frames[_i].address, frames[_i].length, frames[_i].flags);
    fill(1, LENT_BUS + 128, 60, 0);
    put(RECORDER_DOORBELL, 2);

    ck_assert_uint_eq(entry(0)->result, frames[_i].result);
    ck_assert_uint_eq(entry(1)->result, RECORDER_RESULT_RECORDED);
    ck_assert_uint_eq(wire.out.count, fine ? 2 : 1);
    ck_frame(fine ? 1 : 0, lent + 128, 60);
    ck_assert_uint_eq(get(RECORDER_RECORDED), fine ? 2 : 1);
    ck_assert_uint_eq(get(RECORDER_REFUSED),
                      frames[_i].result == RECORDER_RESULT_REFUSED);
    ck_assert_uint_eq(get(RECORDER_TOO_LONG),
                      frames[_i].result == RECORDER_RESULT_TOO_LONG);
}
END_TEST

static const struct {
    uint32_t low, high, entries, doorbell;
} lists[] = {
    {LIST, 0, ENTRIES, ENTRIES + 1},
    {LIST, 0, ENTRIES, UINT32_MAX},
    {LIST, 0, ENTRIES, 0x10000001}, /* 16 bytes, modulo 2^32 */
    {LIST, 0, 257, 1},
    {LIST, 0, UINT32_MAX, UINT32_MAX},
    {LIST, 0, 0, 1},
    {LIST + 8, 0, ENTRIES, 1},
    {LIST + 1, 0, ENTRIES, 1},
    {LIST, 1, ENTRIES, 1},
    {0, 0, ENTRIES, 1},
    {0xfffffff0, 0xffffffff, ENTRIES, 2},
    {OWN_BUS + BYTES - 16, 0, ENTRIES, 2},
    {LENT_BUS, 0, ENTRIES, 1}, /* results could not be written there */
};

/* Rule: sim/recorder.h: LIST_FAULT, and nothing recorded, until a doorbell
 * that finds its list. */
START_TEST(a_bad_list_is_a_fault)
{
    fill(0, LENT_BUS, 60, 0);
    fill(1, LENT_BUS, 60, 0);
    put(RECORDER_LIST_LOW, lists[_i].low);
    put(RECORDER_LIST_HIGH, lists[_i].high);
    put(RECORDER_LIST_ENTRIES, lists[_i].entries);
    put(RECORDER_DOORBELL, lists[_i].doorbell);
    ck_assert_uint_eq(get(RECORDER_STATUS),
                      RECORDER_ENABLED | RECORDER_LIST_FAULT);
    ck_assert_uint_eq(wire.sent, 0);
    ck_assert_uint_eq(entry(0)->result, 0);

    put(RECORDER_LIST_LOW, LIST);
    put(RECORDER_LIST_HIGH, 0);
    put(RECORDER_LIST_ENTRIES, ENTRIES);
    put(RECORDER_DOORBELL, 2);
    ck_assert_uint_eq(get(RECORDER_STATUS), RECORDER_ENABLED);
    ck_assert_uint_eq(wire.sent, 2);
}
END_TEST

/* Rule: core/include/tepal_trusted/device.h, stop: no DMA until reset. */
START_TEST(it_is_silent_when_stopped_or_not_enabled)
{
    fill(0, LENT_BUS, 60, 0);
    put(RECORDER_DOORBELL, 0);
    put(RECORDER_CONTROL, 0);
    put(RECORDER_DOORBELL, 1);
    ck_assert_uint_eq(wire.sent, 0);

    put(RECORDER_CONTROL, RECORDER_ENABLE);
    recorder.device.ops->stop(&recorder.device);
    put(RECORDER_CONTROL, RECORDER_ENABLE);
    put(RECORDER_DOORBELL, 1);
    recorder.device.ops->step(&recorder.device);
    ck_assert_uint_eq(wire.sent, 0);
    ck_assert_uint_eq(entry(0)->result, 0);
    ck_assert_uint_eq(get(RECORDER_STATUS), 0);

    start();
    put(RECORDER_DOORBELL, 1);
    ck_assert_uint_eq(wire.sent, 1);
}
END_TEST

/* Rule: sim/recorder.h: registers count since the reset, reports since
 * power-on. */
START_TEST(totals_outlive_a_reset)
{
    fill(0, LENT_BUS, 60, RECORDER_FLAG_SENT);
    fill(1, LENT_BUS, 0, 0);
    fill(2, LENT_BUS, 2049, 0);
    put(RECORDER_DOORBELL, 3);
    start();
    ck_assert_uint_eq(get(RECORDER_RECORDED) + get(RECORDER_REFUSED), 0);
    put(RECORDER_DOORBELL, 3);

    ck_assert_uint_eq(get(RECORDER_RECORDED), 1);
    ck_assert_uint_eq(recorder_totals(&recorder).recorded, 2);
    ck_assert_uint_eq(recorder_totals(&recorder).sent, 2);
    ck_assert_uint_eq(recorder_totals(&recorder).refused, 2);
    ck_assert_uint_eq(recorder_totals(&recorder).too_long, 2);
}
END_TEST

/* A wire whose other end rewrites the list and the frames with each frame, as
 * another thread of the driver could. */
static void send_and_scribble(struct wire *base, const uint8_t *frame,
                              uint32_t bytes)
{
    volatile uint8_t last = frame[bytes - 1];
    uint32_t i;

    (void)base, (void)last;
    wire.sent++;
    ck_assert_uint_le(bytes, RECORDER_FRAME_MAX);
    for (i = 0; i < ENTRIES; i++)
        fill(i, test_random() % 4 ? LENT_BUS + test_random() % BYTES
                                  : test_random(),
             (uint32_t)(test_random() % 3000), (uint16_t)(test_random() % 3));
}

/* Rule: sim/recorder.h: each word of an entry is read once, and how many
 * entries there are is what the doorbell said. */
START_TEST(entries_may_change_while_it_works)
{
    const struct wire_ops scribbling = {.send = send_and_scribble};
    struct recorder_counts got;
    uint32_t round;

    wire.wire.ops = &scribbling;
    for (round = 0; round < 2000; round++) {
        uint64_t before = wire.sent;

        fill(0, LENT_BUS, 60, 0);
        put(RECORDER_DOORBELL, ENTRIES);
        ck_assert_uint_le(wire.sent - before, ENTRIES);
    }
    got = recorder_totals(&recorder);
    ck_assert_uint_eq(got.recorded, wire.sent);
    ck_assert_uint_eq(got.recorded + got.refused + got.too_long,
                      2000 * ENTRIES);
    ck_assert_uint_gt(got.refused, 0);
    ck_assert_uint_gt(got.too_long, 0);
}
END_TEST

/* Rule: frames may overlap the list that names them; what is recorded is what
 * stands there at that moment. */
START_TEST(the_list_itself_can_be_recorded)
{
    uint32_t i;

    for (i = 0; i < 4; i++)
        fill(i, LIST + i * 16, 16, 0);
    put(RECORDER_DOORBELL, 4);

    ck_assert_uint_eq(wire.out.count, 4);
    entry(3)->result = 0; /* as it was before the frame was recorded */
    ck_frame(3, (const uint8_t *)entry(3), 16);
}
END_TEST

static uint32_t interesting_value(void)
{
    static const uint32_t values[] = {
        0, 1, 2, 3, 16, 63, 64, 255, 256, 257, LIST, LENT_BUS, 0x80000000,
        OWN_BUS + BYTES - 16, UINT32_MAX, 0xfffffff0,
    };

    if (test_random() % 4 == 0)
        return (uint32_t)test_random();
    return values[test_random() % (sizeof(values) / sizeof(values[0]))];
}

/* Design, section 7: whatever a driver writes, a call does a bounded amount of
 * work within reach, and the device works after a reset. */
START_TEST(any_register_and_any_entry_is_survived)
{
    uint32_t i;

    wire.endless = true; /* what is sent is only counted */
    for (i = 0; i < 300000; i++) {
        uint64_t before = wire.sent;

        if (test_random() % 2)
            fill((uint32_t)(test_random() % 256),
                 LENT_BUS + test_random() % (2 * BYTES),
                 interesting_value(), (uint16_t)interesting_value());
        if (test_random() % 16 == 0)
            start();
        put((uint32_t)(test_random() % (RECORDER_REGISTER_BYTES / 4)) * 4,
            interesting_value());
        ck_assert_uint_le(wire.sent - before, RECORDER_ENTRIES_MAX);
    }
    ck_assert_uint_gt(wire.sent, 1000);

    start();
    fill(0, LENT_BUS, 60, 0);
    put(RECORDER_DOORBELL, 1);
    ck_assert_uint_eq(get(RECORDER_RECORDED), 1);
}
END_TEST

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    Suite *suite = suite_create("recorder");
    TCase *tests = tcase_create("recorder");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, it_says_what_it_is);
    tcase_add_test(tests, registers_read_back_what_was_written);
    tcase_add_test(tests, a_batch_is_recorded_in_order);
    tcase_add_loop_test(tests, a_bad_frame_is_counted_and_does_no_harm, 0,
                        COUNT_OF(frames));
    tcase_add_loop_test(tests, a_bad_list_is_a_fault, 0, COUNT_OF(lists));
    tcase_add_test(tests, it_is_silent_when_stopped_or_not_enabled);
    tcase_add_test(tests, totals_outlive_a_reset);
    tcase_add_test(tests, entries_may_change_while_it_works);
    tcase_add_test(tests, the_list_itself_can_be_recorded);
    tcase_add_test(tests, any_register_and_any_entry_is_survived);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_FORK_GETENV);
}
