/* SPDX-License-Identifier: MIT */
/* EXPECT0: pointer to a nested function */
int apply(int (*run)(int), int value);
int outer(int by);

int outer(int by)
{
    int add(int value)
    {
        return value + by;
    }

    return apply(add, 3);
}
