/* SPDX-License-Identifier: MIT */
/*
 * gate.h - the ways between domain code and kernel code.
 * Completed by arch_impl/gate.h, which defines these for file scope:
 *
 * GATE_ENTRY(proxy): a function gate_<proxy>() for a domain's function table.
 * It checks the trusted stack, aligns it and calls
 * proxy(six arguments, capability, gate frame); afterwards it clears what the
 * kernel left in registers, and winds back a caller that has died meanwhile.
 * With no trusted stack left it answers RPC_NO_STACK.
 *
 * GATE_SERVICE(service): the same for a kernel service with up to three
 * arguments; with no trusted stack left the caller dies.
 *
 * GATE_CORE_SERVICE(service): the same for one that runs nothing but core's own
 * code, which does not touch vector registers: the caller finds its own values
 * there, and clearing them can be left out.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct crossing;

/* What the callee left in %rax, and whether it came back at all. */
struct gate_result {
    uint64_t value;
    uint64_t crashed;
};

/*
 * Run the callee of @x with six arguments.
 * Every callee-saved register is restored from the trusted stack, whichever
 * way control comes back.
 */
static inline struct gate_result gate_enter(uint64_t a, uint64_t b, uint64_t c,
                                            uint64_t d, uint64_t e, uint64_t f,
                                            struct crossing *x);

/* Point %gs to @base, for this thread. Needs: gate_has_gs(). */
static inline void gate_set_gs(uintptr_t base);

#include "arch_impl/gate.h"

/* Whether gate_set_gs() works here. */
bool gate_has_gs(void);

/* Where calls through unused table entries end: in the domain's death. */
void gate_trap(void);
