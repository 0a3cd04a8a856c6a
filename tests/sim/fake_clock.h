/* SPDX-License-Identifier: MIT */
/* fake_clock.h - the clock of tests: it stands still until it is moved. */
#pragma once
#include <stdint.h>

/* What clock_nanoseconds() answers. */
extern uint64_t fake_clock;
