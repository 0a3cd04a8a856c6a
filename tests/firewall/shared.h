/* SPDX-License-Identifier: MIT */
/*
 * shared.h - a shared heap of SHARED_PACKETS packets, and a kernel that only
 * knows how to drop them. Nothing is allocated again.
 */
#pragma once
#include "net.h"

enum { SHARED_PACKETS = 64 };

/* All packets zero, none dropped. */
void shared_reset(void);

/* The handle of packet @index, below SHARED_PACKETS. */
struct rref_packet shared_packet(uint32_t index);

/* How many were dropped; one that is dropped twice fails the test. */
uint32_t shared_dropped(void);
