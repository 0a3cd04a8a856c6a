/* SPDX-License-Identifier: MIT */
/*
 * sort.c - qsort and bsearch (ISO C11, 7.22.5).
 *
 * Heap sort: in place, no recursion, n log n steps whatever the input, so a
 * hostile order cannot make a domain miss its budget.
 */
#include <stdint.h>
#include <stdlib.h>

typedef int (*comparison)(const void *, const void *);
typedef uint64_t word8 __attribute__((aligned(1), may_alias));

static void swap(unsigned char *one, unsigned char *two, size_t bytes)
{
    for (; bytes >= 8; bytes -= 8, one += 8, two += 8) {
        uint64_t word = *(word8 *)one;

        *(word8 *)one = *(word8 *)two;
        *(word8 *)two = word;
    }
    for (; bytes; bytes--, one++, two++) {
        unsigned char byte = *one;

        *one = *two;
        *two = byte;
    }
}

/* Let element @root sink until both its children are no larger. */
static void sink(unsigned char *base, size_t root, size_t count, size_t bytes,
                 comparison compare)
{
    for (;;) {
        size_t child = 2 * root + 1;

        if (child >= count)
            return;
        if (child + 1 < count &&
            compare(base + child * bytes, base + (child + 1) * bytes) < 0)
            child++;
        if (compare(base + root * bytes, base + child * bytes) >= 0)
            return;
        swap(base + root * bytes, base + child * bytes, bytes);
        root = child;
    }
}

void qsort(void *base, size_t count, size_t bytes, comparison compare)
{
    for (size_t root = count / 2; root-- > 0;)
        sink(base, root, count, bytes, compare);
    while (count > 1) {
        count--;
        swap(base, (unsigned char *)base + count * bytes, bytes);
        sink(base, 0, count, bytes, compare);
    }
}

void *bsearch(const void *key, const void *base, size_t count, size_t bytes,
              comparison compare)
{
    const unsigned char *low = base;

    while (count) {
        const unsigned char *middle = low + count / 2 * bytes;
        int order = compare(key, middle);

        if (order == 0)
            return (void *)(uintptr_t)middle;
        if (order > 0) {
            low = middle + bytes;
            count--;
        }
        count /= 2;
    }
    return NULL;
}
