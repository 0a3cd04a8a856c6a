/* SPDX-License-Identifier: MIT */
/* tree.c - a binary search tree: insertion, lookup, a walk in order. */
#include "kernels.h"
#include <stddef.h>

#define NODES 1024u

struct node {
    struct node *left, *right;
    uint32_t key, count;
};

static struct node nodes[NODES];
static uint32_t keys[NODES];
static uint32_t walked;

void kernel_tree_prepare(void)
{
    uint64_t state = KERNEL_SEED;

    for (unsigned i = 0; i < NODES; i++)
        keys[i] = (uint32_t)kernel_random(&state);
}

static void insert(struct node **root, struct node *node)
{
    while (*root)
        root = node->key < (*root)->key ? &(*root)->left : &(*root)->right;
    *root = node;
}

static struct node *find(struct node *node, uint32_t key)
{
    while (node && node->key != key)
        node = key < node->key ? node->left : node->right;
    return node;
}

static void walk(const struct node *node)
{
    if (!node)
        return;
    walk(node->left);
    walked = kernel_fold(walked, node->key + node->count);
    walk(node->right);
}

uint32_t kernel_tree(uint32_t rounds)
{
    walked = 0;
    while (rounds--) {
        struct node *root = NULL;

        for (unsigned i = 0; i < NODES; i++) {
            nodes[i] = (struct node){NULL, NULL, keys[i], 0};
            insert(&root, &nodes[i]);
        }
        for (unsigned i = 0; i < NODES; i++) {
            struct node *node = find(root, keys[i * 5 % NODES]);

            if (node)
                node->count++;
        }
        walk(root);
    }
    return walked;
}
