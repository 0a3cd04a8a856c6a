/* SPDX-License-Identifier: MIT */
/* test_services.h - the parts of one test program. */
#pragma once
#include "rig.h"

/* Waiting for a device; see test_irq_wait.c. */
TCase *irq_wait_tests(void);

/* What kernel service @number answers @actor, which lives on. */
uint64_t service(struct actor *actor, enum tp_service number, uint64_t a,
                 uint64_t b, uint64_t c);
/* The same where it may die. */
struct rpc try_service(struct actor *actor, enum tp_service number, uint64_t a,
                       uint64_t b, uint64_t c);
