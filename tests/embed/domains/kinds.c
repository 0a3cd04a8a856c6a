/* SPDX-License-Identifier: MIT */
/* kinds.c - does with each kind of parameter what a caller can see. */
#include "kinds.h"
#include <stdlib.h>
#include <string.h>

KINDS_EXPORT();

static uint32_t inside;

/* "data" in the arguments: the file must be as the program says. */
int tp_main(void)
{
    char text[32] = "", data[8] = "";

    tp_arguments(text, sizeof(text) - 1);
    if (strcmp(text, "die") == 0)
        abort();
    if (strcmp(text, "data") == 0)
        return tp_data(0, data, 4) != 4 || memcmp(data, "leaf", 4) != 0;
    return strcmp(text, "fail") == 0 ? 7 : 0;
}

uint32_t kinds_impl_add(uint8_t a, int16_t b, bool c, enum colour d,
                        int64_t *sum, enum colour *next)
{
    *sum = a + b + c + (int64_t)d;
    *next = d == COLOUR_BLUE ? COLOUR_RED : (enum colour)(d + 1);
    return 0;
}

uint32_t kinds_impl_is_odd(uint64_t number, bool *answer)
{
    *answer = number % 2;
    return number % 2 ? KINDS_ERROR_ODD : 0;
}

uint32_t kinds_impl_weigh(struct rref_tree tree, uint64_t *weight)
{
    struct tree *t = rref_tree_value(tree);

    *weight = t->weight + rref_leaf_value(t->leaf)->weight;
    return 0;
}

uint32_t kinds_impl_grow(struct rref_tree *tree)
{
    rref_tree_value(*tree)->weight++;
    return 0;
}

uint32_t kinds_impl_grow_all(struct leaves *leaves)
{
    struct rref_leaf leaf;
    uint32_t i;

    for (i = 0; i < leaves_capacity(); i++) {
        leaf.handle = leaves->handle[i];
        if (!rref_leaf_is_null(leaf))
            rref_leaf_value(leaf)->weight++;
    }
    return 0;
}

uint32_t kinds_impl_rotate(struct queue *queue)
{
    struct rref_leaf leaf;

    return queue_pop_front(queue, &leaf) && !queue_push_back(queue, &leaf);
}

uint32_t kinds_impl_sum(const struct queue *queue, uint64_t *weight)
{
    struct rref_leaf leaf;
    uint32_t i;

    for (i = 0; i < queue_len(queue); i++) {
        leaf.handle = queue->handle[(queue->head + i) % queue_capacity()];
        *weight += rref_leaf_value(leaf)->weight;
    }
    return 0;
}

/* For good. */
uint32_t kinds_impl_keep(struct rref_leaf *leaf)
{
    leaf->handle = 0;
    return 0;
}

uint32_t kinds_impl_make(uint32_t count, struct leaves *leaves)
{
    struct rref_leaf leaf;
    uint32_t i;

    for (i = 0; i < count && i < leaves_capacity(); i++) {
        leaf = rref_leaf_new();
        leaves->handle[i] = leaf.handle;
        rref_leaf_value(leaf)->weight = i;
    }
    return 0;
}

uint32_t kinds_impl_paint(enum colour *any)
{
    *any = (enum colour)77;
    return 0;
}

uint32_t kinds_impl_introduce(struct kinds_cap other)
{
    (void)other;
    return 0;
}

uint32_t kinds_impl_die(uint32_t how, struct rref_leaf lent,
                        struct rref_leaf *moved)
{
    static uint32_t *volatile nowhere;

    rref_leaf_value(lent)->weight += 100;
    rref_leaf_value(*moved)->weight = 0;
    if (how == 1)
        abort();
    if (how == 2)
        for (;;)
            __asm__ volatile("");
    *nowhere = how;
    return 0;
}

uint32_t kinds_impl_wait(uint32_t milliseconds, uint32_t *others)
{
    uint64_t end = tp_nanoseconds() + milliseconds * 1000000ull;

    *others = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    while (tp_nanoseconds() < end)
        ;
    __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    return 0;
}
