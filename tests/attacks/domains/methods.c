/* SPDX-License-Identifier: MIT */
/*
 * methods.c - every method of test.idl: keeps what comes, makes what is asked
 * for, and does as the trick says.
 */
#include "intruder.h"

uint32_t test_impl_take(struct rref_apple *fruit)
{
    eat(fruit, 1);
    return 0;
}

uint32_t test_impl_pass(struct rref_apple *fruit)
{
    expose(fruit, 1);
    return 0;
}

uint32_t test_impl_make(uint64_t weight, struct rref_apple *fruit)
{
    (void)weight;
    *fruit = rref_apple_new();
    return 0;
}

uint32_t test_impl_look(struct rref_apple fruit, uint64_t *weight)
{
    (void)fruit;
    let_them_scribble();
    *weight = 0;
    return 0;
}

uint32_t test_impl_take_pear(struct rref_pear *fruit)
{
    expose(fruit, 1);
    return 0;
}

uint32_t test_impl_look_pear(struct rref_pear fruit, uint64_t *weight)
{
    (void)fruit;
    let_them_scribble();
    *weight = 0;
    return 0;
}

uint32_t test_impl_take_crate(struct crate *fruits)
{
    eat(fruits, 4);
    if (mischief.trick == TRICK_HOARD)
        mischief.hoarded = hoard_apples();
    return 0;
}

uint32_t test_impl_pass_crate(struct crate *fruits)
{
    expose(fruits, 4);
    return 0;
}

uint32_t test_impl_look_crate(const struct crate *fruits, uint64_t *weight)
{
    (void)fruits;
    let_them_scribble();
    *weight = 0;
    return 0;
}

uint32_t test_impl_make_crate(uint32_t count, struct crate *fruits)
{
    while (count--)
        fruits->handle[count & 3] = rref_apple_new().handle;
    expose(fruits, 4);
    return 0;
}

uint32_t test_impl_pass_belt(struct belt *fruits)
{
    expose(fruits, 9);
    return 0;
}

uint32_t test_impl_look_belt(const struct belt *fruits, uint64_t *weight)
{
    (void)fruits;
    let_them_scribble();
    *weight = 0;
    return 0;
}

uint32_t test_impl_make_belt(uint32_t count, struct belt *fruits)
{
    struct rref_pear pear;

    while (mischief.trick == TRICK_EXPOSE && count--) {
        pear = rref_pear_new();
        if (!rref_pear_is_null(pear))
            belt_push_back(fruits, &pear);
    }
    expose(fruits, 9);
    return 0;
}

uint32_t test_impl_take_both(struct rref_apple *first, struct rref_pear *second)
{
    eat(first, 1);
    eat(second, 1);
    return 0;
}

uint32_t test_impl_lend_and_take(struct rref_apple lent,
                                 struct rref_apple *moved)
{
    (void)lent;
    let_them_scribble();
    eat(moved, 1);
    return 0;
}

/* Its stack is used, so that a bad one is noticed. */
uint32_t test_impl_narrow(uint8_t a, uint16_t b, uint32_t c, int8_t d,
                          int16_t e, int32_t f)
{
    volatile uint64_t local[4] = {b, c, (uint64_t)d, (uint64_t)(e + f)};

    if (mischief.trick == TRICK_CIRCLE)
        circle();
    if (mischief.trick == TRICK_CALL_BACK)
        call_back();
    return (uint32_t)local[a & 3] & 0;
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

/* Numbers that are no bool and no enum, if the test says so. */
uint32_t test_impl_judge(bool fresh, enum ripeness state, bool *good,
                         enum ripeness *next)
{
    (void)fresh;
    (void)state;
    *(volatile uint8_t *)good = (uint8_t)mischief.forged[0];
    *(volatile uint32_t *)next = (uint32_t)mischief.forged[1];
    return 0;
}

uint32_t test_impl_forge(uint64_t handle, struct rref_apple *fruit)
{
    fruit->handle = handle;
    return 0;
}

uint32_t test_impl_forge_belt(uint64_t handle, uint32_t head, uint32_t length,
                              struct belt *fruits)
{
    (void)handle;
    (void)head;
    (void)length;
    (void)fruits;
    return 0;
}

uint32_t test_impl_crash(uint32_t how, struct rref_apple *fruit,
                         struct rref_apple *back)
{
    (void)how;
    (void)fruit;
    (void)back;
    return 0;
}

uint32_t test_impl_crash_lent(uint32_t how, struct rref_apple fruit)
{
    (void)how;
    (void)fruit;
    return 0;
}

TEST_EXPORT();
