/* SPDX-License-Identifier: MIT */
void steal(unsigned long base);

void steal(unsigned long base)
{
    /* EXPECT+1: function 'steal': write to a reserved register: */
    __asm__ volatile("movq %0, %%r14" : : "r"(base));
}
