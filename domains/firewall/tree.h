/* SPDX-License-Identifier: MIT */
/*
 * tree.h - a decision tree over boxes: which is the first that holds a point?
 *
 * An inner node compares one field with one value; a leaf lists, in order, the
 * boxes that reach into its part of space, up to the first that fills it.
 * Source: Qi et al., "Packet Classification Algorithms: From Theory to
 * Practice", INFOCOM 2009 (HyperSplit): where to split. Gupta and McKeown,
 * "Packet Classification using Hierarchical Intelligent Cuttings", Hot
 * Interconnects 1999 (HiCuts): leaves of bounded size, boxes that are covered.
 */
#pragma once
#include "key.h"
#include "rules.h"

enum {
    TREE_LEAF_MIN = 4,   /* boxes, where memory allows */
    TREE_DEPTH_MAX = 48, /* comparisons before a leaf */
    TREE_FIELD_SHIFT = 28,
    TREE_LINK_MASK = (1 << TREE_FIELD_SHIFT) - 1,
    TREE_LEAF = 15, /* in the place of a field */
    BOX_NONE = UINT32_MAX,
};

/* Inner: children at link (<= value) and link + 1. Leaf: value ids at link. */
struct node {
    uint32_t value;
    uint32_t link; /* above TREE_FIELD_SHIFT: the field */
};

struct tree {
    const struct boxes *boxes;
    struct node *node;
    uint16_t *id; /* numbers of boxes, ascending in each leaf */
    uint32_t nodes, node_room, ids, id_room;
    uint32_t first;    /* the first box of all */
    uint32_t leaf_max; /* boxes in a leaf */
    uint32_t worst;    /* steps of a lookup, at most */
};

struct tree_budget {
    uint64_t bytes; /* of nodes and ids, when it is done */
    uint64_t work;  /* comparisons of a box with a value, about */
};

enum tree_result { TREE_BUILT, TREE_TOO_LARGE, TREE_NO_MEMORY };

/*
 * Build a tree of @count boxes whose numbers stand in @id, ascending; with
 * leaves as small as the budget allows, but not larger than @leaf_max, or less
 * than twice that. With @leaf_max of @count it is never too large.
 * Needs:  @count at least 1; bytes for 32 and 2 for each box.
 * Cost:   @budget, at most; its work for each size of leaves that is tried.
 * Owns:   @tree holds memory if it was built, for tree_free().
 */
enum tree_result tree_build(struct tree *tree, const struct boxes *boxes,
                            const uint16_t *id, uint32_t count,
                            struct tree_budget budget, uint32_t leaf_max);
void tree_free(struct tree *tree);

/*
 * The first box before @best that holds the point @field, or @best. A step is
 * a node or a box that is looked at; they are added to @steps.
 */
static inline __attribute__((always_inline)) uint32_t
tree_find(const struct tree *tree, const uint32_t *field, uint32_t fields,
          uint32_t best, uint64_t *steps)
{
    const struct node *node = tree->node;
    const struct interval *box;
    const uint16_t *id;
    uint32_t i, f, outside;

    for (; node->link >> TREE_FIELD_SHIFT != TREE_LEAF; ++*steps)
        node = &tree->node[(node->link & TREE_LINK_MASK) +
                           (field[node->link >> TREE_FIELD_SHIFT] >
                            node->value)];
    id = &tree->id[node->link & TREE_LINK_MASK];
    for (i = 0; i < node->value && id[i] < best; i++) {
        ++*steps;
        box = &tree->boxes->interval[(uint32_t)id[i] * fields];
        outside = 0;
        for (f = 0; f < fields; f++)
            outside |= field[f] - box[f].low > box[f].high - box[f].low;
        if (!outside)
            return id[i];
    }
    return best;
}
