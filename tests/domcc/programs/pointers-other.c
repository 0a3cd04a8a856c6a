/* SPDX-License-Identifier: MIT */
/* The other file of the program "pointers". */
#include "check.h"
#include "pointers.h"
#include <stddef.h>
#include <string.h>

int plain_data[4] = {10, 20, 30, 40};

int add(int a, int b)
{
    return a + b;
}

int subtract(int a, int b)
{
    return a - b;
}

static __attribute__((noinline)) int same_name(int a, int b)
{
    return a + 1000 + 0 * b;
}

operation exported_table[3] = {add, subtract, same_name};

static volatile int same_data[4];

void set_data_of_other(int value)
{
    same_data[hidden(1)] = value;
}

int *data_address(void)
{
    return plain_data;
}

operation static_of_other(void)
{
    return same_name;
}

operation pick(const char *name)
{
    return strcmp(name, "add") == 0 ? add : subtract;
}

int call_local_of_other(int value)
{
    return same_name(value, 0);
}
