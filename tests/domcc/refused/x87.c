/* SPDX-License-Identifier: MIT */
void wait(void);

void wait(void)
{
    __asm__ volatile("fninit"); /* EXPECT: function 'wait': x87 */
}
