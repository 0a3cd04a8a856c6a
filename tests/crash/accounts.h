/* SPDX-License-Identifier: MIT */
/*
 * accounts.h - what must hold after a death, however it came about: nothing is
 * left of the dead, whoever lives can call and be called, and the kernel's
 * books are right.
 */
#pragma once
#include "rig.h"

#define ACCOUNTS_MAX 8

/*
 * Watch @number actors, all there are; add a bystander, and write down what must
 * not change.
 */
void accounts_open(const struct actor *actors, uint32_t number);

/*
 * Assert that all is right. Needs: nobody inside, workers have ended.
 * The actors are still there.
 */
void accounts_close(void);
