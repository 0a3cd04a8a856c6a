/* SPDX-License-Identifier: MIT */
/*
 * native.h - the 82599 model, its driver and applications compiled into the
 * program: the same sources as in domains, called directly, nothing checked.
 * What isolation costs is the difference.
 */
#pragma once
#include <stdbool.h>

struct wire;

/* Make the device on @wire and start the driver. Once in a process. */
bool native_start(struct wire *wire);

/* Run an application until the wire has ended; what its tp_main returns. */
typedef int native_application(void);
native_application native_forward, native_macswap;
