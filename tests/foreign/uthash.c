/* SPDX-License-Identifier: MIT */
/* uthash.c - hash tables, lists, arrays and strings of Debian's uthash-dev. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define uthash_fatal(message) abort() /* a domain has no exit() */
#include <uthash.h>
#include <utlist.h>

struct item {
    int key, value;
    struct item *next, *prev;
    UT_hash_handle hh, by_name;
    char name[16];
};

static int by_value(const struct item *one, const struct item *two)
{
    return one->value - two->value;
}

static int list_by_key(const struct item *one, const struct item *two)
{
    return one->key - two->key;
}

int tp_main(void)
{
    struct item *table = NULL, *names = NULL, *list = NULL, *item, *other;
    unsigned sum = 0;

    for (int i = 0; i < 3000; i++) {
        item = calloc(1, sizeof *item);
        if (!item)
            return 1;
        item->key = (int)((unsigned)i * 2654435761u >> 12);
        item->value = i * 7919 % 3001;
        snprintf(item->name, sizeof item->name, "n%d", i);
        HASH_ADD_INT(table, key, item);
        HASH_ADD_KEYPTR(by_name, names, item->name, strlen(item->name), item);
        if (i % 3 == 0)
            DL_PREPEND(list, item);
    }
    for (int i = 0; i < 3000; i += 7) {
        char name[16];
        int key = (int)((unsigned)i * 2654435761u >> 12);

        HASH_FIND_INT(table, &key, item);
        snprintf(name, sizeof name, "n%d", i + 1);
        HASH_FIND(by_name, names, name, strlen(name), other);
        sum = sum * 31 + (item ? (unsigned)item->value : 0) +
              (other ? (unsigned)other->key : 0);
    }
    printf("found %u\n", sum);
    HASH_SRT(hh, table, by_value);
    sum = 0;
    for (item = table; item; item = item->hh.next)
        sum = sum * 31 + (unsigned)item->value;
    printf("sorted %u, %u of them\n", sum, HASH_COUNT(table));
    DL_SORT(list, list_by_key);
    DL_FOREACH(list, item)
        sum = sum * 31 + (unsigned)item->key;
    printf("list %u\n", sum);
    HASH_ITER(hh, table, item, other) {
        HASH_DEL(table, item);
        HASH_DELETE(by_name, names, item);
        free(item);
    }
    printf("left %u %u\n", HASH_COUNT(table), HASH_CNT(by_name, names));
    return 0;
}
