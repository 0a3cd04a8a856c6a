/* SPDX-License-Identifier: MIT */
/*
 * fault_place.h - where an instruction that faulted stands decides whose fault
 * it is; on every machine alike. Trusted only.
 * Source: design, section 5.
 */
#pragma once
#include "tepal_trusted/domain.h"
#include "tepal_trusted/thread.h"

/* Where a faulted access that core makes for a domain goes on; 0: it is none. */
uintptr_t fault_find_fixup(uintptr_t at);

bool fault_is_in_text(const struct domain *domain, uintptr_t at);

/*
 * Whether the domain that runs on @thread ends: the instruction is in its text,
 * or where gates lead that refuse its call.
 */
bool fault_is_of_domain(const struct thread *thread, uintptr_t at);

/*
 * What a fault at @at is called when the place or @address says more than its
 * kind; NULL otherwise. @is_access: of memory, and @address counts.
 * @guard_bytes: what is unmapped below the thread's stack.
 */
const char *fault_cause(const struct thread *thread, uintptr_t at,
                        bool is_access, uintptr_t address, size_t guard_bytes);

/*
 * A call from the domain's text led to @at, which is none of it: the report
 * wants the caller. The call has pushed where it returns to, at @stack.
 */
void fault_note_call(struct thread *thread, uintptr_t at, uintptr_t stack);

/* Say of what @domain dies; @address: of an access, otherwise 0. */
void fault_blame(struct domain *domain, const char *cause, uintptr_t at,
                 uint64_t address);

/*
 * thread_poked() on the thread itself, interrupted at @at: whether it is to be
 * wound back. Otherwise it finds out by itself, or nothing is the matter.
 */
bool fault_poke(struct thread *thread, uintptr_t at);

/* gate.S: where a thread is sent whose domain died; %r10 = the thread. */
void gate_unwind(void);
