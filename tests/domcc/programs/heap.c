/* SPDX-License-Identifier: MIT */
/*
 * malloc under a random load: blocks do not overlap, keep their contents,
 * are aligned, and freed memory is used again.
 */
#include "check.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tepal/kernel.h>

enum { BLOCKS = 300, STEPS = 40000 };

static struct block {
    unsigned char *at;
    size_t bytes;
    unsigned char mark;
} blocks[BLOCKS];

static int is_whole(const struct block *block)
{
    for (size_t i = 0; i < block->bytes; i++)
        if (block->at[i] != block->mark)
            return 0;
    return 1;
}

static size_t random_size(void)
{
    size_t bytes = (size_t)rand() % 200;

    return rand() % 50 == 0 ? bytes * 500 : bytes;
}

static void fresh(struct block *block)
{
    block->bytes = random_size();
    block->mark = (unsigned char)rand();
    block->at =
        rand() % 8 ? malloc(block->bytes) : aligned_alloc(256, block->bytes);
    CHECK(block->at && (uintptr_t)block->at % 16 == 0);
    memset(block->at, block->mark, block->bytes);
}

static void resize(struct block *block)
{
    size_t bytes = random_size();
    size_t kept = bytes < block->bytes ? bytes : block->bytes;

    block->at = realloc(block->at, bytes);
    CHECK(block->at);
    block->bytes = kept;
    CHECK(is_whole(block));
    block->bytes = bytes;
    memset(block->at, block->mark, bytes);
}

static void step(void)
{
    struct block *block = &blocks[rand() % BLOCKS];

    if (!block->at) {
        fresh(block);
        return;
    }
    CHECK(is_whole(block));
    if (rand() % 4 == 0) {
        resize(block);
    } else {
        free(block->at);
        block->at = NULL;
    }
}

static void reuse(void)
{
    unsigned char *last = tp_private_grow(4096);

    for (int i = 0; i < 10000; i++) {
        void *memory = malloc(100000);

        CHECK(memory);
        free(memory);
    }
    CHECK((unsigned char *)tp_private_grow(4096) - last < 300000);
}

static void edges(void)
{
    unsigned char *memory = calloc(10, 10);

    for (int i = 0; i < 100; i++)
        CHECK(memory[i] == 0);
    free(memory);
    free(NULL);
    CHECK(!malloc(hidden(~(size_t)0)) && !malloc(hidden((size_t)1 << 40)));
    CHECK(!calloc(hidden((size_t)1 << 33), (size_t)1 << 33));
    memory = malloc(0);
    CHECK(memory);
    free(memory);
    memory = aligned_alloc(4096, 100);
    CHECK(memory && (uintptr_t)memory % 4096 == 0);
    free(memory);
    CHECK(!aligned_alloc(24, 8));
}

int tp_main(void)
{
    srand(7);
    for (int i = 0; i < STEPS; i++)
        step();
    for (int i = 0; i < BLOCKS; i++) {
        CHECK(!blocks[i].at || is_whole(&blocks[i]));
        free(blocks[i].at);
    }
    edges();
    reuse();
    return check_failures;
}
