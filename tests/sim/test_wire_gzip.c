/* SPDX-License-Identifier: MIT */
/*
 * test_wire_gzip.c - captures compressed by gzip: whole, in parts, damaged, and
 * made to fill the memory.
 * Source: sim/capture_stream.h, RFC 1952.
 */
#include "suite_run.h"
#include "wire_rig.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#define FORMATS ((int)CAPTURE_PCAPNG_NANO + 1)
#define MIB ((size_t)1 << 20)

static void add_frames(enum capture_format format, uint32_t count)
{
    uint32_t i;

    capture_begin(&file, format, false, ETHERNET);
    for (i = 0; i < count; i++)
        capture_add(&file, i, 0, frame + i % 500, 60 + i % 1000, 60 + i % 1000);
}

static void expect_frames(uint32_t count)
{
    uint32_t i;

    for (i = 0; i < count; i++)
        rig_expect(frame + i % 500, 60 + i % 1000);
}

/* docs/REPLAY.md, "What is played": a capture in gzip is played as the one in
 * it, whatever its name; in loops as well. */
START_TEST(compressed_captures_are_played)
{
    options.loops = 2;
    add_frames((enum capture_format)_i, 3000);
    capture_compress(&file);
    rig_open(NULL);

    expect_frames(3000);
    expect_frames(3000);
    ck_assert(rig_ended());
    rig_close(NULL);
}
END_TEST

/* RFC 1952, 2.2. Rule: a file of several gzip members is what they hold
 * together. */
START_TEST(members_are_read_as_one)
{
    size_t first;
    uint8_t *both;

    add_frames(CAPTURE_PCAP_MICRO, 10);
    capture_compress(&file);
    first = file.used;
    both = malloc(CAPTURE_BYTES_MAX);
    ck_assert_ptr_nonnull(both);
    memcpy(both, file.bytes, first);
    capture_end(&file);
    add_frames(CAPTURE_PCAP_MICRO, 10);
    file.used -= 24;
    memmove(file.bytes, file.bytes + 24, file.used); /* records only */
    capture_compress(&file);
    memcpy(both + first, file.bytes, file.used);
    free(file.bytes);
    file.bytes = both;
    file.used += first;
    rig_open(NULL);

    expect_frames(10);
    expect_frames(10);
    ck_assert(rig_ended());
    rig_close(NULL);
}
END_TEST

/* docs/SECURITY.md, "Hostile input": a compressed file that was cut is damaged,
 * even where a record ends; what is whole is played. */
START_TEST(cut_gzip_is_damage)
{
    add_frames(CAPTURE_PCAP_MICRO, 1000);
    capture_compress(&file);
    file.used -= (size_t)_i;
    rig_open(NULL);

    ck_assert_uint_le(rig_play(), 1000);
    ck_assert_uint_eq(pcap.counts.errors, 1);
    if (_i < 8) /* only the check is missing */
        ck_assert_uint_eq(pcap.counts.packets_in, 1000);
    rig_close("input capture damaged: gzip: ");
}
END_TEST

/* RFC 1952, 2.3.1. Rule: a check that does not hold is damage; of what it is
 * about, the last part is not played. */
START_TEST(wrong_check_is_damage)
{
    uint32_t played;

    add_frames(CAPTURE_PCAP_MICRO, 1000);
    capture_compress(&file);
    file.bytes[file.used - 5] ^= 1;
    rig_open(NULL);

    played = rig_play();
    ck_assert_uint_gt(played, 0);
    ck_assert_uint_le(played, 1000);
    ck_assert_uint_eq(pcap.counts.errors, 1);
    rig_close("input capture damaged: gzip: ");
}
END_TEST

/* Rule: what is in the gzip must be a capture; the words say that it is none,
 * or that the gzip is broken. */
START_TEST(gzip_of_no_capture_is_refused)
{
    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    memset(file.bytes, 'x', 1000);
    file.used = 1000;
    capture_compress(&file);
    rig_open_refused("not a capture");
    unlink(file.path);
    memset(file.bytes + 10, 0xff, file.used - 10);
    rig_open_refused("gzip");
}
END_TEST

const char *__asan_default_options(void);

/* AddressSanitizer keeps what was freed; it must not pass for memory in use. */
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=1";
}

/* Of the process, at its largest. */
static size_t resident_bytes(void)
{
    struct rusage usage;

    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return (size_t)usage.ru_maxrss * 1024;
}

/* Write @records copies of what was added to @file, compressed, to its path. */
static void write_bomb(size_t head, uint32_t copies)
{
    gzFile out;
    uint32_t i;

    capture_write(&file);
    out = gzopen(file.path, "wb1");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(gzwrite(out, file.bytes, (unsigned)head), (int)head);
    for (i = 0; i < copies; i++)
        ck_assert_int_gt(gzwrite(out, file.bytes + head,
                                 (unsigned)(file.used - head)),
                         0);
    ck_assert_int_eq(gzclose(out), Z_OK);
}

/* docs/SECURITY.md, "Hostile input": a file that inflates to a thousand times
 * its size costs no more memory than the store has. */
START_TEST(bomb_stays_in_bounds)
{
    static const uint8_t zeros[60000];
    size_t before, head;
    uint32_t i;

    capture_begin(&file, _i ? CAPTURE_PCAPNG : CAPTURE_PCAP_MICRO, false,
                  ETHERNET);
    head = file.used;
    for (i = 0; i < 16; i++)
        capture_add(&file, i, 0, zeros, sizeof(zeros), sizeof(zeros));
    for (i = 0; i < 40; i++)
        capture_add(&file, i, 0, zeros, 1514, 1514);
    write_bomb(head, 100); /* 100 MB, of which 6 MB are frames */
    before = resident_bytes();
    ck_assert_ptr_null(wire_pcap_open(&pcap, file.path, NULL, &options));

    ck_assert_uint_eq(rig_play(), 100 * 40);
    ck_assert_uint_eq(pcap.counts.skipped_oversize, 100 * 16);
    ck_assert_uint_lt(resident_bytes() - before, 48 * MIB);
    rig_close(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_gzip");
    TCase *c = tcase_create("gzip");

    tcase_add_checked_fixture(c, rig_setup, rig_teardown);
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, compressed_captures_are_played, 0, FORMATS);
    tcase_add_test(c, members_are_read_as_one);
    tcase_add_loop_test(c, cut_gzip_is_damage, 1, 40);
    tcase_add_test(c, wrong_check_is_damage);
    tcase_add_test(c, gzip_of_no_capture_is_refused);
    tcase_add_loop_test(c, bomb_stays_in_bounds, 0, 2);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK_GETENV);
}
