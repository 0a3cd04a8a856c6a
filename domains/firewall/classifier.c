/* SPDX-License-Identifier: MIT */
/*
 * classifier.c - the trees of a set of rules, and the search in them.
 */
#include "classifier.h"
#include <stdlib.h>

enum {
    SINGLE_BYTES = 96, /* for each box, of a tree of all */
    SINGLE_MIN = 64 << 10,
    FOREST_BYTES = 6 << 20, /* of all trees of an IP version */
    WIDE_SPAN = 0x08000000, /* a 32nd of the first word */
    SINGLE_LEAF_MAX = 16,
    SINGLE_WORK = 1 << 27,
    FOREST_WORK = 1ull << 32,
};

static bool is_wide(struct interval interval)
{
    return interval.high - interval.low >= WIDE_SPAN;
}

static uint32_t group_of(const struct boxes *boxes, uint32_t i)
{
    const struct interval *box = box_at(boxes, i);
    uint32_t target = boxes->fields == IPV6_FIELDS ? IPV6_TARGET : IPV4_TARGET;

    return (uint32_t)is_wide(box[0]) << 1 | is_wide(box[target]);
}

static void forest_free(struct forest *forest)
{
    uint32_t i;

    for (i = 0; i < TREES_MAX; i++)
        tree_free(&forest->tree[i]);
    forest->trees = 0;
}

static enum tree_result grow_single(struct forest *forest,
                                    const struct boxes *boxes, uint16_t *id)
{
    struct tree_budget budget = {
        (uint64_t)boxes->count * SINGLE_BYTES + SINGLE_MIN, SINGLE_WORK};
    enum tree_result result;
    uint32_t i;

    for (i = 0; i < boxes->count; i++)
        id[i] = (uint16_t)i;
    result = tree_build(&forest->tree[0], boxes, id, boxes->count, budget,
                        SINGLE_LEAF_MAX);
    forest->trees = result == TREE_BUILT;
    return result;
}

static bool grow_group(struct forest *forest, const struct boxes *boxes,
                       uint16_t *id, uint32_t group)
{
    struct tree_budget budget;
    uint32_t i, count = 0;

    for (i = 0; i < boxes->count; i++)
        if (group_of(boxes, i) == group)
            id[count++] = (uint16_t)i;
    if (count == 0)
        return true;
    budget.bytes = (uint64_t)FOREST_BYTES * count / boxes->count + SINGLE_MIN;
    budget.work = (uint64_t)FOREST_WORK * count / boxes->count;
    return tree_build(&forest->tree[forest->trees++], boxes, id, count, budget,
                      count) == TREE_BUILT;
}

/* So that what was found in one tree may spare the others. */
static void sort_trees(struct forest *forest)
{
    struct tree tree;
    uint32_t i, j;

    for (i = 1; i < forest->trees; i++) {
        tree = forest->tree[i];
        for (j = i; j > 0 && forest->tree[j - 1].first > tree.first; j--)
            forest->tree[j] = forest->tree[j - 1];
        forest->tree[j] = tree;
    }
}

static bool grow_groups(struct forest *forest, const struct boxes *boxes,
                        uint16_t *id)
{
    uint32_t group;

    for (group = 0; group < TREES_MAX; group++)
        if (!grow_group(forest, boxes, id, group))
            return false;
    sort_trees(forest);
    return true;
}

static bool grow_forest(struct forest *forest, const struct boxes *boxes)
{
    enum tree_result result;
    uint16_t *id;
    bool done;

    if (boxes->count == 0)
        return true;
    id = malloc(boxes->count * sizeof(*id));
    if (!id)
        return false;
    result = grow_single(forest, boxes, id);
    done = result == TREE_BUILT ||
           (result == TREE_TOO_LARGE && grow_groups(forest, boxes, id));
    free(id);
    return done;
}

static uint32_t measure(struct classifier *classifier,
                        const struct forest *forest)
{
    const struct tree *tree;
    uint32_t i, worst = 0;

    for (i = 0; i < forest->trees; i++) {
        tree = &forest->tree[i];
        worst += tree->worst;
        if (tree->leaf_max > classifier->leaf_max)
            classifier->leaf_max = tree->leaf_max;
        classifier->bytes += tree->nodes * sizeof(*tree->node) +
                             tree->ids * sizeof(*tree->id);
    }
    return worst;
}

bool classifier_build(struct classifier *classifier, const struct rules *rules)
{
    uint32_t ipv4, ipv6;

    *classifier = (struct classifier){.rules = rules};
    if (!grow_forest(&classifier->ipv4, &rules->ipv4) ||
        !grow_forest(&classifier->ipv6, &rules->ipv6)) {
        classifier_free(classifier);
        return false;
    }
    ipv4 = measure(classifier, &classifier->ipv4);
    ipv6 = measure(classifier, &classifier->ipv6);
    classifier->worst = ipv4 > ipv6 ? ipv4 : ipv6;
    return true;
}

void classifier_free(struct classifier *classifier)
{
    forest_free(&classifier->ipv4);
    forest_free(&classifier->ipv6);
}

static inline __attribute__((always_inline)) uint32_t
find(const struct forest *forest, const struct rules *rules,
     const struct boxes *boxes, const uint32_t *field, uint32_t fields,
     uint64_t *steps)
{
    uint32_t i, best = BOX_NONE;

    for (i = 0; i < forest->trees && forest->tree[i].first < best; i++)
        best = tree_find(&forest->tree[i], field, fields, best, steps);
    return best == BOX_NONE ? rules->count : boxes->rule[best];
}

uint32_t classifier_find(struct classifier *classifier, const struct key *key)
{
    const struct rules *rules = classifier->rules;

    classifier->lookups++;
    if (key->is_ipv6)
        return find(&classifier->ipv6, rules, &rules->ipv6, key->field,
                    IPV6_FIELDS, &classifier->steps);
    return find(&classifier->ipv4, rules, &rules->ipv4, key->field,
                IPV4_FIELDS, &classifier->steps);
}
