/* SPDX-License-Identifier: MIT */
int use(int *list);
int aligned(void);

int aligned(void)
{ /* EXPECT: function 'aligned': over-aligned local variable: */
    _Alignas(64) int list[16];

    return use(list);
}
