/* SPDX-License-Identifier: MIT */
void switch_stack(unsigned long to);

void switch_stack(unsigned long to)
{
    __asm__ volatile("movq %0, %%rsp" : : "r"(to)); /* EXPECT: 'switch_stack' */
}
