/* SPDX-License-Identifier: MIT */
/*
 * played.h - frames that are played to a port: a real capture, and what it must
 * be when the port has forwarded it.
 *
 * DPDK leaves HLREG0.TXPADEN as the device has it after reset. So what is
 * shorter than 60 bytes, as a capture has frames from before their padding,
 * leaves with zeros behind it up to there.
 */
#pragma once
#include "port.h"

/*
 * Queue the frames of pathspider's real.pcap, in the folder of captures
 * TEPAL_CAPTURES or, without one, in TEPAL_BUILD's; there mkcapture makes
 * others when it is missing.
 */
void played_load(struct test_wire *wire);

/* How long @frame is when it leaves. */
uint32_t played_bytes(const struct test_frame *frame);

/* Assert that @out is @in. */
void played_assert_frame(const struct test_frame *in,
                         const struct test_frame *out);

/*
 * Assert that all frames left, each by queue @queue_of_in[number of the frame]
 * (NULL: by queue 0), and those of a queue in their order.
 */
void played_assert(const struct port *port, const uint8_t *queue_of_in);
