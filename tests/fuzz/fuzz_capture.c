/* SPDX-License-Identifier: MIT */
/*
 * fuzz_capture.c - a capture, as a wire plays it: pcap and pcapng, compressed
 * or not, through zlib, libpcap and sim/capture_*. The last two bytes choose
 * how it is played. libpcap itself is the system's, without instrumentation.
 */
#define _GNU_SOURCE /* memfd_create */
#include "arch/platform.h"
#include "fuzz.h"
#include "wire_claims.h"
#include "wire_pcap.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STORE_BYTES ((size_t)1 << 18)
#define STEPS_MAX 4096u
#define TAIL 2

static struct wire_pcap pcap;
static uint64_t now; /* a clock that goes to when each frame is due */

uint64_t clock_nanoseconds(void)
{
    return now;
}

/* Over and over the same file: to make one takes longer than to read it. */
static int file_of(const uint8_t *data, size_t size)
{
    static int file = -1;
    int again;

    if (file < 0)
        file = memfd_create("capture", MFD_CLOEXEC);
    CLAIM(file >= 0 && ftruncate(file, 0) == 0);
    CLAIM(pwrite(file, data, size, 0) == (ssize_t)size);
    CLAIM(lseek(file, 0, SEEK_SET) == 0);
    again = dup(file);
    CLAIM(again >= 0);
    return again;
}

static struct replay_options choose(const uint8_t *tail)
{
    struct replay_options options;

    replay_defaults(&options);
    options.pace = (enum replay_pace)(tail[0] & 3);
    options.rate = tail[0] & 4 ? 0.5 : 1000;
    options.preload = tail[0] & 8;
    options.loops = 1 + (tail[0] >> 4 & 1);
    options.loop_delay_ns = tail[0] >> 5 & 1;
    options.limit = tail[0] >> 6 ? 0 : 3;
    options.truncated = (enum replay_policy)((tail[1] & 3) % 3);
    options.oversize = (enum replay_policy)((tail[1] >> 2 & 3) % 3);
    options.backwards = (enum replay_policy)((tail[1] >> 4 & 3) % 3);
    options.link_type = (enum replay_policy)((tail[1] >> 6 & 3) % 3);
    return options;
}

static void play(void)
{
    uint32_t steps = 0, bytes;
    const uint8_t *frame;
    uint64_t when;

    while (steps++ < STEPS_MAX && pcap.wire.ops->next(&pcap.wire, &when)) {
        CLAIM(when >= now);
        now = when;
        frame = pcap.wire.ops->receive(&pcap.wire, &bytes);
        CLAIM(frame);
        claim_frame(frame, bytes);
        CLAIM(pcap.store_bytes <= STORE_BYTES);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct replay_options options;
    const char *wrong;

    if (size < TAIL)
        return 0;
    options = choose(data + size - TAIL);
    now = 1000;
    wrong = wire_pcap_open_descriptor(&pcap, file_of(data, size - TAIL),
                                      "capture", STORE_BYTES, NULL, &options);
    if (!wrong) {
        play();
        claim_counts(&pcap.counts);
        wrong = wire_pcap_close(&pcap);
    }
    if (wrong)
        claim_is_text(wrong, WIRE_PCAP_ERROR_BYTES);
    CLAIM(!pcap.store && !pcap.reader.capture && pcap.input < 0);
    return 0;
}
