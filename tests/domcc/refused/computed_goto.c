/* SPDX-License-Identifier: MIT */
int run(const unsigned char *code);

int run(const unsigned char *code)
{
    static const void *const table[] = {&&stop, &&more};
    int steps = 0;

more:
    steps++;
    goto *table[*code++];
stop:
    return steps;
}
/* EXPECT0: address of a label: computed goto is not supported */
