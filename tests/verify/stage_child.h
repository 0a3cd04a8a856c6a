/* SPDX-License-Identifier: MIT */
/* stage_child.h - a child process on the stage, one instruction at a time. */
#pragma once
#include "stage.h"
#include <signal.h>
#include <sys/types.h>
#include <sys/user.h>

/* Room for all that xsave knows. */
#define XSTATE_MAX 16384

struct xstate {
    _Alignas(64) uint8_t bytes[XSTATE_MAX];
    size_t size;
};

struct child {
    pid_t pid;
    struct user_regs_struct regs;
};

/*
 * A stopped child at @rip with the registers and state that @run and @world
 * want; the one there is, or a new one. Needs: memory_fill(), which gives the
 * regions their protection. It ends with this process.
 */
struct child child_begin(const struct stage_run *run, unsigned world,
                         uint64_t rip, uint64_t rsp);

/* One instruction. Returns the signal that stopped it, 0 = none. */
int child_step(struct child *child, siginfo_t *info);

/* Hand child->regs to the child. */
void child_set(struct child *child);

/* Register @number of @regs. */
unsigned long long *child_gpr(struct user_regs_struct *regs, unsigned number);

void child_read_xstate(const struct child *child, struct xstate *xstate);

/* Do they differ in what a domain may not change? In what it may? */
bool xstate_has_damage(const struct xstate *before, const struct xstate *after);
bool xstate_has_equal_xmm(const struct xstate *one, const struct xstate *other);
