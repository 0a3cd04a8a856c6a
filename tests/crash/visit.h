/* SPDX-License-Identifier: MIT */
/*
 * visit.h - a worker, a kernel thread of its own, enters an actor, while the
 * suite's thread looks on and does what the test is about. Only the suite's
 * thread may assert.
 */
#pragma once
#include "rig.h"

/* A worker's call of a step of @actor, and what became of it. */
struct visit {
    struct actor *actor;
    enum step step;
    struct rpc rpc;
    struct host_thread *thread;
};

void start(struct visit *visit);

/* Whoever enters an affine domain first has it: not the suite's thread. */
void let_go(struct actor *actor, bool open);

/* Its methods, and STEP_SPIN, will loop until let_end(). */
void let_spin(struct actor *actor, uint64_t how);
void let_end(struct actor *actor);

/* Turns of loops that it has made. */
uint64_t turns_of(const struct actor *actor);
/* It is in its loop, and goes on in it. */
void wait_until_spinning(const struct actor *actor);

/* Nothing of its last life is left; the watchdog may be at it. */
void wait_until_gone(const struct actor *actor);
/* The same, and nobody is inside. */
void check_gone(const struct actor *actor);
