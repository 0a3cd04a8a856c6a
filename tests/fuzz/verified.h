/* SPDX-License-Identifier: MIT */
/*
 * verified.h - text that the verifier accepted, looked at again, one
 * instruction after the other: what was reached is whole instructions that keep
 * the rules by themselves, and the rest does not matter.
 */
#pragma once
#include "fuzz.h"
#include "tepal_trusted/verify.h"

/*
 * Verify @input, which may be anything, and look at what is accepted. @text is
 * what @input names, writable: what no path reached becomes int3, as the loader
 * does it, and must be accepted again.
 */
enum verify_rule verify_and_look(const struct verify_input *input,
                                 uint8_t *text);
