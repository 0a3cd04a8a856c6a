/* SPDX-License-Identifier: MIT */
/* run_dom.h - what run_dom.c and its gates share. */
#pragma once

#define RUN_DOM_SERVICES 14

#ifndef __ASSEMBLER__
#include <stdint.h>

/* Entries of the function table: one for each service, and the trap. */
extern const uint64_t run_dom_gates[RUN_DOM_SERVICES];
void run_dom_trap(void);

/* Call the domain's function at @entry. Returns what it returns. */
uint64_t run_dom_enter(void *base, uint64_t stack_top, uint64_t entry);

/* The gates come here. */
uint64_t run_dom_service(uint64_t a, uint64_t b, uint64_t c, uint64_t number);
#endif
