/* SPDX-License-Identifier: MIT */
/* inject_sabotage.h - to see that a campaign can fail. */
#pragma once
#include "inject_faults.h"

/* Whether --sabotage may be followed by it. */
bool inject_sabotage_is_known(const char *name);

/*
 * Once, from the fault on for which it is due: damage what the kernel has. The
 * world stands still. @in_window: others' memory has been copied and the victim has run.
 */
void inject_sabotage(struct inject_sabotage *sabotage,
                     const struct inject_target *target, bool in_window);
