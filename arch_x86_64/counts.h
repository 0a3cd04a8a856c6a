/* SPDX-License-Identifier: MIT */
/* counts.h - what calls between domains cost, in instructions. */
#pragma once
#include "tepal_trusted/domain.h"

/*
 * Have @caller, a domain of domains/bench, make calls, and log how many cycles
 * each took. Where the cycle counter counts instructions (QEMU's -icount) the
 * numbers are exact, and the same each time. Needs: timer_stop().
 * Errors: false: a call failed; the log says which.
 */
bool counts_take(struct domain *caller);
