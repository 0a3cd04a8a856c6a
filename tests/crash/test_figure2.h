/* SPDX-License-Identifier: MIT */
/* test_figure2.h - the parts of test_figure2. */
#pragma once
#include "accounts.h"
#include "visit.h"

#define ID(actor) ((actor).domain->id)
#define OUT 512

/*
 * Three actors, watched; b serves a, so that it is ready when its tp_main has
 * returned. And all that must hold when a test has ended: what survivors still
 * had they have dropped.
 */
extern struct actor a, b, c;
void figure2_setup(void);
void figure2_teardown(void);

/* An object of @actor's that it can still use as its own: it drops it. */
void check_drop(struct actor *actor, uint64_t handle);

TCase *figure2_threads(void);
TCase *figure2_device(void);
