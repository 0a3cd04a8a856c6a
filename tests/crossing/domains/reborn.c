/* SPDX-License-Identifier: MIT */
/*
 * reborn.c - what the test domain does when it is restarted: nothing, or, if it
 * inherits a curse, an apple with weight, take one off and not come to its end.
 */
#include "fruit.h"

int tp_main(void)
{
    struct rref_apple curse = rref_apple_inherit("curse", 5);

    if (!curse.handle || rref_apple_value(curse)->weight == 0)
        return 0;
    rref_apple_value(curse)->weight--;
    if (rref_apple_value(curse)->colour[0] == CURSE_SPIN) {
        order.spin = SPIN_IN_TEXT;
        spin();
    }
    die(WAY_UD2);
}
