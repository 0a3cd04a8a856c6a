/* SPDX-License-Identifier: MIT */
int use(int *list);
int room(int count);

int room(int count)
{
    /* EXPECT+1: function 'room': variable-length array or alloca: */
    int *list = __builtin_alloca((unsigned long)count * sizeof *list);

    return use(list);
}
