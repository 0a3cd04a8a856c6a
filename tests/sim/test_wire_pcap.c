/* SPDX-License-Identifier: MIT */
/*
 * test_wire_pcap.c - the wire between capture files: every format and byte
 * order in, what is skipped and why, damaged files, and the capture out.
 * Source: sim/wire_pcap.h.
 */
#include "suite_run.h"
#include "wire_rig.h"
#include <check.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct {
    enum capture_format format;
    bool big_endian;
    uint32_t fraction;
} formats[] = {
    {CAPTURE_PCAP_MICRO, false, 123456},
    {CAPTURE_PCAP_MICRO, true, 123456},
    {CAPTURE_PCAP_NANO, false, 123456789},
    {CAPTURE_PCAP_NANO, true, 123456789},
    {CAPTURE_PCAPNG, false, 123456},
    {CAPTURE_PCAPNG, true, 123456},
    {CAPTURE_PCAPNG_NANO, false, 123456789},
    {CAPTURE_PCAPNG_NANO, true, 123456789},
};
#define FORMATS ((int)(sizeof(formats) / sizeof(formats[0])))

/* Design, section 7: the same capture gives the same output. Frames, order and
 * time stamps survive, in the resolution of the input. */
START_TEST(capture_out_equals_capture_in)
{
    char reason[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const u_char *data;
    uint32_t i, nano;
    pcap_t *copy;

    capture_begin(&file, formats[_i].format, formats[_i].big_endian, ETHERNET);
    for (i = 14; i <= 1514; i++)
        capture_add(&file, 1000 + i, formats[_i].fraction, frame + i % 16, i,
                    i);
    rig_open(output);
    ck_assert(!pcap.wire.ops->ended(&pcap.wire));
    ck_assert_uint_eq(rig_play(), 1501);
    ck_assert_ptr_null(wire_pcap_close(&pcap));
    ck_assert_uint_eq(pcap.counts.packets_in, 1501);
    ck_assert_uint_eq(pcap.counts.packets_out, 1501);
    ck_assert_uint_eq(pcap.counts.bytes_in, 1501 * (14 + 1514) / 2);
    ck_assert_uint_eq(pcap.counts.bytes_out, pcap.counts.bytes_in);

    copy = pcap_open_offline_with_tstamp_precision(
        output, PCAP_TSTAMP_PRECISION_NANO, reason);
    ck_assert_ptr_nonnull(copy);
    ck_assert_int_eq(pcap_datalink(copy), DLT_EN10MB);
    ck_assert_int_eq(pcap_snapshot(copy), 65535);
    nano = formats[_i].fraction;
    if (!capture_is_nano(&file))
        nano *= 1000;
    for (i = 14; i <= 1514; i++) {
        ck_assert_int_eq(pcap_next_ex(copy, &header, &data), 1);
        ck_assert_uint_eq(header->caplen, i);
        ck_assert_uint_eq(header->len, i);
        ck_assert_mem_eq(data, frame + i % 16, i);
        ck_assert_int_eq(header->ts.tv_sec, 1000 + (int)i);
        ck_assert_int_eq(header->ts.tv_usec, (int)nano);
    }
    ck_assert_int_eq(pcap_next_ex(copy, &header, &data), PCAP_ERROR_BREAK);
    pcap_close(copy);
}
END_TEST

/* Rule: micro stays micro and nano stays nano, as the output's magic number
 * says; pcapng, which has no one resolution, becomes nano. */
START_TEST(output_keeps_the_resolution)
{
    uint32_t magic = 0;
    FILE *written;

    capture_begin(&file, formats[_i].format, formats[_i].big_endian, ETHERNET);
    capture_add(&file, 1, 2, frame, 60, 60);
    rig_open(output);
    rig_play();
    ck_assert_ptr_null(wire_pcap_close(&pcap));

    written = fopen(output, "rb");
    ck_assert_ptr_nonnull(written);
    ck_assert_uint_eq(fread(&magic, 4, 1, written), 1);
    fclose(written);
    ck_assert_uint_eq(magic, formats[_i].format == CAPTURE_PCAP_MICRO
                                 ? 0xa1b2c3d4
                                 : 0xa1b23c4d);
}
END_TEST

/* docs/REPLAY.md, "Loops": what a recorder keeps has the time stamps of the
 * frames that it goes by; 0 before the first, as those do. */
START_TEST(a_copy_has_the_time_stamps_of_another_wire)
{
    static struct wire_pcap tap;
    char error[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const uint8_t *data;
    uint32_t bytes, i;
    pcap_t *copy;

    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    for (i = 0; i < 3; i++)
        capture_add(&file, 1000 + i, i, frame, 60, 60);
    rig_open(NULL);
    ck_assert_ptr_null(wire_pcap_open(&tap, NULL, output, &options));
    wire_pcap_stamp_like(&tap, &pcap);
    for (i = 0; i < 4; i++) {
        tap.wire.ops->send(&tap.wire, frame, 60 + i);
        (void)rig_receive(&bytes);
    }
    ck_assert_ptr_null(wire_pcap_close(&tap));
    rig_close(NULL);

    copy = pcap_open_offline_with_tstamp_precision(
        output, PCAP_TSTAMP_PRECISION_NANO, error);
    ck_assert_ptr_nonnull(copy);
    for (i = 0; i < 4; i++) {
        ck_assert_int_eq(pcap_next_ex(copy, &header, &data), 1);
        ck_assert_uint_eq(header->caplen, 60 + i);
        ck_assert_int_eq(header->ts.tv_sec, i ? 999 + (int)i : 0);
        ck_assert_int_eq(header->ts.tv_usec, i ? 1000 * ((int)i - 1) : 0);
    }
    pcap_close(copy);
}
END_TEST

/* Rule: each record that is not a whole Ethernet frame is skipped, and counted
 * by the reason (wire_pcap.h). */
START_TEST(unplayable_records_are_counted)
{
    uint32_t bytes;

    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    capture_add(&file, 1, 0, frame, 1515, 1515);
    capture_add(&file, 2, 0, frame, 60, 1514);
    capture_add(&file, 3, 0, frame, 13, 13);
    capture_add(&file, 4, 0, frame, 0, 0);
    capture_add(&file, 5, 0, frame, 96, 9000);
    capture_add(&file, 6, 0, frame, 64, 64);
    rig_open(NULL);

    ck_assert_ptr_nonnull(rig_receive(&bytes));
    ck_assert_uint_eq(bytes, 64);
    ck_assert_ptr_null(rig_receive(&bytes));
    ck_assert_uint_eq(pcap.counts.skipped_oversize, 2);
    ck_assert_uint_eq(pcap.counts.skipped_truncated, 1);
    ck_assert_uint_eq(pcap.counts.skipped_short, 2);
    ck_assert_uint_eq(pcap.counts.errors, 0);
    ck_assert_ptr_null(wire_pcap_close(&pcap));
}
END_TEST

/*
 * Rule: where more was captured than the frame had, the frame's length counts.
 */
START_TEST(captured_beyond_length_is_cut)
{
    uint32_t bytes;

    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    capture_add(&file, 1, 0, frame, 2000, 100);
    rig_open(NULL);

    ck_assert_mem_eq(rig_receive(&bytes), frame, 100);
    ck_assert_uint_eq(bytes, 100);
    ck_assert_ptr_null(wire_pcap_close(&pcap));
}
END_TEST

/* docs/SECURITY.md, "Hostile input": a damaged capture gets one clear line.
 * What was whole before the damage is played. */
START_TEST(damage_in_the_middle_is_reported)
{
    const char *error;

    capture_begin(&file, formats[_i].format, formats[_i].big_endian, ETHERNET);
    capture_add(&file, 1, 0, frame, 60, 60);
    capture_add(&file, 2, 0, frame, 60, 60);
    file.used -= 20;
    rig_open(output);

    ck_assert_uint_eq(rig_play(), 1);
    ck_assert_uint_eq(pcap.counts.errors, 1);
    error = wire_pcap_close(&pcap);
    ck_assert_ptr_nonnull(error);
    ck_assert_ptr_nonnull(strstr(error, "input capture damaged: "));
    ck_assert_ptr_null(strchr(error, '\n'));
}
END_TEST

/* docs/SECURITY.md, "Hostile input": a record that claims 4 GiB is damage, and
 * nobody allocates that much. */
START_TEST(absurd_length_is_damage)
{
    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    capture_add(&file, 1, 0, frame, 60, 60);
    capture_add(&file, 2, 0, frame, 60, 60);
    memset(file.bytes + file.used - 60 - 8, 0xff, 8);
    rig_open(NULL);

    ck_assert_uint_eq(rig_play(), 1);
    ck_assert_uint_eq(pcap.counts.errors, 1);
    ck_assert_ptr_nonnull(wire_pcap_close(&pcap));
}
END_TEST

/* Rule: each thing that cannot be played gets a line that says what is wrong:
 * not Ethernet, no capture, no such file. */
START_TEST(wrong_files_are_refused_in_words)
{
    const char *error;

    capture_begin(&file, CAPTURE_PCAP_MICRO, false, 101); /* raw IP */
    capture_write(&file);
    error = wire_pcap_open(&pcap, file.path, output, &options);
    ck_assert_ptr_nonnull(error);
    ck_assert_ptr_nonnull(strstr(error, "is not Ethernet"));

    error = wire_pcap_open(&pcap, "/dev/null", output, &options);
    ck_assert_ptr_nonnull(error);
    ck_assert_ptr_nonnull(strstr(error, "not a capture"));

    error = wire_pcap_open(&pcap, "/no/such/file", output, &options);
    ck_assert_ptr_nonnull(error);
    ck_assert_ptr_nonnull(strstr(error, "No such file"));
}
END_TEST

/* Rule: a file is a capture by its first bytes; a thousand bytes of text are
 * none, and the answer says so. */
START_TEST(text_is_not_a_capture)
{
    const char *error;

    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    memset(file.bytes, 'x', 1000);
    file.used = 1000;
    capture_write(&file);
    error = wire_pcap_open(&pcap, file.path, NULL, &options);
    ck_assert_ptr_nonnull(error);
    ck_assert_ptr_nonnull(strstr(error, "not a capture"));
}
END_TEST

/* Rule: an output that cannot be made is an error at once, not at the end of a
 * run. */
START_TEST(output_that_cannot_be_written_is_reported)
{
    const char *error;

    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    capture_add(&file, 1, 0, frame, 60, 60);
    capture_write(&file);

    error = wire_pcap_open(&pcap, file.path, "/no/such/directory/file",
                           &options);
    ck_assert_ptr_nonnull(error);
    ck_assert_ptr_nonnull(strstr(error, "No such file"));
}
END_TEST

/* Rule: an output that could not be written whole is an error when it is
 * closed. A disk that fills up, played by a limit on the size of files. */
START_TEST(output_that_is_cut_short_is_reported)
{
    struct rlimit before, small;
    const char *error;

    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    capture_add(&file, 1, 0, frame, 60, 60);
    rig_open(output);
    rig_play();
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 50;
    setrlimit(RLIMIT_FSIZE, &small);
    error = wire_pcap_close(&pcap);
    setrlimit(RLIMIT_FSIZE, &before);

    ck_assert_ptr_nonnull(error);
    ck_assert_ptr_nonnull(strstr(error, "output capture: "));
}
END_TEST

/* Rule: writing must not destroy what is still to be read; after the refusal
 * the input can still be played. */
START_TEST(output_over_input_is_refused)
{
    const char *error;

    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    capture_add(&file, 1, 0, frame, 60, 60);
    capture_write(&file);

    error = wire_pcap_open(&pcap, file.path, file.path, &options);
    ck_assert_ptr_nonnull(error);
    ck_assert_ptr_nonnull(strstr(error, "is the input"));
    ck_assert_ptr_null(wire_pcap_open(&pcap, file.path, NULL, &options));
    ck_assert_uint_eq(rig_play(), 1);
    ck_assert_ptr_null(wire_pcap_close(&pcap));
}
END_TEST

/* Rule: a capture without packets is sound, and has ended from the start. */
START_TEST(empty_capture_has_ended)
{
    capture_begin(&file, formats[_i].format, formats[_i].big_endian, ETHERNET);
    rig_open(NULL);
    ck_assert(pcap.wire.ops->ended(&pcap.wire));
    ck_assert_uint_eq(rig_play(), 0);
    ck_assert_ptr_null(wire_pcap_close(&pcap));
}
END_TEST

/* Rule: a capture may be larger than the store; the store is refilled and
 * nothing is lost. */
START_TEST(large_capture_is_read_in_pieces)
{
    const uint32_t copies = 40;
    uint32_t i, records, played = 0, bytes;
    size_t body, header = 24;
    FILE *large;

    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    for (records = 0; records < 1300; records++)
        capture_add(&file, records, 0, frame, 1514, 1514);
    capture_write(&file);
    body = file.used - header;
    large = fopen(file.path, "ab");
    ck_assert_ptr_nonnull(large);
    for (i = 1; i < copies; i++)
        ck_assert_uint_eq(fwrite(file.bytes + header, body, 1, large), 1);
    fclose(large);

    ck_assert_ptr_null(wire_pcap_open(&pcap, file.path, NULL, &options));
    ck_assert_ptr_nonnull(pcap.reader.capture); /* not read to its end yet */
    while (rig_receive(&bytes))
        played++;
    ck_assert_uint_eq(played, records * copies);
    ck_assert(pcap.wire.ops->ended(&pcap.wire));
    ck_assert_ptr_null(wire_pcap_close(&pcap));
}
END_TEST

/* docs/SECURITY.md, "Hostile input": any byte of a small capture changed to
 * anything comes to an end, in bounds. */
START_TEST(damaged_bytes_do_no_harm)
{
    uint32_t i, seed = 12345;

    capture_begin(&file, formats[_i].format, formats[_i].big_endian, ETHERNET);
    for (i = 0; i < 4; i++)
        capture_add(&file, i, 0, frame, 40, 40);
    for (i = 0; i < file.used; i++) {
        uint8_t kept = file.bytes[i];

        seed = seed * 1103515245 + 12345;
        file.bytes[i] = (uint8_t)(seed >> 16);
        capture_write(&file);
        if (!wire_pcap_open(&pcap, file.path, NULL, &options)) {
            ck_assert_uint_le(rig_play(), 8);
            (void)wire_pcap_close(&pcap);
        }
        unlink(file.path);
        file.bytes[i] = kept;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_pcap");
    TCase *c = tcase_create("captures");

    tcase_add_checked_fixture(c, rig_setup, rig_teardown);
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, capture_out_equals_capture_in, 0, FORMATS);
    tcase_add_loop_test(c, output_keeps_the_resolution, 0, FORMATS);
    tcase_add_test(c, a_copy_has_the_time_stamps_of_another_wire);
    tcase_add_test(c, unplayable_records_are_counted);
    tcase_add_test(c, captured_beyond_length_is_cut);
    tcase_add_loop_test(c, damage_in_the_middle_is_reported, 0, FORMATS);
    tcase_add_test(c, absurd_length_is_damage);
    tcase_add_test(c, wrong_files_are_refused_in_words);
    tcase_add_test(c, text_is_not_a_capture);
    tcase_add_test(c, output_that_cannot_be_written_is_reported);
    tcase_add_test(c, output_that_is_cut_short_is_reported);
    tcase_add_test(c, output_over_input_is_refused);
    tcase_add_loop_test(c, empty_capture_has_ended, 0, FORMATS);
    tcase_add_test(c, large_capture_is_read_in_pieces);
    tcase_add_loop_test(c, damaged_bytes_do_no_harm, 0, FORMATS);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK_GETENV);
}
