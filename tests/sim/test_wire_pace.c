/* SPDX-License-Identifier: MIT */
/*
 * test_wire_pace.c - when frames come: the four paces, gaps, lateness, the end
 * of a duration. The clock is the test's own.
 * Source: sim/replay.h, docs/REPLAY.md.
 */
#include "suite_run.h"
#include "wire_rig.h"
#include <check.h>
#include <math.h>

#define SECOND 1000000000ull

/* Frames of 100 bytes, a tenth of a second apart. */
static void add_frames(uint32_t count)
{
    uint32_t i;

    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    for (i = 0; i < count; i++)
        capture_add(&file, 50 + i / 10, i % 10 * 100000, frame + i, 100, 100);
}

/* Frames with these time stamps, in seconds. */
static void add_stamps(const uint32_t *seconds, uint32_t count)
{
    uint32_t i;

    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    for (i = 0; i < count; i++)
        capture_add(&file, seconds[i], 0, frame + i, 60, 60);
}

/* Expect the next frame to be due at @due and take it then. */
static void expect_at(uint64_t due)
{
    uint32_t bytes;

    ck_assert_uint_eq(rig_next(), due);
    fake_clock = due;
    ck_assert_ptr_nonnull(rig_receive(&bytes));
}

/* docs/REPLAY.md, "Pace": at full speed each frame is there at once. */
START_TEST(full_speed_waits_for_nothing)
{
    add_frames(20);
    rig_open(NULL);

    ck_assert_uint_eq(rig_next(), fake_clock);
    fake_clock += 5;
    ck_assert_uint_eq(rig_next(), fake_clock);
    ck_assert_uint_eq(rig_play(), 20);
    ck_assert_uint_eq(pcap.lateness.count, 0);
    rig_close(NULL);
}
END_TEST

/* docs/REPLAY.md, "Pace": frame n of a rate is due n periods after the first
 * call, whenever the capture was opened. */
START_TEST(frames_a_second_are_evenly_due)
{
    uint32_t i;

    options.pace = REPLAY_PPS;
    options.rate = 1000;
    add_frames(50);
    rig_open(NULL);
    fake_clock = 77 * SECOND;

    for (i = 0; i < 50; i++)
        expect_at(77 * SECOND + i * 1000000ull);
    ck_assert(rig_ended());
    ck_assert_uint_eq(pcap.counts.first_ns, 77 * SECOND);
    ck_assert_uint_eq(pcap.counts.last_ns, 77 * SECOND + 49 * 1000000ull);
    rig_close(NULL);
}
END_TEST

/* docs/REPLAY.md, "Pace": megabits are those of the frames before, without
 * preamble, checksum and gap. */
START_TEST(megabits_are_those_of_frames)
{
    uint64_t start = fake_clock;

    options.pace = REPLAY_MBPS;
    options.rate = 8; /* a byte a microsecond */
    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    capture_add(&file, 1, 0, frame, 60, 60);
    capture_add(&file, 2, 0, frame, 1514, 1514);
    capture_add(&file, 3, 0, frame, 100, 100);
    rig_open(NULL);

    expect_at(start);
    expect_at(start + 60 * 1000);
    expect_at(start + (60 + 1514) * 1000);
    ck_assert(rig_ended());
    rig_close(NULL);
}
END_TEST

/* docs/REPLAY.md, "Pace": original times, and those times faster. */
START_TEST(original_times_are_kept_and_divided)
{
    static const double speed[] = {1, 2, 0.5};
    uint64_t start = fake_clock;
    uint32_t i;

    options.pace = REPLAY_ORIGINAL;
    options.rate = speed[_i];
    add_frames(30);
    rig_open(NULL);

    for (i = 0; i < 30; i++)
        expect_at(start + (uint64_t)(i * 100000000ull / speed[_i]));
    rig_close(NULL);
}
END_TEST

/* docs/REPLAY.md, "Pace": no pause is longer than the largest gap, as it is
 * played; shorter ones stay. */
START_TEST(long_gaps_are_cut)
{
    static const uint32_t stamps[] = {10, 11, 1011, 1012};
    uint64_t start = fake_clock;

    options.pace = REPLAY_ORIGINAL;
    options.rate = 2;
    options.gap_max_ns = 3 * SECOND;
    add_stamps(stamps, 4);
    rig_open(NULL);

    expect_at(start);
    expect_at(start + SECOND / 2);
    expect_at(start + SECOND / 2 + 3 * SECOND);
    expect_at(start + SECOND + 3 * SECOND);
    rig_close(NULL);
}
END_TEST

/* docs/REPLAY.md, "Records that are no plain frames": a frame whose time stamp
 * goes back comes at once, and the later ones when they would have. */
START_TEST(backward_stamps_are_due_at_once)
{
    static const uint32_t stamps[] = {10, 12, 11, 9, 13};
    uint64_t start = fake_clock;

    options.pace = REPLAY_ORIGINAL;
    add_stamps(stamps, 5);
    rig_open(NULL);

    expect_at(start);
    expect_at(start + 2 * SECOND);
    expect_at(start + 2 * SECOND);
    expect_at(start + 2 * SECOND);
    expect_at(start + 3 * SECOND);
    ck_assert_uint_eq(pcap.counts.backwards, 2);
    rig_close(NULL);
}
END_TEST

/* docs/REPLAY.md, "Pace": a frame taken late makes no other one late, and the
 * histogram says how late each was. */
START_TEST(lateness_does_not_add_up)
{
    uint64_t start = fake_clock;
    uint32_t bytes, i;

    options.pace = REPLAY_PPS;
    options.rate = 1000;
    add_frames(20);
    rig_open(NULL);

    ck_assert_uint_eq(rig_next(), start);
    for (i = 0; i < 10; i++) {
        fake_clock = start + i * 1000000 + 40;
        ck_assert_ptr_nonnull(rig_receive(&bytes));
    }
    fake_clock = start + 15 * 1000000;
    for (i = 10; i < 16; i++)
        ck_assert_ptr_nonnull(rig_receive(&bytes));
    ck_assert_ptr_null(rig_receive(&bytes));
    expect_at(start + 16 * 1000000);
    ck_assert_uint_eq(pcap.lateness.count, 17);
    ck_assert_uint_eq(pcap.lateness.bucket[40], 10);
    ck_assert_uint_eq(pcap.lateness.most, 5 * 1000000);
    ck_assert_uint_eq(pcap.lateness.least, 0);
    rig_close(NULL);
}
END_TEST

/* Rule: a period that is no whole number of nanoseconds does not drift either:
 * a third of a second, ten million times. */
START_TEST(uneven_rates_do_not_drift)
{
    struct replay_pacer pacer;
    uint64_t n;

    options.pace = REPLAY_PPS;
    options.rate = 3;
    replay_pacer_begin(&pacer, &options);
    for (n = 0; n < 10000000; n++) {
        uint64_t exact = (n * SECOND + 1) / 3, due;

        due = replay_pacer_due(&pacer, 0);
        if (due > exact || due + 1 < exact)
            ck_abort_msg("frame %lu is due at %lu, not %lu", n, due, exact);
        replay_pacer_played(&pacer, 60);
    }
}
END_TEST

/* Rule: a time stamp a century ahead makes a frame due far away, and no sum
 * overflow. */
START_TEST(absurd_stamps_do_not_overflow)
{
    struct replay_pacer pacer;
    uint64_t before = 0, due;
    int i;

    options.pace = REPLAY_ORIGINAL;
    options.rate = 1e-6;
    replay_pacer_begin(&pacer, &options);
    for (i = 0; i < 100000; i++) {
        due = replay_pacer_due(&pacer, i % 2 ? UINT64_MAX : 0);
        ck_assert_uint_ge(due, before);
        before = due;
        replay_pacer_loop(&pacer, due, 0);
        replay_pacer_due(&pacer, 0);
        due = replay_pacer_due(&pacer, UINT64_MAX);
        ck_assert_uint_ge(due, before);
        before = due;
    }
    ck_assert_uint_eq(before, UINT64_MAX);
}
END_TEST

/* docs/REPLAY.md, "Ends": with a duration, only frames that are due before its
 * end come, and the run ends as soon as that is known. */
START_TEST(duration_ends_a_paced_run)
{
    uint64_t start = fake_clock, when;
    uint32_t i;

    options.pace = REPLAY_PPS;
    options.rate = 1000;
    options.duration_ns = 10 * 1000000;
    add_frames(50);
    rig_open(NULL);

    for (i = 0; i < 10; i++)
        expect_at(start + i * 1000000ull);
    ck_assert(!pcap.wire.ops->next(&pcap.wire, &when));
    ck_assert(rig_ended());
    rig_expect_none();
    ck_assert_uint_eq(pcap.counts.packets_in, 10);
    rig_close(NULL);
}
END_TEST

/* docs/REPLAY.md, "Ends": the duration holds at full speed as well, and counts
 * from the first call, not from the opening. */
START_TEST(duration_ends_a_fast_run)
{
    uint32_t bytes;

    options.duration_ns = 1000;
    add_frames(50);
    rig_open(NULL);
    fake_clock += 5000;

    ck_assert(!rig_ended());
    ck_assert_ptr_nonnull(rig_receive(&bytes));
    fake_clock += 999;
    ck_assert(!rig_ended());
    ck_assert_ptr_nonnull(rig_receive(&bytes));
    fake_clock++;
    ck_assert(rig_ended());
    rig_expect_none();
    rig_close(NULL);
}
END_TEST

static const struct {
    enum replay_pace pace;
    double rate;
} bad_rates[] = {
    {REPLAY_PPS, 0},       {REPLAY_PPS, -1},        {REPLAY_PPS, 1e10},
    {REPLAY_MBPS, 1e7},    {REPLAY_MBPS, NAN},      {REPLAY_ORIGINAL, 0},
    {REPLAY_PPS, INFINITY}, {REPLAY_ORIGINAL, 1e-9},
};
#define BAD_RATES ((int)(sizeof(bad_rates) / sizeof(bad_rates[0])))

/* Rule: a rate that makes no sense is refused in words, and no file is left
 * open or made. */
START_TEST(bad_rates_are_refused)
{
    options.pace = bad_rates[_i].pace;
    options.rate = bad_rates[_i].rate;
    add_frames(1);
    rig_open_refused("the rate must be 0.000001 to 1000000");
}
END_TEST

/* Rule: times beyond 100 years, whose sums could overflow, are refused. */
START_TEST(absurd_times_are_refused)
{
    add_frames(1);
    options.duration_ns = UINT64_MAX;
    rig_open_refused("100 years");
    capture_end(&file);
    add_frames(1);
    options.duration_ns = 0;
    options.loop_delay_ns = UINT64_MAX;
    rig_open_refused("100 years");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_pace");
    TCase *c = tcase_create("paces");

    tcase_add_checked_fixture(c, rig_setup, rig_teardown);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, full_speed_waits_for_nothing);
    tcase_add_test(c, frames_a_second_are_evenly_due);
    tcase_add_test(c, megabits_are_those_of_frames);
    tcase_add_loop_test(c, original_times_are_kept_and_divided, 0, 3);
    tcase_add_test(c, long_gaps_are_cut);
    tcase_add_test(c, backward_stamps_are_due_at_once);
    tcase_add_test(c, lateness_does_not_add_up);
    tcase_add_test(c, uneven_rates_do_not_drift);
    tcase_add_test(c, absurd_stamps_do_not_overflow);
    tcase_add_test(c, duration_ends_a_paced_run);
    tcase_add_test(c, duration_ends_a_fast_run);
    tcase_add_loop_test(c, bad_rates_are_refused, 0, BAD_RATES);
    tcase_add_test(c, absurd_times_are_refused);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK_GETENV);
}
