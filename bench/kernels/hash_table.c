/* SPDX-License-Identifier: MIT */
/* hash_table.c - a chained table: entries are added, found and taken out. */
#include "kernels.h"
#include <stddef.h>

#define BUCKETS 1024u
#define ENTRIES 1024u

struct entry {
    struct entry *next;
    uint64_t key, value;
};

static struct entry *buckets[BUCKETS];
static struct entry entries[ENTRIES];
static uint64_t keys[ENTRIES];

void kernel_hash_table_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned i = 0; i < BUCKETS; i++)
        buckets[i] = NULL;
    for (unsigned i = 0; i < ENTRIES; i++)
        keys[i] = kernel_random(&state);
}

static struct entry **bucket_of(uint64_t key)
{
    return &buckets[(key * 0x9e3779b97f4a7c15u) >> 54];
}

static void table_add(struct entry *entry, uint64_t key, uint64_t value)
{
    struct entry **bucket = bucket_of(key);

    entry->key = key;
    entry->value = value;
    entry->next = *bucket;
    *bucket = entry;
}

static const struct entry *table_find(uint64_t key)
{
    const struct entry *entry = *bucket_of(key);

    while (entry && entry->key != key)
        entry = entry->next;
    return entry;
}

static void table_remove(uint64_t key)
{
    struct entry **link = bucket_of(key);

    while (*link && (*link)->key != key)
        link = &(*link)->next;
    if (*link)
        *link = (*link)->next;
}

uint32_t kernel_hash_table(uint32_t rounds)
{
    uint32_t sum = 0;

    while (rounds--) {
        for (unsigned i = 0; i < ENTRIES; i++)
            table_add(&entries[i], keys[i], i);
        for (unsigned i = 0; i < 2 * ENTRIES; i++) {
            const struct entry *found =
                table_find(keys[i * 7 % ENTRIES] ^ (i & 1));

            sum = kernel_fold(sum, found ? found->value : keys[i / 2]);
        }
        for (unsigned i = 0; i < ENTRIES; i++)
            table_remove(keys[i]);
    }
    return sum;
}
