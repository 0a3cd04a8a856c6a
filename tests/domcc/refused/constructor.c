/* SPDX-License-Identifier: MIT */
/* EXPECT0: constructor or destructor function: call it from tp_main() */
int ready;

static __attribute__((constructor)) void prepare(void)
{
    ready = 1;
}
