/* SPDX-License-Identifier: MIT */
void *caller(void);

void *caller(void)
{
    /* EXPECT0: use of the return address */
    return __builtin_return_address(0);
}
