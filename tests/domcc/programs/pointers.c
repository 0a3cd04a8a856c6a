/* SPDX-License-Identifier: MIT */
/*
 * Function pointers: across files, in tables, compared, of static functions
 * that have the same name in two files; beside addresses of data, which may
 * have the same name as well.
 */
#include "pointers.h"
#include "check.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int same_name(int a, int b)
{
    return a * b;
}

static volatile int same_data[4];

static const operation table[] = {add, subtract, same_name};
static operation changing = subtract;
static int *const data_table[] = {plain_data, &plain_data[2]};

struct methods {
    const char *name;
    operation run;
};

static const struct methods methods[] = {
    {"add", add},
    {"multiply", same_name},
    {"subtract", subtract},
};

static __attribute__((noinline)) int apply(operation run, int a, int b)
{
    return run(a, b);
}

static __attribute__((noinline)) int apply_last(operation run, int a, int b)
{
    return run(b, a); /* a tail call through a pointer */
}

static int by_value(const void *one, const void *two)
{
    const int *a = one, *b = two;

    return *a < *b ? -1 : *a > *b;
}

static int by_name(const void *key, const void *element)
{
    return strcmp(key, ((const struct methods *)element)->name);
}

static void sorting(void)
{
    int list[200];
    const struct methods *found;

    for (int i = 0; i < 200; i++)
        list[i] = i * 7919 % 200;
    qsort(list, 200, sizeof *list, by_value);
    for (int i = 0; i < 200; i++)
        CHECK(list[i] == i);
    found = bsearch("multiply", methods, 3, sizeof *methods, by_name);
    CHECK(found && found->run(6, 7) == 42);
    CHECK(!bsearch("divide", methods, 3, sizeof *methods, by_name));
}

/* Of other domains, at constant addresses: gcc has a form of mov for them
 * (movabs) that takes no other address. Nothing is mapped there here. */
static uint64_t far_away(uint64_t value)
{
    *(volatile uint64_t *)0x80000040 = value;
    *(volatile uint32_t *)0x90000000 = (uint32_t)value;
    return *(volatile uint64_t *)0x80000048 + *(volatile uint8_t *)0x80000001;
}

int tp_main(void)
{
    operation other = static_of_other();

    CHECK(apply(add, 2, 3) == 5);
    CHECK(apply_last(subtract, 2, 3) == 1);
    for (int i = 0; i < 3; i++)
        CHECK(table[hidden(i)](7, 3) == (int[]){10, 4, 21}[i]);
    CHECK(exported_table[hidden(1)](7, 3) == 4);
    CHECK(exported_table[0] == add && table[0] == add);
    CHECK(pick("add") == add && pick("subtract") == subtract);
    CHECK(other(7, 3) == 1007 && other != same_name);
    CHECK(call_local_of_other(5) == 1005);
    changing = hidden(&add == table[0]) ? add : NULL;
    CHECK(changing(1, 1) == 2);
    CHECK(plain_data == data_address() && *data_table[1] == 30);
    same_data[hidden(0)] = 5;
    set_data_of_other(7);
    CHECK(same_data[hidden(1)] == 0);
    CHECK((uintptr_t)add >= 0x10000 && (uintptr_t)add < 0x20000);
    CHECK(!absent);
    CHECK(hidden(1) || far_away(5));
    sorting();
    return check_failures;
}
