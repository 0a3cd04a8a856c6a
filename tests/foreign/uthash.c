/* SPDX-License-Identifier: MIT */
/* uthash and its family: hash tables, lists, arrays, strings, stacks. */
#include <stdlib.h>
#define uthash_fatal(message) abort() /* a domain has no exit() */
#define utarray_oom() abort()
#define utringbuffer_oom() abort()
#include <utarray.h>
#include <uthash.h>
#include <utlist.h>
#include <utringbuffer.h>
#include <utstack.h>

#include "foreign.h"

struct entry {
    int id;
    char name[16];
    struct entry *next, *prev;
    UT_hash_handle hh, by_name;
};

static int by_id(const struct entry *one, const struct entry *two)
{
    return (one->id > two->id) - (one->id < two->id);
}

static void tables(void)
{
    struct entry *ids = NULL, *names = NULL, *entry, *next, *old;
    uint64_t sum = 0;

    for (int i = 0; i < 2000; i++) {
        int id = (int)(random_bits() % 1500);

        HASH_FIND_INT(ids, &id, entry);
        if (entry)
            continue;
        entry = calloc(1, sizeof *entry);
        entry->id = id;
        snprintf(entry->name, sizeof entry->name, "name-%d", id);
        HASH_ADD_INT(ids, id, entry);
        HASH_ADD_KEYPTR(by_name, names, entry->name, strlen(entry->name),
                        entry);
    }
    printf("%u by id, %u by name\n", HASH_COUNT(ids), HASH_CNT(by_name, names));
    HASH_SORT(ids, by_id);
    for (entry = ids; entry; entry = entry->hh.next)
        sum = sum * 31 + (unsigned)entry->id;
    printf("sorted %016llx\n", (unsigned long long)sum);
    HASH_FIND(by_name, names, "name-77", 7, old);
    printf("%d\n", old ? old->id : -1);
    HASH_ITER(hh, ids, entry, next)
    {
        HASH_DELETE(hh, ids, entry);
        HASH_DELETE(by_name, names, entry);
        sum = sum * 31 + HASH_COUNT(ids);
        free(entry);
    }
    printf("emptied %016llx %d\n", (unsigned long long)sum, !ids && !names);
}

static void lists(void)
{
    struct entry entries[40], *head = NULL, *at, *stack = NULL;
    uint64_t sum = 0;
    int count;

    for (int i = 0; i < 40; i++) {
        entries[i].id = (int)(random_bits() % 100);
        if (i % 3)
            DL_APPEND(head, &entries[i]);
        else
            DL_PREPEND(head, &entries[i]);
    }
    DL_SORT(head, by_id);
    DL_COUNT(head, at, count);
    DL_FOREACH(head, at) sum = sum * 31 + (unsigned)at->id;
    printf("list of %d: %016llx\n", count, (unsigned long long)sum);
    DL_DELETE(head, &entries[5]);
    DL_SEARCH_SCALAR(head, at, id, entries[9].id);
    printf("found %d\n", at ? at->id : -1);
    for (int i = 0; i < 10; i++)
        STACK_PUSH(stack, &entries[i]);
    STACK_COUNT(stack, at, count);
    STACK_POP(stack, at);
    printf("stack of %d, top %d\n", count, at->id);
}

static int ascending(const void *one, const void *two)
{
    return *(const int *)one - *(const int *)two;
}

static void arrays(void)
{
    static const UT_icd icd = {sizeof(int), NULL, NULL, NULL};
    UT_ringbuffer *ring;
    UT_array *numbers, *strings;
    char *text = (char[]){"one"}, **at = NULL;
    uint64_t sum = 0;

    utarray_new(numbers, &icd);
    for (int i = 0; i < 300; i++) {
        int number = (int)(random_bits() % 1000);

        utarray_push_back(numbers, &number);
    }
    utarray_sort(numbers, ascending);
    utarray_erase(numbers, 10, 20);
    for (int *n = NULL; (n = utarray_next(numbers, n));)
        sum = sum * 31 + (unsigned)*n;
    printf("array of %u: %016llx\n", utarray_len(numbers),
           (unsigned long long)sum);
    utarray_free(numbers);
    utarray_new(strings, &ut_str_icd);
    for (int i = 0; i < 5; i++)
        utarray_push_back(strings, &text);
    while ((at = utarray_next(strings, at)))
        printf("%s\n", *at);
    utarray_free(strings);
    utringbuffer_new(ring, 7, &icd);
    for (int i = 0; i < 20; i++)
        utringbuffer_push_back(ring, &i);
    printf("ring %u, front %d\n", utringbuffer_len(ring),
           *(int *)utringbuffer_front(ring));
    utringbuffer_free(ring);
}

int tp_main(void)
{
    tables();
    lists();
    arrays();
    return 0;
}
