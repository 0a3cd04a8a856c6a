/* SPDX-License-Identifier: MIT */
/* fault_setting.h - what follows --fault DEVICE=: NAME[@AFTER][xTIMES]. */
#pragma once
#include "running.h"

/*
 * Read @text into @faults, by the fault's number.
 * Errors: what is allowed, in words; else NULL.
 */
const char *fault_setting_read(const char *text, struct running_fault *faults);
