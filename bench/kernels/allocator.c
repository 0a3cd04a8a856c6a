/* SPDX-License-Identifier: MIT */
/*
 * allocator.c - a pool with lists of free blocks by size; a block that is freed
 * merges with free neighbours, which a word before and one behind it tell.
 */
#include "kernels.h"
#include <stddef.h>
#include <string.h>

#define POOL 65536u
#define LISTS 16u
#define UNIT 16u
#define USED 1u
#define SLOTS 256u
#define STEPS 2048u

/* @size: of this block and of the one before, in bytes; bit 0: in use. */
struct block {
    uint32_t before, size;
    struct block *next, *previous; /* of a free one */
};

static _Alignas(16) uint8_t pool[POOL];
static struct block *lists[LISTS];
static uint16_t sizes[STEPS];
static uint8_t places[STEPS];
static void *slots[SLOTS];

void kernel_allocator_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned i = 0; i < STEPS; i++) {
        uint64_t number = kernel_random(&state);

        places[i] = (uint8_t)number;
        sizes[i] =
            (uint16_t)(8 + (number >> 8) % (number & 0x10000 ? 64 : 500));
    }
}

static unsigned list_of(uint32_t bytes)
{
    unsigned list = 27u - (unsigned)__builtin_clz(bytes);

    return list < LISTS ? list : LISTS - 1;
}

static struct block *after(struct block *block)
{
    return (struct block *)((uint8_t *)block + (block->size & ~USED));
}

static void put(struct block *block, uint32_t bytes)
{
    struct block **list = &lists[list_of(bytes)];

    block->size = bytes;
    after(block)->before = bytes;
    block->previous = NULL;
    block->next = *list;
    if (block->next)
        block->next->previous = block;
    *list = block;
}

static void take(struct block *block)
{
    if (block->previous)
        block->previous->next = block->next;
    else
        lists[list_of(block->size)] = block->next;
    if (block->next)
        block->next->previous = block->previous;
}

/* One free block, and a used one of no bytes at the end. */
static void reset(void)
{
    struct block *first = (struct block *)pool;

    memset(lists, 0, sizeof(lists));
    memset(slots, 0, sizeof(slots));
    first->before = USED;
    first->size = POOL - 2 * UNIT;
    after(first)->size = USED;
    put(first, POOL - 2 * UNIT);
}

static struct block *find(uint32_t bytes)
{
    for (unsigned list = list_of(bytes); list < LISTS; list++)
        for (struct block *block = lists[list]; block; block = block->next)
            if (block->size >= bytes)
                return block;
    return NULL;
}

static void *pool_new(uint32_t bytes)
{
    uint32_t wanted = (bytes + 8 + UNIT - 1) & ~(UNIT - 1);
    struct block *block = find(wanted < 32 ? wanted = 32 : wanted);
    uint32_t rest;

    if (!block)
        return NULL;
    take(block);
    rest = block->size - wanted;
    if (rest >= 32) {
        block->size = wanted;
        put(after(block), rest);
    }
    block->size |= USED;
    after(block)->before = block->size;
    return &block->next;
}

static void pool_free(void *memory)
{
    struct block *block =
        (struct block *)((uint8_t *)memory - offsetof(struct block, next));
    uint32_t bytes = block->size & ~USED;
    struct block *next = after(block);

    if (!(next->size & USED)) {
        take(next);
        bytes += next->size;
    }
    if (!(block->before & USED)) {
        block = (struct block *)((uint8_t *)block - block->before);
        take(block);
        bytes += block->size;
    }
    put(block, bytes);
}

uint32_t kernel_allocator(uint32_t rounds)
{
    uint32_t sum = 0;

    while (rounds--) {
        reset();
        for (unsigned i = 0; i < STEPS; i++) {
            void **slot = &slots[places[i]];

            if (*slot)
                pool_free(*slot);
            *slot = pool_new(sizes[i]);
            if (*slot)
                sum = kernel_fold(sum, (uint64_t)((uint8_t *)*slot - pool));
        }
    }
    return sum;
}
