/* SPDX-License-Identifier: MIT */
/*
 * tree.c - building the tree.
 *
 * A part of space is split at one value of one field until few boxes reach
 * into it. Behind a box that fills a part no other can match there, and they
 * are left out; that alone makes most overlaps harmless. A box that reaches
 * into both halves stands in both, so a tree may grow beyond its budget. Then
 * it is built anew with leaves of twice the size, until it fits: one leaf with
 * all boxes always does. So every leaf has its bound, and the tree too.
 *
 * The field is the one with the fewest boxes in an average segment between
 * two ends of boxes, the value the end that halves the sum over segments.
 * Of many boxes' ends a sample is looked at.
 */
#include "tree.h"
#include <stdlib.h>
#include <string.h>

enum {
    ENDS_MAX = 32,
    LEAF_BYTES = 2 * sizeof(struct node), /* its own, and its parent's share */
    SCRATCH_FACTOR = 12,
    SCRATCH_MIN = 4096,
    ROOM_MIN = 64,
};

struct builder {
    struct tree *tree;
    struct tree_budget left;
    uint32_t leaf_max;
    struct interval region[FIELDS_MAX];
    uint16_t *scratch; /* the lists of all parts on the way down */
    uint32_t used, room;
    bool no_memory;
};

/* A part's boxes, in the scratch memory. */
struct part {
    const uint16_t *id;
    uint32_t count;
};

struct split {
    uint32_t field, value; /* field: FIELDS_MAX when there is none */
};

static bool spend(struct builder *builder, uint64_t work)
{
    if (builder->left.work < work)
        return false;
    builder->left.work -= work;
    return true;
}

static bool insert_end(uint32_t *end, uint32_t *count, uint32_t value)
{
    uint32_t i = *count;

    for (; i > 0 && end[i - 1] > value; i--)
        end[i] = end[i - 1];
    end[i] = value;
    return ++*count == ENDS_MAX;
}

static uint32_t unique(uint32_t *end, uint32_t count)
{
    uint32_t i, kept = 0;

    for (i = 0; i < count; i++)
        if (i == 0 || end[i] != end[i - 1])
            end[kept++] = end[i];
    return kept;
}

/* A number without a common factor with @count, to go through boxes by. */
static uint32_t stride_of(uint32_t count)
{
    uint32_t stride = (uint32_t)(count * 0x9e3779b9ull >> 32) | 1, a, b, rest;

    for (;; stride += 2) {
        for (a = count, b = stride; b; a = b, b = rest)
            rest = a % b;
        if (a == 1)
            return stride;
    }
}

/*
 * Values at which boxes end within the region, ascending; a sample of them
 * when there are many, none only when there are none.
 */
static uint32_t sample_ends(const struct builder *builder,
                            const struct part *part, uint32_t field,
                            uint32_t *end)
{
    const struct boxes *boxes = builder->tree->boxes;
    struct interval region = builder->region[field], box;
    uint32_t stride = stride_of(part->count), at = 0, count = 0, i;

    for (i = 0; i < part->count; i++) {
        box = box_at(boxes, part->id[at])[field];
        if (box.low > region.low && insert_end(end, &count, box.low - 1))
            break;
        if (box.high < region.high && insert_end(end, &count, box.high))
            break;
        at += stride;
        while (at >= part->count)
            at -= part->count;
    }
    return unique(end, count);
}

/* How many of @end are below @value: its segment. */
static uint32_t segment_of(const uint32_t *end, uint32_t count, uint32_t value)
{
    uint32_t below = 0, step;

    for (step = ENDS_MAX; step; step /= 2)
        if (below + step <= count && end[below + step - 1] < value)
            below += step;
    return below;
}

/* weight[s]: boxes in segment s, of @ends + 1. Returns their sum. */
static uint64_t weigh(const struct builder *builder, const struct part *part,
                      uint32_t field, const uint32_t *end, uint32_t ends,
                      uint32_t *weight)
{
    uint32_t i;
    uint64_t sum = 0;
    struct interval box;

    memset(weight, 0, (ENDS_MAX + 2) * sizeof(*weight));
    for (i = 0; i < part->count; i++) {
        box = box_at(builder->tree->boxes, part->id[i])[field];
        weight[segment_of(end, ends, box.low)]++;
        weight[segment_of(end, ends, box.high) + 1]--;
    }
    for (i = 0; i <= ends; i++) {
        weight[i] += i ? weight[i - 1] : 0;
        sum += weight[i];
    }
    return sum;
}

static uint32_t halve(const uint32_t *weight, const uint32_t *end,
                      uint32_t ends, uint64_t sum)
{
    uint64_t below = 0;
    uint32_t i;

    for (i = 0; i < ends; i++) {
        below += weight[i];
        if (2 * below >= sum)
            break;
    }
    return end[i < ends ? i : ends - 1];
}

static struct split choose(struct builder *builder, const struct part *part)
{
    uint32_t end[ENDS_MAX], weight[ENDS_MAX + 2], field, ends;
    struct split best = {FIELDS_MAX, 0};
    uint64_t sum, best_sum = 0, best_segments = 1;

    for (field = 0; field < builder->tree->boxes->fields; field++) {
        if (!spend(builder, part->count))
            return best;
        ends = sample_ends(builder, part, field, end);
        if (!ends)
            continue;
        if (!spend(builder, (uint64_t)part->count * 12))
            return best;
        sum = weigh(builder, part, field, end, ends, weight);
        if (best.field == FIELDS_MAX ||
            sum * best_segments < best_sum * (ends + 1)) {
            best.field = field;
            best.value = halve(weight, end, ends, sum);
            best_sum = sum;
            best_segments = ends + 1;
        }
    }
    return best;
}

static bool fills(const struct builder *builder, const struct interval *box)
{
    uint32_t field;

    for (field = 0; field < builder->tree->boxes->fields; field++)
        if (box[field].low > builder->region[field].low ||
            box[field].high < builder->region[field].high)
            return false;
    return true;
}

/* Put those of @from that reach into the region, along @field, on top. */
static bool select_boxes(struct builder *builder, const struct part *from,
                         uint32_t field, struct part *to)
{
    struct interval region = builder->region[field];
    const struct interval *box;
    uint32_t i;

    *to = (struct part){&builder->scratch[builder->used], 0};
    if (builder->room - builder->used < from->count)
        return false;
    for (i = 0; i < from->count; i++) {
        box = box_at(builder->tree->boxes, from->id[i]);
        if (box[field].low > region.high || box[field].high < region.low)
            continue;
        builder->scratch[builder->used++] = from->id[i];
        to->count++;
        if (fills(builder, box))
            break;
    }
    return true;
}

/* Room for @more elements behind @used; it grows twofold. */
static void *reserve(void *memory, uint32_t used, uint32_t *room, uint32_t more,
                     size_t bytes)
{
    uint32_t wanted = 2 * *room + ROOM_MIN;
    void *larger;

    if (memory && *room - used >= more)
        return memory;
    if (wanted < used + more)
        wanted = used + more;
    larger = realloc(memory, wanted * bytes);
    if (larger)
        *room = wanted;
    return larger;
}

static bool reserve_nodes(struct tree *tree, uint32_t more)
{
    struct node *node = reserve(tree->node, tree->nodes, &tree->node_room, more,
                                sizeof(*node));

    if (node)
        tree->node = node;
    return node != NULL;
}

static bool reserve_ids(struct tree *tree, uint32_t more)
{
    uint16_t *id =
        reserve(tree->id, tree->ids, &tree->id_room, more, sizeof(*id));

    if (id)
        tree->id = id;
    return id != NULL;
}

static bool make_leaf(struct builder *builder, uint32_t node,
                      const struct part *part, uint32_t depth)
{
    struct tree *tree = builder->tree;
    uint64_t bytes = LEAF_BYTES + part->count * sizeof(uint16_t);

    if (builder->left.bytes < bytes)
        return false;
    builder->left.bytes -= bytes;
    if (!reserve_ids(tree, part->count)) {
        builder->no_memory = true;
        return false;
    }
    tree->node[node].value = part->count;
    tree->node[node].link =
        tree->ids | (uint32_t)TREE_LEAF << TREE_FIELD_SHIFT;
    memcpy(&tree->id[tree->ids], part->id, part->count * sizeof(uint16_t));
    tree->ids += part->count;
    if (depth + part->count > tree->worst)
        tree->worst = depth + part->count;
    return true;
}

static bool build(struct builder *builder, uint32_t node, struct part part,
                  uint32_t depth);

/* Put the boxes of both halves on top. */
static bool halve_part(struct builder *builder, const struct part *part,
                       struct split split, struct part *half)
{
    struct interval *region = &builder->region[split.field], whole = *region;
    bool fit;

    region->high = split.value;
    fit = select_boxes(builder, part, split.field, &half[0]);
    *region = (struct interval){split.value + 1, whole.high};
    fit = fit && select_boxes(builder, part, split.field, &half[1]);
    *region = whole;
    return fit;
}

static bool build_halves(struct builder *builder, uint32_t node,
                         struct split split, const struct part *half,
                         uint32_t depth)
{
    struct interval *region = &builder->region[split.field], whole = *region;
    uint32_t child = builder->tree->nodes;
    bool built;

    if (child + 2 > TREE_LINK_MASK)
        return false;
    if (!reserve_nodes(builder->tree, 2)) {
        builder->no_memory = true;
        return false;
    }
    builder->tree->nodes += 2;
    builder->tree->node[node] =
        (struct node){split.value, child | split.field << TREE_FIELD_SHIFT};
    region->high = split.value;
    built = build(builder, child, half[0], depth + 1);
    *region = (struct interval){split.value + 1, whole.high};
    built = built && build(builder, child + 1, half[1], depth + 1);
    *region = whole;
    return built;
}

/* False: it does not fit. */
static bool build(struct builder *builder, uint32_t node, struct part part,
                  uint32_t depth)
{
    uint32_t used = builder->used;
    struct part half[2];
    struct split split;
    bool built;

    if (part.count <= builder->leaf_max)
        return make_leaf(builder, node, &part, depth);
    if (depth == TREE_DEPTH_MAX)
        return false;
    split = choose(builder, &part);
    if (split.field == FIELDS_MAX)
        return false;
    built = halve_part(builder, &part, split, half) &&
            build_halves(builder, node, split, half, depth);
    builder->used = used;
    return built;
}

/* The whole space: ports and the protocol come last, as in every box. */
static void start(struct builder *builder)
{
    uint32_t field, fields = builder->tree->boxes->fields;

    for (field = 0; field < fields; field++)
        builder->region[field] = (struct interval){0, UINT32_MAX};
    builder->region[fields - 3].high = PORT_NONE;
    builder->region[fields - 2].high = PORT_NONE;
    builder->region[fields - 1].high = PROTOCOL_MAX;
}

/* With leaves of at most @leaf_max boxes. False: it does not fit. */
static bool attempt(struct builder *builder, const struct part *given,
                    uint32_t leaf_max)
{
    struct tree *tree = builder->tree;
    struct part all;

    builder->used = 0;
    builder->leaf_max = leaf_max;
    tree->worst = tree->ids = tree->nodes = 0;
    start(builder);
    builder->no_memory =
        !builder->scratch || !reserve_nodes(tree, 1) ||
        !select_boxes(builder, given, 0, &all);
    if (builder->no_memory)
        return false;
    tree->nodes = 1;
    return build(builder, 0, all, 0);
}

enum tree_result tree_build(struct tree *tree, const struct boxes *boxes,
                            const uint16_t *id, uint32_t count,
                            struct tree_budget budget, uint32_t leaf_max)
{
    struct builder builder = {
        .tree = tree,
        .room = count * SCRATCH_FACTOR + SCRATCH_MIN,
    };
    struct part given = {id, count};
    bool built;

    *tree = (struct tree){.boxes = boxes, .first = id[0],
                          .leaf_max = TREE_LEAF_MIN};
    builder.scratch = malloc(builder.room * sizeof(*builder.scratch));
    for (;; tree->leaf_max *= 2) {
        builder.left = budget;
        built = attempt(&builder, &given, tree->leaf_max);
        if (built || builder.no_memory || tree->leaf_max >= leaf_max)
            break;
    }
    free(builder.scratch);
    if (!built)
        tree_free(tree);
    if (builder.no_memory)
        return TREE_NO_MEMORY;
    return built ? TREE_BUILT : TREE_TOO_LARGE;
}

void tree_free(struct tree *tree)
{
    free(tree->node);
    free(tree->id);
    *tree = (struct tree){0};
}
