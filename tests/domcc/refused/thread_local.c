/* SPDX-License-Identifier: MIT */
_Thread_local int mine;
int read_mine(void);

int read_mine(void)
{
    return mine; /* EXPECT+1: function 'read_mine': segment register: */
}
