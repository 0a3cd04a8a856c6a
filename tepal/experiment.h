/* SPDX-License-Identifier: MIT */
/*
 * experiment.h - what a run does to itself to be measured: domains that are
 * killed again and again (--kill), and a table of what has passed by when
 * (--samples). Worked off by the monitor, a hundred times a second.
 */
#pragma once
#include "running.h"
#include <stdio.h>

/*
 * Open the table that @running->samples_path names, if it names one.
 * Errors: false, with errno set.
 */
bool experiment_begin(const struct running *running);

/* @nanoseconds since the run began: kill what is due, write a line. */
void experiment_step(struct running *running, uint64_t nanoseconds);

/* Errors: false, with errno set: the table is not whole. */
bool experiment_end(void);
