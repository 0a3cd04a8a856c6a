/* SPDX-License-Identifier: MIT */
/* Static data of all kinds, indexed in all ways; large copies; atomics. */
#include "check.h"
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

struct record {
    char name[12];
    int value;
    struct record *next;
};

static int zeros[1000];
static int counted[5] = {1, 2, 3, 4, 5};
static const char *const names[] = {"zero", "one", "two", "three"};
static struct record chain[3] = {
    {"a", 1, &chain[1]},
    {"b", 2, &chain[2]},
    {"c", 3, NULL},
};
static int *inside = &counted[2];
int tentative;
static _Atomic uint64_t counter;
static atomic_flag flag = ATOMIC_FLAG_INIT;

struct blob {
    uint64_t words[64];
};
static struct blob blob_one, blob_two;

static __attribute__((noinline)) int at(int index)
{
    return counted[index - 10];
}

static __attribute__((noinline)) void fill(int count)
{
    for (int i = 0; i < count; i++)
        zeros[i] = zeros[count - i] + i;
}

static __attribute__((noinline)) int remembered(void)
{
    static int calls = 10;

    return ++calls;
}

static __attribute__((noinline)) void copy(struct blob *to,
                                           const struct blob *from)
{
    *to = *from;
}

static void atomics(void)
{
    uint64_t expected = 5;
    uint32_t word = 1;

    CHECK(atomic_fetch_add(&counter, 5) == 0);
    CHECK(atomic_compare_exchange_strong(&counter, &expected, 9));
    CHECK(!atomic_compare_exchange_strong(&counter, &expected, 1));
    CHECK(expected == 9 && atomic_exchange(&counter, 3) == 9);
    CHECK(atomic_fetch_or(&counter, 4) == 3 && atomic_load(&counter) == 7);
    CHECK(!atomic_flag_test_and_set(&flag) && atomic_flag_test_and_set(&flag));
    CHECK(__atomic_fetch_xor(&word, 3, __ATOMIC_SEQ_CST) == 1 && word == 2);
    CHECK(__atomic_fetch_nand(&word, 2, __ATOMIC_SEQ_CST) == 2 && word == ~2u);
    atomic_thread_fence(memory_order_seq_cst);
}

int tp_main(void)
{
    CHECK(at(hidden(12)) == 3 && *inside == 3);
    CHECK(inside[-2] == 1 && *(inside + hidden(2)) == 5);
    CHECK(strcmp(names[hidden(3)], "three") == 0);
    CHECK(chain[0].next->next->value == 3 && !chain[2].next);
    fill(hidden(500));
    CHECK(zeros[499] == 500 && zeros[1] == 1);
    CHECK(remembered() == 11 && remembered() == 12);
    CHECK(tentative == 0);
    for (unsigned i = 0; i < 64; i++)
        blob_one.words[i] = i * i;
    copy(&blob_two, &blob_one);
    CHECK(memcmp(&blob_one, &blob_two, sizeof blob_one) == 0);
    atomics();
    return check_failures;
}
