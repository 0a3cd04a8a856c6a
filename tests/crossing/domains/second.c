/* SPDX-License-Identifier: MIT */
/*
 * second.c - what makes the second version of the test domain another one: all
 * that follows lies elsewhere.
 */
#include <stdint.h>

volatile uint64_t only_in_the_second[0x1000] = {1};

void only_in_the_second_version(void);
void only_in_the_second_version(void)
{
    only_in_the_second[0]++;
}
