/* SPDX-License-Identifier: MIT */
int use(int *list);
int variable(int count);

int variable(int count)
{
    int list[count]; /* EXPECT: function 'variable': variable-length array */

    return use(list);
}
