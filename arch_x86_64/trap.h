/* SPDX-License-Identifier: MIT */
/* trap.h - what a trap found, and what it goes on with. */
#pragma once
#include <stdint.h>

/* As trap_entry.S pushes it. */
struct trap_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx,
        rax;
    uint64_t vector, error;
    uint64_t rip, cs, flags, rsp, ss; /* pushed by the processor */
};

struct thread;

/* Go on at gate_unwind: the domain that runs on @thread has died. */
void trap_unwind(const struct thread *thread, struct trap_frame *frame);

/* Called by trap_entry.S, with interrupts off. */
void trap_handle(struct trap_frame *frame);
