/* SPDX-License-Identifier: MIT */
/* fruit.h - the parts of the test domain. */
#pragma once
#include "order.h"
#include "test_import.h"

extern struct order order;

/* Make the call in the order. */
/* As order.spin says. */
void spin(void);
void perform(void);
/* Call the kernel service in the order. */
uint64_t call_service(void);
/* The call with secrets in every register; notes what is left in them. */
void perform_spying(void);
void fill_registers(void);
_Noreturn void die(uint64_t way);
/* Reached from the assembly of spy.c. */
uint32_t driver_step(uint64_t what, uint64_t value);
