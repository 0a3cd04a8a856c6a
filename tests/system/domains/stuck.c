/* SPDX-License-Identifier: MIT */
/* stuck.c - a domain whose own thread never ends, whatever it is told. */
#include "tepal/kernel.h"

#define WORDS "stuck"

int tp_main(void)
{
    tp_log(WORDS, sizeof(WORDS) - 1);
    for (;;)
        tp_idle();
}
