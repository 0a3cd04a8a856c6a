/* SPDX-License-Identifier: MIT */
/*
 * test_wire_policies.c - records that are no plain Ethernet frames: left out,
 * played as far as they can be, or the end of the run; and pcapng files whose
 * interfaces differ.
 * Source: sim/replay.h, docs/REPLAY.md, draft-ietf-opsawg-pcapng.
 */
#include "suite_run.h"
#include "wire_rig.h"
#include <check.h>
#include <string.h>

#define BLUETOOTH 201 /* as an example of what is no IP */
#define POLICIES 3    /* values of enum replay_policy */

/* Three good frames, with whatever @add adds before the last of them. */
static void around(void (*add)(void))
{
    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    capture_add(&file, 10, 0, frame, 60, 60);
    capture_add(&file, 20, 0, frame + 1, 60, 60);
    add();
    capture_add(&file, 30, 0, frame + 2, 60, 60);
    rig_open(NULL);
    rig_expect(frame, 60);
    rig_expect(frame + 1, 60);
}

/* How it goes on after a record that @policy was for. */
static void expect_rest(enum replay_policy policy, const char *words)
{
    if (policy == REPLAY_STOP) {
        rig_expect_none();
        ck_assert(rig_ended());
        ck_assert_uint_eq(pcap.counts.packets_in, 2);
        rig_close(words);
        return;
    }
    rig_expect(frame + 2, 60);
    ck_assert(rig_ended());
    rig_close(NULL);
}

static void add_truncated(void)
{
    capture_add(&file, 25, 0, frame + 5, 96, 1200);
}

/* docs/REPLAY.md, "Records that are no plain frames": what was not captured
 * whole. */
START_TEST(truncated_records_follow_their_policy)
{
    options.truncated = (enum replay_policy)_i;
    around(add_truncated);
    if (_i == REPLAY_PLAY)
        rig_expect(frame + 5, 96);
    ck_assert_uint_eq(pcap.counts.skipped_truncated, _i != REPLAY_PLAY);
    ck_assert_uint_eq(pcap.counts.played_truncated, _i == REPLAY_PLAY);
    expect_rest(options.truncated, "record 3: not captured whole");
}
END_TEST

static void add_oversize(void)
{
    capture_add(&file, 25, 0, frame + 5, 1515, 1515);
}

/* docs/REPLAY.md, "Records that are no plain frames": longer than 1514 bytes,
 * which is what a frame is cut to. */
START_TEST(oversize_records_follow_their_policy)
{
    options.oversize = (enum replay_policy)_i;
    around(add_oversize);
    if (_i == REPLAY_PLAY)
        rig_expect(frame + 5, 1514);
    ck_assert_uint_eq(pcap.counts.skipped_oversize, _i != REPLAY_PLAY);
    ck_assert_uint_eq(pcap.counts.played_oversize, _i == REPLAY_PLAY);
    expect_rest(options.oversize, "record 3: longer than 1514 bytes");
}
END_TEST

static void add_both(void)
{
    capture_add(&file, 25, 0, frame + 5, 96, 9000);
}

/* docs/REPLAY.md, "Records that are no plain frames": one that is too long and
 * not whole as well is played only if both may be. */
START_TEST(oversize_and_truncated_need_both_policies)
{
    options.oversize = REPLAY_PLAY;
    options.truncated = (enum replay_policy)_i;
    around(add_both);
    if (_i == REPLAY_PLAY)
        rig_expect(frame + 5, 96);
    ck_assert_uint_eq(pcap.counts.skipped_truncated, _i != REPLAY_PLAY);
    ck_assert_uint_eq(pcap.counts.played_truncated, _i == REPLAY_PLAY);
    ck_assert_uint_eq(pcap.counts.played_oversize, 0);
    expect_rest(options.truncated, "record 3: not captured whole");
}
END_TEST

static void add_backwards(void)
{
    capture_add(&file, 15, 0, frame + 5, 100, 100);
}

/* docs/REPLAY.md, "Records that are no plain frames": a time stamp before that
 * of an earlier frame. */
START_TEST(backward_records_follow_their_policy)
{
    options.backwards = (enum replay_policy)_i;
    around(add_backwards);
    if (_i == REPLAY_PLAY)
        rig_expect(frame + 5, 100);
    ck_assert_uint_eq(pcap.counts.backwards, 1);
    ck_assert_uint_eq(pcap.counts.skipped_backwards, _i != REPLAY_PLAY);
    expect_rest(options.backwards, "record 3: time stamp before");
}
END_TEST

static void add_short(void)
{
    capture_add(&file, 25, 0, frame, 13, 13);
    capture_add(&file, 25, 0, frame, 10, 900);
}

/* Rule: less than an Ethernet header is left out, even where truncated records
 * are played; less than 60 bytes is played and counted as a runt. */
START_TEST(less_than_a_header_is_never_played)
{
    options.truncated = REPLAY_PLAY;
    around(add_short);
    ck_assert_uint_eq(pcap.counts.skipped_short, 2);
    ck_assert_uint_eq(pcap.counts.runts, 0);
    expect_rest(REPLAY_SKIP, NULL);

    capture_end(&file);
    capture_begin(&file, CAPTURE_PCAP_MICRO, false, ETHERNET);
    capture_add(&file, 1, 0, frame, 14, 14);
    capture_add(&file, 1, 0, frame, 59, 59);
    capture_add(&file, 1, 0, frame, 60, 60);
    rig_open(NULL);
    ck_assert_uint_eq(rig_play(), 3);
    ck_assert_uint_eq(pcap.counts.runts, 2);
    rig_close(NULL);
}
END_TEST

/* Rule: every record is played or skipped by one reason, which the counts
 * show. */
START_TEST(counts_add_up)
{
    const struct wire_pcap_counts *c = &pcap.counts;
    uint32_t i;

    options.backwards = REPLAY_SKIP;
    capture_begin(&file, CAPTURE_PCAP_NANO, true, ETHERNET);
    for (i = 0; i < 2000; i++)
        capture_add(&file, 1000 + i * 7 % 50, 0, frame, i * 13 % 1700,
                    i % 3 ? i * 13 % 1700 : i * 17 % 1800);
    rig_open(NULL);

    ck_assert_uint_eq(rig_play(), c->playable);
    ck_assert_uint_eq(c->records, 2000);
    ck_assert_uint_eq(c->records,
                      c->playable + c->skipped_linktype + c->skipped_oversize +
                          c->skipped_truncated + c->skipped_short +
                          c->skipped_backwards);
    ck_assert_uint_gt(c->playable, 0);
    ck_assert_uint_gt(c->skipped_oversize, 0);
    ck_assert_uint_gt(c->skipped_truncated, 0);
    ck_assert_uint_gt(c->skipped_short, 0);
    ck_assert_uint_gt(c->skipped_backwards, 0);
    rig_close(NULL);
}
END_TEST

/* Four records that could be raw IP, the third of which is none. */
static void add_packets(void)
{
    static uint8_t ipv4[1500] = {0x45}, ipv6[60] = {0x60}, other[60] = {0x10};

    capture_add(&file, 1, 0, ipv4, sizeof(ipv4), sizeof(ipv4));
    capture_add(&file, 2, 0, ipv6, sizeof(ipv6), sizeof(ipv6));
    capture_add(&file, 3, 0, other, sizeof(other), sizeof(other));
    capture_add(&file, 4, 0, ipv4, 0, 0);
}

static void expect_wrapped(uint8_t version, uint8_t type_high,
                           uint8_t type_low, uint32_t bytes)
{
    const uint8_t header[] = {2, 0, 0, 0, 0, 2, 2, 0,
                              0, 0, 0, 1, type_high, type_low, version};
    uint32_t got = 0;
    const uint8_t *received = rig_receive(&got);

    ck_assert_ptr_nonnull(received);
    ck_assert_uint_eq(got, bytes);
    ck_assert_mem_eq(received, header, sizeof(header));
}

/* docs/REPLAY.md, "Records that are no plain frames": raw IP is refused, left
 * out, or played behind an Ethernet header of its own. */
START_TEST(raw_ip_follows_its_policy)
{
    enum capture_format format = _i < POLICIES ? CAPTURE_PCAP_MICRO
                                               : CAPTURE_PCAPNG;

    options.link_type = (enum replay_policy)(_i % POLICIES);
    capture_begin(&file, format, false, RAW_IP);
    add_packets();
    if (options.link_type == REPLAY_STOP) {
        rig_open_refused("is not Ethernet");
        return;
    }
    rig_open(NULL);
    if (options.link_type == REPLAY_PLAY) {
        expect_wrapped(0x45, 0x08, 0x00, 1514);
        expect_wrapped(0x60, 0x86, 0xdd, 74);
        ck_assert_uint_eq(pcap.counts.skipped_linktype, 2);
    } else {
        ck_assert_uint_eq(pcap.counts.skipped_linktype, 4);
    }
    ck_assert_uint_eq(pcap.counts.records, 4);
    rig_expect_none();
    ck_assert(rig_ended());
    rig_close(NULL);
}
END_TEST

/* Rule: a packet of IP that would be too long behind a header is oversize. */
START_TEST(wrapped_packets_have_the_limit_of_frames)
{
    static uint8_t ipv4[1501] = {0x45};

    options.link_type = REPLAY_PLAY;
    options.oversize = (enum replay_policy)_i;
    capture_begin(&file, CAPTURE_PCAP_MICRO, false, RAW_IP);
    capture_add(&file, 1, 0, ipv4, sizeof(ipv4), sizeof(ipv4));
    rig_open(NULL);
    if (_i == REPLAY_PLAY)
        expect_wrapped(0x45, 0x08, 0x00, 1514);
    ck_assert_uint_eq(pcap.counts.skipped_oversize, _i != REPLAY_PLAY);
    ck_assert(rig_ended());
    rig_close(NULL);
}
END_TEST

/* Interfaces: Ethernet with a small snapshot length, Ethernet with a large one,
 * Bluetooth, raw IP, Ethernet in nanoseconds. */
static void begin_mixed(bool big_endian)
{
    static const uint8_t ipv4[60] = {0x45};
    uint32_t i;

    capture_begin(&file, CAPTURE_PCAPNG, big_endian, ETHERNET);
    capture_interface(&file, ETHERNET, 128, 6);
    capture_interface(&file, BLUETOOTH, 65535, 6);
    capture_interface(&file, RAW_IP, 262144, 6);
    capture_interface(&file, ETHERNET, 0, 9);
    for (i = 0; i < 5; i++) {
        file.interface = i;
        /* 7 ms, in the resolution of each */
        capture_add(&file, i == 4 ? 7 : 0, i == 4 ? 0 : 7000,
                    i == 3 ? ipv4 : frame + i, 60, 60);
    }
}

/* docs/REPLAY.md, "pcapng": interfaces may differ in link type and snapshot
 * length, which libpcap alone refuses; each packet is judged by its own. */
START_TEST(unlike_interfaces_follow_the_policy)
{
    options.link_type = (enum replay_policy)(_i % POLICIES);
    begin_mixed(_i >= POLICIES);
    rig_open(NULL);

    rig_expect(frame, 60);
    rig_expect(frame + 1, 60);
    if (options.link_type == REPLAY_STOP) {
        rig_expect_none();
        ck_assert_uint_eq(pcap.counts.records, 3);
        rig_close("record 3: link type 201");
        return;
    }
    if (options.link_type == REPLAY_PLAY)
        expect_wrapped(0x45, 0x08, 0x00, 74);
    rig_expect(frame + 4, 60);
    ck_assert(rig_ended());
    ck_assert_uint_eq(pcap.counts.skipped_linktype,
                      options.link_type == REPLAY_PLAY ? 1 : 2);
    rig_close(NULL);
}
END_TEST

/* docs/REPLAY.md, "pcapng": each interface's time stamps are read in its own
 * resolution. */
START_TEST(unlike_resolutions_are_one_time)
{
    uint64_t start = fake_clock;

    options.pace = REPLAY_ORIGINAL;
    capture_begin(&file, CAPTURE_PCAPNG, false, ETHERNET);
    capture_interface(&file, ETHERNET, 65535, 9);
    capture_interface(&file, ETHERNET, 65535, 3);
    capture_add(&file, 1, 0, frame, 60, 60); /* 1 s */
    file.interface = 1;
    capture_add(&file, 1500, 0, frame, 60, 60); /* 1.5 s */
    file.interface = 2;
    capture_add(&file, 0, 1750, frame, 60, 60); /* 1.75 s */
    rig_open(NULL);

    ck_assert_uint_eq(rig_next(), start);
    ck_assert_uint_eq(rig_play_timed(), 3);
    ck_assert_uint_eq(fake_clock, start + 750000000);
    ck_assert_uint_eq(pcap.counts.backwards, 0);
    rig_close(NULL);
}
END_TEST

/* Draft-ietf-opsawg-pcapng, 4.4. Rule: how much of a simple packet is there
 * follows from the first interface's snapshot length. */
START_TEST(simple_packets_have_the_first_snapshot_length)
{
    options.truncated = REPLAY_PLAY;
    capture_begin(&file, CAPTURE_PCAPNG, _i, ETHERNET);
    capture_section(&file);
    capture_interface(&file, ETHERNET, 64, 6);
    capture_interface(&file, ETHERNET, 65535, 6);
    capture_add_simple(&file, frame, 64, 1000);
    capture_add_simple(&file, frame + 1, 61, 61);
    rig_open(NULL);

    rig_expect(frame, 64);
    rig_expect(frame + 1, 61);
    ck_assert(rig_ended());
    ck_assert_uint_eq(pcap.counts.played_truncated, 1);
    rig_close(NULL);
}
END_TEST

/* docs/SECURITY.md, "Hostile input": interfaces cost memory, so there may be
 * 4096 and no more. */
START_TEST(interfaces_are_bounded)
{
    uint32_t i;

    capture_begin(&file, CAPTURE_PCAPNG, false, ETHERNET);
    for (i = 1; i < 4096 + (uint32_t)_i; i++)
        capture_interface(&file, ETHERNET, 65535, 6);
    capture_add(&file, 1, 0, frame, 60, 60);
    rig_open(NULL);

    ck_assert_uint_eq(rig_play(), _i ? 0 : 1);
    rig_close(_i ? "more than 4096 interfaces" : NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_policies");
    TCase *c = tcase_create("policies");

    tcase_add_checked_fixture(c, rig_setup, rig_teardown);
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, truncated_records_follow_their_policy, 0, POLICIES);
    tcase_add_loop_test(c, oversize_records_follow_their_policy, 0, POLICIES);
    tcase_add_loop_test(c, oversize_and_truncated_need_both_policies, 0, POLICIES);
    tcase_add_loop_test(c, backward_records_follow_their_policy, 0, POLICIES);
    tcase_add_test(c, less_than_a_header_is_never_played);
    tcase_add_test(c, counts_add_up);
    tcase_add_loop_test(c, raw_ip_follows_its_policy, 0, 2 * POLICIES);
    tcase_add_loop_test(c, wrapped_packets_have_the_limit_of_frames, REPLAY_SKIP,
                        REPLAY_STOP);
    tcase_add_loop_test(c, unlike_interfaces_follow_the_policy, 0, 2 * POLICIES);
    tcase_add_test(c, unlike_resolutions_are_one_time);
    tcase_add_loop_test(c, simple_packets_have_the_first_snapshot_length, 0, 2);
    tcase_add_loop_test(c, interfaces_are_bounded, 0, 2);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK_GETENV);
}
