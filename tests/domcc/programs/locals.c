/* SPDX-License-Identifier: MIT */
/* Locals whose address is taken, arrays, and addresses beside them. */
#include "check.h"
#include <stdint.h>
#include <string.h>

static __attribute__((noinline)) void set(int *to, int value)
{
    *to = value;
}

static __attribute__((noinline)) int sum(const int *from, int count)
{
    int total = 0;

    for (int i = 0; i < count; i++)
        total += from[i];
    return total;
}

static __attribute__((noinline)) void address_taken(void)
{
    int one, two, three;

    set(&one, 1);
    set(&two, 2);
    set(&three, 3);
    CHECK(one + 10 * two + 100 * three == 321);
}

static __attribute__((noinline)) void arrays(int count)
{
    int list[100];

    for (int i = 0; i < count; i++)
        list[i] = i * i;
    CHECK(sum(list, count) == 328350);
    CHECK(sum(list + 10, count - 10) == 328350 - 285);
}

/* The compiler may walk with pointers before the first element. */
static __attribute__((noinline)) int backwards(int count)
{
    int list[64], total = 0;

    for (int i = 0; i < count; i++)
        list[i] = i;
    for (int i = count; i-- > 0;)
        total = total * 3 + list[i];
    set(&list[count - 1], total);
    return list[count - 1];
}

static __attribute__((noinline)) int index_with_offset(int from)
{
    int list[8] = {1, 2, 3, 4, 5, 6, 7, 8};

    set(&list[0], 9);
    return list[from - 100] + list[107 - from];
}

/* A local's own address stored in a local. */
struct node {
    struct node *self, *other;
    int value;
};

static __attribute__((noinline)) int follow(const struct node *node)
{
    return node->self->value * 10 + node->other->value;
}

static __attribute__((noinline)) void linked(void)
{
    struct node a, b;

    a = (struct node){&a, &b, 1};
    b = (struct node){&b, &a, 2};
    CHECK(follow(&a) == 12);
    CHECK(follow(&b) == 21);
}

/* Locals that must stay aligned to 16 whatever is pushed before them. */
static __attribute__((noinline)) void aligned(int depth)
{
    _Alignas(16) char buffer[48];
    volatile long long kept = depth;

    memset(buffer, depth, sizeof buffer);
    CHECK((uintptr_t)buffer % 16 == 0);
    CHECK(buffer[47] == depth);
    if (depth)
        aligned(depth - 1);
    CHECK(kept == depth);
    CHECK(buffer[0] == depth);
}

static __attribute__((noinline)) int big_frame(int at)
{
    volatile char buffer[100000];

    buffer[0] = 1;
    buffer[at] = 2;
    buffer[99999] = 3;
    set(&at, at + 1);
    return buffer[0] + buffer[at - 1] + buffer[99999];
}

int tp_main(void)
{
    address_taken();
    arrays(hidden(100));
    CHECK(backwards(hidden(4)) == ((3 * 3 + 2) * 3 + 1) * 3);
    CHECK(index_with_offset(hidden(103)) == 4 + 5);
    linked();
    aligned(hidden(7));
    CHECK(big_frame(hidden(50000)) == 6);
    return check_failures;
}
