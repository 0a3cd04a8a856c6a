/* SPDX-License-Identifier: MIT */
/*
 * juggler.c - a domain that does at random all that can be done with a deque
 * of pears, each with a seed, and an array of apples, also through a proxy to
 * a neighbour and back, and compares each with a plain model of its own.
 *
 * Fruits are known by their weights, which stand in the payloads: an element
 * that comes back as another, or somebody else's, has another weight. A pear
 * weighs an even number; its seed, if it has one, one more.
 * Source: thesis 3.3, 3.4; design, section 4 (Containers).
 */
#include "juggler.h"
#include "test_import.h"

TEST_CAP(neighbour);

#define BELT 8
#define CRATE 4

struct model {
    uint64_t weight[BELT];
    uint32_t length;
};

static struct belt belts[2];
static struct model models[2];
static struct crate apples;
static uint64_t apple_weights[CRATE]; /* 0 = none */
static uint64_t state = 88172645463325252u, next_weight;
static uint32_t wrong;
static uint32_t done[OPERATIONS];

#define CLAIM(claim)                                                           \
    do {                                                                       \
        if (!(claim) && !wrong)                                                \
            wrong = __LINE__;                                                  \
    } while (0)

static uint32_t below(uint32_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % bound;
}

/* Every third one has no seed. */
static bool has_seed(uint64_t weight)
{
    return weight % 3 != 0;
}

static struct rref_pear new_pear(void)
{
    struct rref_pear pear = rref_pear_new();

    CLAIM(!rref_pear_is_null(pear));
    if (wrong)
        return pear;
    CLAIM(rref_pear_value(pear)->weight == 0);
    CLAIM(rref_apple_is_null(rref_pear_value(pear)->seed));
    next_weight += 2;
    rref_pear_value(pear)->weight = next_weight;
    if (has_seed(next_weight)) {
        rref_pear_value(pear)->seed = rref_apple_new();
        rref_apple_value(rref_pear_value(pear)->seed)->weight =
            next_weight + 1;
    }
    return pear;
}

static bool weighs(struct rref_pear pear, uint64_t weight)
{
    const struct pear *value = rref_pear_value(pear);

    if (rref_pear_is_null(pear) || !weight)
        return rref_pear_is_null(pear) && !weight;
    if (value->weight != weight)
        return false;
    if (!has_seed(weight))
        return rref_apple_is_null(value->seed);
    return rref_apple_value(value->seed)->weight == weight + 1;
}

static uint64_t in_model(const struct model *m, uint32_t index)
{
    return index < m->length ? m->weight[index] : 0;
}

static void model_insert(struct model *m, uint32_t index, uint64_t weight)
{
    uint32_t i;

    for (i = m->length++; i > index; i--)
        m->weight[i] = m->weight[i - 1];
    m->weight[index] = weight;
}

static uint64_t model_remove(struct model *m, uint32_t index)
{
    uint64_t weight = in_model(m, index);

    if (index >= m->length)
        return 0;
    for (m->length--; index < m->length; index++)
        m->weight[index] = m->weight[index + 1];
    return weight;
}

static void compare(const struct belt *belt, const struct model *m)
{
    uint32_t i;

    CLAIM(belt_len(belt) == m->length);
    CLAIM(belt_is_empty(belt) == (m->length == 0));
    CLAIM(belt_is_full(belt) == (m->length == belt_capacity()));
    CLAIM(weighs(belt_front(belt), in_model(m, 0)));
    CLAIM(weighs(belt_back(belt), in_model(m, m->length - 1)));
    for (i = 0; i <= BELT; i++)
        CLAIM(weighs(belt_get(belt, i), in_model(m, i)));
}

/* What does not fit comes back, and is ours to drop. */
static void put(struct belt *belt, struct model *m)
{
    struct rref_pear pear = new_pear();
    uint64_t handle = pear.handle;
    uint32_t way = below(3);
    uint32_t index = way == 0 ? 0 : way == 1 ? m->length : below(BELT + 2);
    bool fits = m->length < BELT && index <= m->length, pushed;

    if (way == 0)
        pushed = belt_push_front(belt, &pear);
    else if (way == 1)
        pushed = belt_push_back(belt, &pear);
    else
        pushed = belt_insert(belt, index, &pear);
    CLAIM(pushed == fits);
    CLAIM(pear.handle == (fits ? 0 : handle));
    if (fits) {
        model_insert(m, index, next_weight);
    } else {
        CLAIM(weighs(pear, next_weight));
        CLAIM(rref_pear_drop(&pear));
        done[OPERATION_FULL]++;
    }
    done[OPERATION_PUT]++;
}

static void take(struct belt *belt, struct model *m)
{
    uint32_t way = below(3);
    uint32_t index = way == 0 ? 0 : way == 1 ? m->length - 1 : below(BELT + 1);
    bool there = index < m->length, popped;
    struct rref_pear pear;

    if (way == 0)
        popped = belt_pop_front(belt, &pear);
    else if (way == 1)
        popped = belt_pop_back(belt, &pear);
    else
        popped = belt_remove(belt, index, &pear);
    CLAIM(popped == there);
    CLAIM(weighs(pear, model_remove(m, index)));
    CLAIM(rref_pear_drop(&pear) == there);
    done[OPERATION_TAKE] += there;
}

static void swap(struct belt *belt, struct model *m)
{
    uint32_t i = below(BELT + 1), j = below(BELT + 1);
    bool there = i < m->length && j < m->length;
    uint64_t kept = in_model(m, i);

    CLAIM(belt_swap(belt, i, j) == there);
    if (!there)
        return;
    m->weight[i] = m->weight[j];
    m->weight[j] = kept;
    done[OPERATION_SWAP]++;
}

static void append(uint32_t to)
{
    struct model *m = &models[to], *from = &models[1 - to];

    belt_append(&belts[to], &belts[1 - to]);
    while (from->length && m->length < BELT)
        model_insert(m, m->length, model_remove(from, 0));
    compare(&belts[1 - to], from);
    done[OPERATION_APPEND]++;
}

static void truncate(struct belt *belt, struct model *m)
{
    uint32_t length = below(BELT + 1);

    if (length)
        belt_truncate(belt, length);
    else
        belt_clear(belt);
    if (m->length > length)
        m->length = length;
    done[OPERATION_TRUNCATE]++;
}

/* The neighbour makes its first element the last. */
static void pass_belt(struct belt *belt, struct model *m)
{
    uint64_t first = model_remove(m, 0);

    CLAIM(rpc_is_ok(test_pass_belt(neighbour, belt)));
    if (first)
        model_insert(m, m->length, first);
    done[OPERATION_PASS_BELT]++;
}

static void look_belt(const struct belt *belt, const struct model *m)
{
    uint64_t sum = 0, seen = 77;
    uint32_t i;

    for (i = 0; i < m->length; i++)
        sum += m->weight[i] + (has_seed(m->weight[i]) ? m->weight[i] + 1 : 0);
    CLAIM(rpc_is_ok(test_look_belt(neighbour, belt, &seen)));
    CLAIM(seen == sum);
    done[OPERATION_LOOK_BELT]++;
}

/* Another's pears, weighing nothing, become ours. */
static void make_belt(void)
{
    struct belt made = {0};
    uint32_t count = below(BELT + 1), i;

    CLAIM(rpc_is_ok(test_make_belt(neighbour, count, &made)));
    CLAIM(belt_len(&made) == count);
    for (i = 0; i < count; i++) {
        struct rref_pear pear = belt_get(&made, i);

        CLAIM(rref_pear_value(pear)->weight == 0);
        CLAIM(!rref_apple_is_null(rref_pear_value(pear)->seed));
    }
    belt_clear(&made);
    CLAIM(belt_is_empty(&made));
    done[OPERATION_MAKE_BELT]++;
}

static void set_apple(void)
{
    struct rref_apple apple = rref_apple_new();
    uint64_t handle = apple.handle;
    uint32_t index = below(CRATE + 1);
    bool fits = index < CRATE && !apple_weights[index];

    CLAIM(handle != 0);
    next_weight += 2;
    rref_apple_value(apple)->weight = next_weight;
    CLAIM(crate_set(&apples, index, &apple) == fits);
    CLAIM(apple.handle == (fits ? 0 : handle));
    if (fits)
        apple_weights[index] = next_weight;
    else
        CLAIM(rref_apple_drop(&apple));
    done[OPERATION_SET] += fits;
}

static bool apple_weighs(struct rref_apple apple, uint64_t weight)
{
    if (rref_apple_is_null(apple) || !weight)
        return rref_apple_is_null(apple) && !weight;
    return rref_apple_value(apple)->weight == weight;
}

static void get_apple(void)
{
    uint32_t index = below(CRATE + 1);
    uint64_t weight = index < CRATE ? apple_weights[index] : 0;
    struct rref_apple apple;

    CLAIM(crate_get(&apples, index, &apple) == (weight != 0));
    CLAIM(apple_weighs(apple, weight));
    CLAIM(rref_apple_drop(&apple) == (weight != 0));
    if (weight)
        apple_weights[index] = 0;
    done[OPERATION_GET] += weight != 0;
}

static void compare_apples(void)
{
    uint32_t i, length = 0;

    for (i = 0; i <= CRATE; i++) {
        uint64_t weight = i < CRATE ? apple_weights[i] : 0;

        CLAIM(crate_has(&apples, i) == (weight != 0));
        CLAIM(apple_weighs(crate_peek(&apples, i), weight));
        length += weight != 0;
    }
    CLAIM(crate_len(&apples) == length);
}

/* The neighbour turns it round. */
static void pass_crate(void)
{
    uint32_t i;

    CLAIM(rpc_is_ok(test_pass_crate(neighbour, &apples)));
    for (i = 0; i < CRATE / 2; i++) {
        uint64_t kept = apple_weights[i];

        apple_weights[i] = apple_weights[CRATE - 1 - i];
        apple_weights[CRATE - 1 - i] = kept;
    }
    done[OPERATION_PASS_CRATE]++;
}

static void look_crate(void)
{
    uint64_t sum = 0, seen = 77;
    uint32_t i;

    for (i = 0; i < CRATE; i++)
        sum += apple_weights[i];
    CLAIM(rpc_is_ok(test_look_crate(neighbour, &apples, &seen)));
    CLAIM(seen == sum);
    done[OPERATION_LOOK_CRATE]++;
}

static void forget_apples(void)
{
    uint32_t i;

    for (i = 0; i < CRATE; i++)
        apple_weights[i] = 0;
}

static void take_crate(void)
{
    CLAIM(rpc_is_ok(test_take_crate(neighbour, &apples)));
    forget_apples();
    done[OPERATION_TAKE_CRATE]++;
}

static void make_crate(void)
{
    struct crate made = {{0}};
    uint32_t count = below(CRATE + 1);

    CLAIM(rpc_is_ok(test_make_crate(neighbour, count, &made)));
    CLAIM(crate_len(&made) == count);
    crate_clear(&made);
    CLAIM(crate_len(&made) == 0);
    done[OPERATION_MAKE_CRATE]++;
}

static void step_crate(uint32_t what)
{
    if (what < 12)
        set_apple();
    else if (what < 20)
        get_apple();
    else if (what < 24)
        pass_crate();
    else if (what < 28)
        look_crate();
    else if (what < 30)
        take_crate();
    else
        make_crate();
    compare_apples();
}

static void step_belt(uint32_t what)
{
    uint32_t which = below(2);
    struct belt *belt = &belts[which];
    struct model *m = &models[which];

    if (what < 28)
        put(belt, m);
    else if (what < 46)
        take(belt, m);
    else if (what < 50)
        swap(belt, m);
    else if (what < 52)
        append(which);
    else if (what < 53)
        truncate(belt, m);
    else if (what < 60)
        pass_belt(belt, m);
    else if (what < 63)
        look_belt(belt, m);
    else
        make_belt();
    compare(belt, m);
}

static void drop_all(void)
{
    uint32_t i;

    for (i = 0; i < 2; i++) {
        belt_clear(&belts[i]);
        models[i].length = 0;
        compare(&belts[i], &models[i]);
    }
    crate_clear(&apples);
    forget_apples();
    compare_apples();
}

uint32_t test_driver_impl_step(uint64_t what, uint64_t value)
{
    if (what == JUGGLE_COUNT)
        return value < OPERATIONS ? done[value] : 0;
    if (what == JUGGLE_DROP)
        drop_all();
    else
        for (; value && !wrong; value--) {
            if (below(4))
                step_belt(below(64));
            else
                step_crate(below(32));
        }
    return wrong;
}

TEST_DRIVER_EXPORT();
