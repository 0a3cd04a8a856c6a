/* SPDX-License-Identifier: MIT */
/*
 * faulty.c - a program with a fault of its own (embed/runtime.c,
 * arch_host/fault.c), after it has been a kernel thread. Built by embed.test.
 */
#include <tepal/tepal.h>

int main(void)
{
    static int *volatile nowhere;
    struct tepal_domain *domain;

    if (tepal_start(NULL, NULL) != 0 ||
        tepal_load_bytes(&domain, "", 0, NULL, NULL) != TEPAL_REFUSED)
        return 2;
    *nowhere = 1;
    return 0;
}
