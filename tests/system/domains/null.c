/* SPDX-License-Identifier: MIT */
/* null.c - a domain that reads at a null pointer, two calls deep. */
#include "tepal/types.h"

int tp_main(void);
int reach_for_nothing(const volatile int *where);

__attribute__((noinline)) int reach_for_nothing(const volatile int *where)
{
    return *where + 1;
}

int tp_main(void)
{
    return reach_for_nothing(0) + 1;
}
