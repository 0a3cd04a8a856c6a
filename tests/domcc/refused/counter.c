/* SPDX-License-Identifier: MIT */
unsigned long now(void);

unsigned long now(void)
{
    return __builtin_ia32_rdtsc(); /* EXPECT: reading the cycle counter: */
}
