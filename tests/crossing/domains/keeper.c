/* SPDX-License-Identifier: MIT */
/*
 * keeper.c - interface keeper: capabilities that came in stand in order.keys,
 * where the test program can read them, and write what is no capability.
 */
#include "fruit.h"

static uint32_t *key(uint32_t at)
{
    return &order.keys[at % 8];
}

uint32_t keeper_impl_keep(uint32_t at, struct test_cap tester)
{
    *key(at) = tester.index;
    return 0;
}

uint32_t keeper_impl_hand_out(uint32_t at, struct test_cap *tester)
{
    tester->index = *key(at);
    return 0;
}

uint32_t keeper_impl_keep_both(struct test_cap tester, struct rref_apple *fruit)
{
    *key(0) = tester.index;
    rref_apple_drop(fruit);
    return 0;
}

/* The fruit is what the order says it is. */
uint32_t keeper_impl_give_both(uint32_t at, struct test_cap *tester,
                               struct rref_apple *fruit)
{
    tester->index = *key(at);
    fruit->handle = order.forged[0];
    return 0;
}

KEEPER_EXPORT();

/* Made once: each would take another place in the table. */
uint32_t keeper_impl_self(struct keeper_cap *self)
{
    static struct keeper_cap own;

    if (keeper_cap_is_null(own))
        own = keeper_impl_cap();
    *self = own;
    return 0;
}

uint32_t keeper_impl_introduce(struct keeper_cap other, struct test_cap tester)
{
    struct rpc rpc = keeper_keep(other, 0, tester);

    order.answer = rpc.result;
    *key(1) = tester.index;
    return 0;
}
