/* SPDX-License-Identifier: MIT */
/* timing.c - the virtual clock in use, if there is one. */
#include "tepal_trusted/timing.h"

const struct timing *timing;
