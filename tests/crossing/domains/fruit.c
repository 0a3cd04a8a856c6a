/* SPDX-License-Identifier: MIT */
/*
 * fruit.c - a domain that implements every method of test.idl as declared, or
 * does what its order says. Loaded several times it is caller, callee and
 * bystander of the protocol's tests.
 */
#include "fruit.h"
#include "tepal/kernel.h"

struct order order = {.script = 0};

TEST_CAP(neighbour);
TEST_DRIVER_CAP(steps);

static void keep(uint64_t handle)
{
    if (order.kept_count < 16)
        order.kept[order.kept_count++] = handle;
}

/* The script for a method; true when @words of @out are its whole answer. */
static bool scripted(uint64_t *out, uint32_t words)
{
    uint64_t frame = (uint64_t)(uintptr_t)&words;
    uint32_t i;

    order.calls++;
    if (order.deepest == 0 || frame < order.deepest)
        order.deepest = frame;
    if (order.script & SCRIPT_CALL)
        perform();
    if (order.script & SCRIPT_SPIN)
        spin();
    if (order.script & SCRIPT_SERVICE)
        order.answer = call_service();
    for (i = 0; out && order.script & SCRIPT_KEEP && i < words; i++)
        keep(out[i]);
    if (order.script & SCRIPT_ANSWER)
        for (i = 0; out && i < words; i++)
            out[i] = order.forged[i];
    if (order.script & SCRIPT_DIE)
        die(order.die);
    return order.script & SCRIPT_ANSWER;
}

static uint64_t weight_of(struct rref_apple fruit)
{
    return fruit.handle ? rref_apple_value(fruit)->weight : 0;
}

static uint64_t weight_of_pear(struct rref_pear fruit)
{
    const struct pear *pear = rref_pear_value(fruit);

    return pear->weight + weight_of(pear->seed);
}

uint32_t test_impl_take(struct rref_apple *fruit)
{
    if (scripted(&fruit->handle, 1))
        return (uint32_t)order.error;
    order.seen[0] = weight_of(*fruit);
    rref_apple_drop(fruit);
    return 0;
}

uint32_t test_impl_pass(struct rref_apple *fruit)
{
    if (scripted(&fruit->handle, 1))
        return (uint32_t)order.error;
    rref_apple_value(*fruit)->weight++;
    return 0;
}

uint32_t test_impl_make(uint64_t weight, struct rref_apple *fruit)
{
    if (scripted(&fruit->handle, 1))
        return (uint32_t)order.error;
    *fruit = rref_apple_new();
    rref_apple_value(*fruit)->weight = weight;
    return 0;
}

uint32_t test_impl_look(struct rref_apple fruit, uint64_t *weight)
{
    keep(fruit.handle);
    if (scripted(weight, 1))
        return (uint32_t)order.error;
    *weight = weight_of(fruit);
    return 0;
}

uint32_t test_impl_take_pear(struct rref_pear *fruit)
{
    if (scripted(&fruit->handle, 1))
        return (uint32_t)order.error;
    rref_pear_value(*fruit)->weight++;
    return 0;
}

uint32_t test_impl_look_pear(struct rref_pear fruit, uint64_t *weight)
{
    keep(fruit.handle);
    if (scripted(weight, 1))
        return (uint32_t)order.error;
    *weight = weight_of_pear(fruit);
    return 0;
}

uint32_t test_impl_take_crate(struct crate *fruits)
{
    if (scripted(fruits->handle, 4))
        return (uint32_t)order.error;
    order.seen[0] = crate_len(fruits);
    crate_clear(fruits);
    return 0;
}

/* Reversed. */
uint32_t test_impl_pass_crate(struct crate *fruits)
{
    uint32_t i;

    if (scripted(fruits->handle, 4))
        return (uint32_t)order.error;
    for (i = 0; i < 2; i++) {
        uint64_t kept = fruits->handle[i];

        fruits->handle[i] = fruits->handle[3 - i];
        fruits->handle[3 - i] = kept;
    }
    return 0;
}

uint32_t test_impl_look_crate(const struct crate *fruits, uint64_t *weight)
{
    uint32_t i;

    if (scripted(weight, 1))
        return (uint32_t)order.error;
    for (i = 0; i < 4; i++)
        *weight += weight_of((struct rref_apple){fruits->handle[i]});
    return 0;
}

uint32_t test_impl_make_crate(uint32_t count, struct crate *fruits)
{
    if (scripted(fruits->handle, 4))
        return (uint32_t)order.error;
    while (count--)
        fruits->handle[count & 3] = rref_apple_new().handle;
    return 0;
}

/* The first becomes the last. */
uint32_t test_impl_pass_belt(struct belt *fruits)
{
    bool between = order.script & SCRIPT_BETWEEN;
    struct rref_pear pear;

    if (!between && scripted((uint64_t *)fruits, 9))
        return (uint32_t)order.error;
    if (!belt_pop_front(fruits, &pear))
        return 0;
    __builtin_memcpy(order.room, &pear.handle, sizeof(pear.handle));
    if (between)
        (void)scripted(NULL, 0);
    belt_push_back(fruits, &pear);
    return 0;
}

uint32_t test_impl_look_belt(const struct belt *fruits, uint64_t *weight)
{
    uint32_t i;

    if (scripted(weight, 1))
        return (uint32_t)order.error;
    for (i = 0; i < belt_len(fruits); i++)
        *weight += weight_of_pear(belt_get(fruits, i));
    return 0;
}

uint32_t test_impl_make_belt(uint32_t count, struct belt *fruits)
{
    struct rref_pear pear;

    if (scripted((uint64_t *)fruits, 9))
        return (uint32_t)order.error;
    while (count--) {
        pear = rref_pear_new();
        rref_pear_value(pear)->seed = rref_apple_new();
        belt_push_back(fruits, &pear);
    }
    return 0;
}

uint32_t test_impl_take_both(struct rref_apple *first, struct rref_pear *second)
{
    if (scripted(NULL, 0))
        return (uint32_t)order.error;
    order.seen[0] = weight_of(*first);
    order.seen[1] = weight_of_pear(*second);
    rref_apple_drop(first);
    rref_pear_drop(second);
    return 0;
}

uint32_t test_impl_lend_and_take(struct rref_apple lent,
                                 struct rref_apple *moved)
{
    if (scripted(NULL, 0))
        return (uint32_t)order.error;
    order.seen[0] = weight_of(lent);
    order.seen[1] = weight_of(*moved);
    rref_apple_drop(moved);
    return 0;
}

uint32_t test_impl_narrow(uint8_t a, uint16_t b, uint32_t c, int8_t d,
                          int16_t e, int32_t f)
{
    order.seen[0] = a;
    order.seen[1] = b;
    order.seen[2] = c;
    order.seen[3] = (uint64_t)(int64_t)d;
    order.seen[4] = (uint64_t)(int64_t)e;
    order.seen[5] = (uint64_t)(int64_t)f;
    return 0;
}

uint32_t test_impl_widths(uint64_t seed, uint8_t *a, uint16_t *b, uint32_t *c,
                          uint64_t *d, int32_t *e)
{
    *a = (uint8_t)seed;
    *b = (uint16_t)seed;
    *c = (uint32_t)seed;
    *d = seed;
    *e = (int32_t)seed;
    return 0;
}

uint32_t test_impl_judge(bool fresh, enum ripeness state, bool *good,
                         enum ripeness *next)
{
    order.seen[0] = fresh;
    order.seen[1] = state;
    if (scripted(NULL, 0)) {
        *(volatile uint8_t *)good = (uint8_t)order.forged[0];
        *(volatile uint32_t *)next = (uint32_t)order.forged[1];
        return (uint32_t)order.error;
    }
    *good = fresh && state == RIPENESS_RIPE;
    *next = state == RIPENESS_GREEN ? RIPENESS_RIPE : RIPENESS_ROTTEN;
    return state == RIPENESS_ROTTEN ? FRUIT_ERROR_BRUISED : 0;
}

uint32_t test_impl_forge(uint64_t handle, struct rref_apple *fruit)
{
    fruit->handle = handle;
    return 0;
}

uint32_t test_impl_forge_belt(uint64_t handle, uint32_t head, uint32_t length,
                              struct belt *fruits)
{
    uint64_t *words = (uint64_t *)fruits;
    uint32_t i;

    words[0] = (uint64_t)length << 32 | head;
    for (i = 1; i < 9; i++)
        words[i] = handle;
    return 0;
}

/* how: a way to die, and 0x100 to drop the fruit before. */
uint32_t test_impl_crash(uint32_t how, struct rref_apple *fruit,
                         struct rref_apple *back)
{
    (void)back;
    if (how & 0x100)
        rref_apple_drop(fruit);
    (void)scripted(NULL, 0);
    die(how & 0xff);
}

uint32_t test_impl_crash_lent(uint32_t how, struct rref_apple fruit)
{
    (void)fruit;
    (void)scripted(NULL, 0);
    if (how == WAY_COUNT) /* in none */
        return 0;
    die(how);
}

TEST_EXPORT();
