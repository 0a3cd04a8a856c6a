/* SPDX-License-Identifier: MIT */
/* wire_rig.h - a wire between captures that a test writes. */
#pragma once
#include "capture_files.h"
#include "fake_clock.h"
#include "wire_pcap.h"

#define ETHERNET 1
#define RAW_IP 101

extern struct wire_pcap pcap;
extern struct capture_file file;
extern struct replay_options options; /* the defaults */
extern uint8_t frame[2048];           /* bytes that differ */
extern char output[64];               /* the path of a file */

/* Around each test. */
void rig_setup(void);
void rig_teardown(void);

/* Write @file and plug @pcap between it and @to. */
void rig_open(const char *to);
/* Write @file and expect that it is refused with @words in the error. */
void rig_open_refused(const char *words);
/* Close, and expect no error, or one with @words. */
void rig_close(const char *words);

const uint8_t *rig_receive(uint32_t *bytes);
/* Receive a frame of @bytes equal to those at @data. */
void rig_expect(const uint8_t *data, uint32_t bytes);
/* Expect no frame now. */
void rig_expect_none(void);
/*
 * When the next frame comes, after expecting that there is one, and that it is
 * not there before.
 */
uint64_t rig_next(void);
bool rig_ended(void);
/* Play all there is now to the output; the wire has ended then. */
uint32_t rig_play(void);
/* Move the clock to each frame's time and take it, until none will come. */
uint32_t rig_play_timed(void);
