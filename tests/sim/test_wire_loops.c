/* SPDX-License-Identifier: MIT */
/*
 * test_wire_loops.c - a capture played again and again, from memory and from
 * the file; what ends it; several wires.
 * Source: sim/wire_pcap.h, docs/REPLAY.md.
 */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "suite_run.h"
#include "wire_rig.h"
#include <check.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <string.h>
#include <unistd.h>

#define SMALL_STORE ((size_t)64 << 10)

/* Frames of 1000 bytes, a second apart. */
static void add_frames(uint32_t count)
{
    uint32_t i;

    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    for (i = 0; i < count; i++)
        capture_add(&file, 100 + i, 5, frame + i % 1000, 1000, 1000);
}

/* With less memory than the capture needs. */
static const char *open_small(const char *to)
{
    capture_write(&file);
    return wire_pcap_open_descriptor(&pcap, open(file.path, O_RDONLY),
                                     file.path, SMALL_STORE, to, &options);
}

/* Expect @loops times the frames of add_frames(@count). */
static void expect_loops(uint32_t count, uint32_t loops)
{
    uint32_t i;

    for (i = 0; i < count * loops; i++) {
        ck_assert(!rig_ended());
        rig_expect(frame + i % count % 1000, 1000);
    }
}

/* docs/REPLAY.md, "Loops": the capture is played so many times, in order, and
 * what it holds is counted once. */
START_TEST(loops_play_the_same_again)
{
    options.loops = 7;
    add_frames(50);
    rig_open(NULL);

    expect_loops(50, 7);
    ck_assert(rig_ended());
    rig_expect_none();
    ck_assert_uint_eq(pcap.counts.loops_done, 7);
    ck_assert_uint_eq(pcap.counts.packets_in, 350);
    ck_assert_uint_eq(pcap.counts.records, 50);
    ck_assert_uint_eq(pcap.counts.playable, 50);
    rig_close(NULL);
}
END_TEST

/* Rule: a capture larger than the store is read again for each loop, and the
 * store never grows beyond its limit. */
START_TEST(loops_read_a_large_capture_again)
{
    options.loops = 3;
    add_frames(500);
    ck_assert_ptr_null(open_small(NULL));

    expect_loops(500, 3);
    rig_expect_none();
    ck_assert(rig_ended());
    ck_assert_uint_le(pcap.store_bytes, SMALL_STORE);
    ck_assert_uint_eq(pcap.counts.loops_done, 3);
    ck_assert_uint_eq(pcap.counts.records, 500);
    rig_close(NULL);
}
END_TEST

/* docs/REPLAY.md, "Loops": outgoing time stamps go on in a second loop, after
 * the delay, and never back. */
START_TEST(time_stamps_go_on_over_loops)
{
    char reason[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const u_char *data;
    long seconds = 100;
    pcap_t *copy;
    uint32_t i;

    options.loops = 3;
    options.loop_delay_ns = 10000000000ull;
    add_frames(5);
    rig_open(output);
    ck_assert_uint_eq(rig_play_timed(), 15);
    rig_close(NULL);

    copy = pcap_open_offline(output, reason);
    ck_assert_ptr_nonnull(copy);
    for (i = 0; i < 15; i++) {
        ck_assert_int_eq(pcap_next_ex(copy, &header, &data), 1);
        ck_assert_int_eq(header->ts.tv_sec, seconds);
        ck_assert_int_eq(header->ts.tv_usec, 5);
        seconds += i % 5 == 4 ? 10 : 1;
    }
    pcap_close(copy);
}
END_TEST

/* docs/REPLAY.md, "Loops": the loop delay is kept at each pace. */
START_TEST(loop_delay_is_kept)
{
    static const struct {
        enum replay_pace pace;
        double rate;
        uint64_t due[6];
    } paces[] = {
        {REPLAY_TOP, 1, {0, 0, 0, 500, 500, 500}},
        {REPLAY_PPS, 1e7, {0, 100, 200, 800, 900, 1000}},
        {REPLAY_MBPS, 8e3, {0, 1000, 2000, 3500, 4500, 5500}},
        {REPLAY_ORIGINAL, 1e6, {0, 1000, 2000, 2500, 3500, 4500}},
    };
    uint64_t start = fake_clock;
    uint32_t bytes, i;

    options.pace = paces[_i].pace;
    options.rate = paces[_i].rate;
    options.loops = 2;
    options.loop_delay_ns = 500;
    add_frames(3);
    rig_open(NULL);

    for (i = 0; i < 6; i++) {
        ck_assert_uint_eq(rig_next(), start + paces[_i].due[i]);
        fake_clock = start + paces[_i].due[i];
        ck_assert_ptr_nonnull(rig_receive(&bytes));
    }
    ck_assert(rig_ended());
    rig_close(NULL);
}
END_TEST

/* docs/REPLAY.md, "Ends": 0 loops go on until the limit of frames, counted
 * over all of them. */
START_TEST(endless_loops_end_at_the_limit)
{
    options.loops = 0;
    options.limit = 1234;
    add_frames(100);
    rig_open(NULL);

    ck_assert_uint_eq(rig_play(), 1234);
    ck_assert_uint_eq(pcap.counts.loops_done, 12);
    rig_close(NULL);
}
END_TEST

/* docs/REPLAY.md, "Ends": ... or until the duration is over. */
START_TEST(endless_loops_end_with_the_duration)
{
    options.loops = 0;
    options.pace = REPLAY_PPS;
    options.rate = 1e6;
    options.duration_ns = 5000000;
    add_frames(7);
    rig_open(NULL);

    ck_assert_uint_eq(rig_play_timed(), 5000);
    ck_assert_uint_eq(pcap.counts.loops_done, 5000 / 7);
    rig_close(NULL);
}
END_TEST

/* docs/REPLAY.md, "Ends": ... or until somebody stops it. */
START_TEST(endless_loops_end_when_stopped)
{
    uint64_t when;

    options.loops = 0;
    add_frames(10);
    rig_open(NULL);
    expect_loops(10, 1000);

    wire_pcap_stop(&pcap);
    ck_assert(rig_ended());
    rig_expect_none();
    ck_assert(!pcap.wire.ops->next(&pcap.wire, &when));
    rig_close(NULL);
}
END_TEST

/* Rule: a capture in which nothing can be played does not loop for ever. */
START_TEST(nothing_to_loop_ends)
{
    options.loops = 0;
    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    if (_i)
        capture_add(&file, 1, 0, frame, 10, 10);
    rig_open(NULL);

    ck_assert(rig_ended());
    rig_expect_none();
    ck_assert_uint_eq(pcap.counts.loops_done, 0);
    rig_close(NULL);
}
END_TEST

/* docs/REPLAY.md, "What is counted": with a limit, nothing is read that is not
 * played. */
START_TEST(limit_ends_reading)
{
    options.limit = 20;
    add_frames(100);
    capture_add(&file, 1, 0, frame, 2000, 2000);
    rig_open(NULL);

    ck_assert_uint_eq(rig_play(), 20);
    ck_assert_uint_eq(pcap.counts.records, 20);
    ck_assert_uint_eq(pcap.counts.playable, 20);
    ck_assert_uint_eq(pcap.counts.skipped_oversize, 0);
    rig_close(NULL);
}
END_TEST

/* Rule: damage ends the run with the loop in which it is met. */
START_TEST(damaged_capture_is_played_once)
{
    options.loops = 5;
    add_frames(10);
    file.used -= 30;
    rig_open(NULL);

    ck_assert_uint_eq(rig_play(), 9);
    ck_assert_uint_eq(pcap.counts.errors, 1);
    rig_close("input capture damaged");
}
END_TEST

/* A pipe that holds all of @file. */
static int pipe_of_file(void)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_ge(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20), (int)file.used);
    ck_assert_int_eq(write(ends[1], file.bytes, file.used),
                     (ssize_t)file.used);
    close(ends[1]);
    return ends[0];
}

/* Rule: a pipe can be played, and in loops if all of it is in memory. */
START_TEST(pipe_loops_from_memory)
{
    options.loops = 3;
    add_frames(100);
    ck_assert_ptr_null(wire_pcap_open_descriptor(
        &pcap, pipe_of_file(), "pipe", (size_t)1 << 20, NULL, &options));

    expect_loops(100, 3);
    ck_assert(rig_ended());
    rig_close(NULL);
}
END_TEST

/* Rule: a pipe beyond the store is played once, and the run ends with words
 * that say why. */
START_TEST(large_pipe_is_played_once)
{
    options.loops = 3;
    add_frames(500);
    ck_assert_ptr_null(wire_pcap_open_descriptor(
        &pcap, pipe_of_file(), "pipe", SMALL_STORE, NULL, &options));

    ck_assert_uint_eq(rig_play(), 500);
    rig_close("cannot be read a second time");
}
END_TEST

/* docs/REPLAY.md, "Preload": the whole capture is in memory before the first
 * frame, or the wire is not opened. */
START_TEST(preload_reads_everything_or_refuses)
{
    const char *wrong;

    options.preload = true;
    add_frames(500);
    rig_open(NULL);
    ck_assert_ptr_null(pcap.reader.capture);
    ck_assert_uint_eq(pcap.counts.playable, 500);
    ck_assert_uint_eq(rig_play(), 500);
    rig_close(NULL);
    unlink(file.path);

    wrong = open_small(NULL);
    ck_assert_ptr_nonnull(wrong);
    ck_assert_ptr_nonnull(strstr(wrong, "too much to preload"));
}
END_TEST

/* Rule: no memory at all for frames is an error in words, not a hang. */
START_TEST(store_without_room_is_reported)
{
    add_frames(1);
    capture_write(&file);
    ck_assert_ptr_null(
        wire_pcap_open_descriptor(&pcap, open(file.path, O_RDONLY), file.path,
                                  100, NULL, &options));
    ck_assert(rig_ended());
    ck_assert_uint_eq(rig_play(), 0);
    rig_close("no memory");
}
END_TEST

/* Rule: without an input nothing arrives, and what is sent is written. */
START_TEST(wire_without_input_only_writes)
{
    char reason[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const u_char *data;
    uint64_t when;
    pcap_t *copy;

    ck_assert_ptr_null(wire_pcap_open(&pcap, NULL, output, &options));
    ck_assert(rig_ended());
    rig_expect_none();
    ck_assert(!pcap.wire.ops->next(&pcap.wire, &when));
    pcap.wire.ops->send(&pcap.wire, frame, 100);
    ck_assert_uint_eq(pcap.counts.packets_out, 1);
    rig_close(NULL);

    copy = pcap_open_offline(output, reason);
    ck_assert_ptr_nonnull(copy);
    ck_assert_int_eq(pcap_next_ex(copy, &header, &data), 1);
    ck_assert_uint_eq(header->caplen, 100);
    ck_assert_mem_eq(data, frame, 100);
    ck_assert_int_eq(pcap_next_ex(copy, &header, &data), PCAP_ERROR_BREAK);
    pcap_close(copy);
}
END_TEST

/* Rule: two wires, even on one file, know nothing of each other. */
START_TEST(two_wires_play_one_file)
{
    static struct wire_pcap other;
    uint32_t bytes, i;

    add_frames(300);
    ck_assert_ptr_null(open_small(NULL));
    options.loops = 2;
    ck_assert_ptr_null(wire_pcap_open_descriptor(
        &other, open(file.path, O_RDONLY), file.path, SMALL_STORE, NULL,
        &options));

    for (i = 0; i < 300; i++) {
        const uint8_t *data = other.wire.ops->receive(&other.wire, &bytes);

        ck_assert_ptr_nonnull(data);
        ck_assert_mem_eq(data, frame + i % 1000, 1000);
        if (i >= 50)
            rig_expect(frame + i - 50, 1000);
    }
    ck_assert_uint_eq(rig_play(), 50);
    while (other.wire.ops->receive(&other.wire, &bytes))
        i++;
    ck_assert_uint_eq(i, 600);
    ck_assert_uint_eq(pcap.counts.packets_in, 300);
    ck_assert_ptr_null(wire_pcap_close(&other));
    rig_close(NULL);
}
END_TEST

/* Rule: a disk that is full is reported when the output is closed. */
START_TEST(full_disk_is_reported)
{
    add_frames(10);
    rig_open("/dev/full");
    ck_assert_uint_eq(rig_play(), 10);
    rig_close("output capture: No space left");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_loops");
    TCase *c = tcase_create("loops");

    tcase_add_checked_fixture(c, rig_setup, rig_teardown);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, loops_play_the_same_again);
    tcase_add_test(c, loops_read_a_large_capture_again);
    tcase_add_test(c, time_stamps_go_on_over_loops);
    tcase_add_loop_test(c, loop_delay_is_kept, 0, 4);
    tcase_add_test(c, endless_loops_end_at_the_limit);
    tcase_add_test(c, endless_loops_end_with_the_duration);
    tcase_add_test(c, endless_loops_end_when_stopped);
    tcase_add_loop_test(c, nothing_to_loop_ends, 0, 2);
    tcase_add_test(c, limit_ends_reading);
    tcase_add_test(c, damaged_capture_is_played_once);
    tcase_add_test(c, pipe_loops_from_memory);
    tcase_add_test(c, large_pipe_is_played_once);
    tcase_add_test(c, preload_reads_everything_or_refuses);
    tcase_add_test(c, store_without_room_is_reported);
    tcase_add_test(c, wire_without_input_only_writes);
    tcase_add_test(c, two_wires_play_one_file);
    tcase_add_test(c, full_disk_is_reported);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK_GETENV);
}
