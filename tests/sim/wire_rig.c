/* SPDX-License-Identifier: MIT */
/* wire_rig.c - a wire between captures that a test writes. */
#include "wire_rig.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct wire_pcap pcap;
struct capture_file file;
struct replay_options options;
uint8_t frame[2048];
char output[64];

void rig_setup(void)
{
    int descriptor;
    size_t i;

    fake_clock = 1000;
    for (i = 0; i < sizeof(frame); i++)
        frame[i] = (uint8_t)(i * 7 + 1);
    replay_defaults(&options);
    strcpy(output, P_tmpdir "/tepal-output-XXXXXX");
    descriptor = mkstemp(output);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
}

void rig_teardown(void)
{
    capture_end(&file);
    unlink(output);
}

void rig_open(const char *to)
{
    const char *wrong;

    capture_write(&file);
    wrong = wire_pcap_open(&pcap, file.path, to, &options);
    ck_assert_msg(!wrong, "%s", wrong);
}

void rig_open_refused(const char *words)
{
    const char *wrong;

    capture_write(&file);
    wrong = wire_pcap_open(&pcap, file.path, NULL, &options);
    ck_assert_ptr_nonnull(wrong);
    ck_assert_msg(strstr(wrong, words) != NULL, "%s", wrong);
}

void rig_close(const char *words)
{
    const char *wrong = wire_pcap_close(&pcap);

    if (!words) {
        ck_assert_msg(!wrong, "%s", wrong);
        return;
    }
    ck_assert_ptr_nonnull(wrong);
    ck_assert_msg(strstr(wrong, words) != NULL, "%s", wrong);
}

const uint8_t *rig_receive(uint32_t *bytes)
{
    return pcap.wire.ops->receive(&pcap.wire, bytes);
}

void rig_expect(const uint8_t *data, uint32_t bytes)
{
    uint32_t got = 0;
    const uint8_t *received = rig_receive(&got);

    ck_assert_ptr_nonnull(received);
    ck_assert_uint_eq(got, bytes);
    ck_assert_mem_eq(received, data, bytes);
}

void rig_expect_none(void)
{
    uint32_t bytes;

    ck_assert_ptr_null(rig_receive(&bytes));
}

uint64_t rig_next(void)
{
    uint64_t when = 0;

    ck_assert(pcap.wire.ops->next(&pcap.wire, &when));
    ck_assert_uint_ge(when, fake_clock);
    if (when > fake_clock)
        rig_expect_none();
    return when;
}

bool rig_ended(void)
{
    return pcap.wire.ops->ended(&pcap.wire);
}

uint32_t rig_play(void)
{
    const uint8_t *data;
    uint32_t bytes, count = 0;

    while ((data = rig_receive(&bytes))) {
        pcap.wire.ops->send(&pcap.wire, data, bytes);
        count++;
    }
    ck_assert(rig_ended());
    return count;
}

uint32_t rig_play_timed(void)
{
    const uint8_t *data;
    uint32_t bytes, count = 0;
    uint64_t when;

    while (pcap.wire.ops->next(&pcap.wire, &when)) {
        ck_assert(!rig_ended());
        fake_clock = when;
        data = rig_receive(&bytes);
        ck_assert_ptr_nonnull(data);
        pcap.wire.ops->send(&pcap.wire, data, bytes);
        count++;
    }
    ck_assert(rig_ended());
    rig_expect_none();
    return count;
}
