/* SPDX-License-Identifier: MIT */
/* qsort.c - records sorted by the library's qsort, with a comparator. */
#include "kernels.h"
#include <stdlib.h>
#include <string.h>

#define RECORDS 512u

struct record {
    uint32_t key, rest;
    uint64_t value;
};

static struct record records[RECORDS], sorted[RECORDS];

void kernel_qsort_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned i = 0; i < RECORDS; i++) {
        records[i].value = kernel_random(&state);
        records[i].key = (uint32_t)records[i].value % 1000;
        records[i].rest = i;
    }
}

/* By key; equal ones by where they were, so that the order is one. */
static int compare(const void *one, const void *two)
{
    const struct record *a = one, *b = two;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->rest < b->rest ? -1 : a->rest > b->rest;
}

uint32_t kernel_qsort(uint32_t rounds)
{
    uint32_t sum = 0;

    while (rounds--) {
        memcpy(sorted, records, sizeof(sorted));
        qsort(sorted, RECORDS, sizeof(sorted[0]), compare);
        for (unsigned i = 0; i < RECORDS; i++)
            sum = kernel_fold(sum, sorted[i].value);
    }
    return sum;
}
