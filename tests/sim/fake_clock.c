/* SPDX-License-Identifier: MIT */
/* fake_clock.c - the clock of tests, in the machine's place. */
#include "fake_clock.h"
#include "arch/platform.h"

uint64_t fake_clock;

uint64_t clock_nanoseconds(void)
{
    return fake_clock;
}
