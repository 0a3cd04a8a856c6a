/* SPDX-License-Identifier: MIT */
/*
 * intruder.c - what a domain can do wrong on one thread, and the dispatch of
 * all attacks. Loaded several times it is attacker, neighbour and bystander.
 */
#include "intruder.h"

volatile struct mischief mischief = {.trick = TRICK_NOTHING};

TEST_CAP(neighbour);

bool note(struct rpc answer)
{
    if (answer.result < 8)
        mischief.answers[answer.result]++;
    if (answer.result != RPC_OK)
        mischief.refusal = (uint64_t)answer.detail << 32 | answer.result;
    return answer.result == RPC_OK;
}

/* What is in a payload is the domain's business: any handle will do. */
static uint32_t drop_chain(uint64_t length)
{
    struct rref_pear last = {0};
    uint32_t made;

    for (made = 0; made < length; made++) {
        struct rref_pear pear = rref_pear_new();

        if (rref_pear_is_null(pear))
            break;
        rref_pear_value(pear)->seed.handle = last.handle;
        last = pear;
    }
    rref_pear_drop(&last);
    return made;
}

uint32_t hoard_apples(void)
{
    uint32_t count = 0;

    while (!rref_apple_is_null(rref_apple_new()))
        count++;
    return count;
}

static uint32_t hoard_pears(void)
{
    uint32_t count = 0;

    while (!rref_pear_is_null(rref_pear_new()))
        count++;
    return count;
}

static uint32_t give(uint64_t most)
{
    uint32_t given;

    for (given = 0; given < most; given++) {
        struct rref_apple apple = rref_apple_new();

        if (!note(test_take(neighbour, &apple))) {
            rref_apple_drop(&apple); /* only what is still ours */
            break;
        }
    }
    return given;
}

static uint32_t drop_all(struct crate *apples)
{
    uint32_t i, dropped = 0;

    for (i = 0; i < 4; i++)
        if (tp_heap_drop(apples->handle[i]))
            dropped++;
    return dropped;
}

static uint32_t give_crate(void)
{
    struct crate apples;
    uint32_t i;

    for (i = 0; i < 4; i++)
        apples.handle[i] = rref_apple_new().handle;
    (void)note(test_take_crate(neighbour, &apples));
    return drop_all(&apples);
}

static uint32_t ask(void)
{
    struct rref_apple apple = {0};

    (void)note(test_make(neighbour, 5, &apple));
    return rref_apple_drop(&apple);
}

static uint32_t ask_crate(void)
{
    struct crate apples = {{0}};

    (void)note(test_make_crate(neighbour, 4, &apples));
    return drop_all(&apples);
}

/* Read as numbers: the compiler may believe that a bool is 0 or 1. */
static uint32_t judge(void)
{
    bool good = true;
    enum ripeness next = RIPENESS_RIPE;

    (void)note(test_judge(neighbour, true, RIPENESS_GREEN, &good, &next));
    return (uint32_t)*(volatile uint8_t *)&good << 16 |
           *(volatile uint32_t *)&next;
}

static uint32_t call(uint64_t times)
{
    while (times--)
        (void)note(test_narrow(neighbour, 0, 0, 0, 0, 0, 0));
    return 0;
}

/* Another domain's memory has the same addresses: the same file is in it. */
static uint32_t write_registers(void)
{
    while (!mischief.stop) {
        TP_SERVICE_CALL(11, 0, mischief.rounds, 0);
        TP_SERVICE_CALL(12, TP_POINTER(&mischief), 16, 0);
        mischief.rounds++;
    }
    return 0;
}

uint32_t test_driver_impl_step(uint64_t attack, uint64_t value)
{
    switch ((enum attack)attack) {
    case ATTACK_WHERE:
        return (uint32_t)(uintptr_t)&mischief;
    case ATTACK_NOTHING:
        return 7;
    case ATTACK_DIE:
        __builtin_trap();
    case ATTACK_CHAIN:
        return drop_chain(value);
    case ATTACK_HOARD_APPLES:
        return hoard_apples();
    case ATTACK_HOARD_PEARS:
        return hoard_pears();
    case ATTACK_GIVE:
        return give(value);
    case ATTACK_GIVE_CRATE:
        return give_crate();
    case ATTACK_ASK:
        return ask();
    case ATTACK_ASK_CRATE:
        return ask_crate();
    case ATTACK_JUDGE:
        return judge();
    case ATTACK_CALL:
        return call(value);
    case ATTACK_GROW:
        return grow_and_mark(value);
    case ATTACK_WRITE_REGISTERS:
        return write_registers();
    case ATTACK_DROP_NEXT:
        return drop_next();
    case ATTACK_ALLOC_AND_DROP:
        return alloc_and_drop(value);
    case ATTACK_TAKE_NEXT:
        return take_next();
    case ATTACK_ALLOC_IN_TURN:
        return alloc_in_turn(value);
    case ATTACK_DROP_POSTED:
        return drop_posted();
    case ATTACK_BE_REFUSED:
        return be_refused(value);
    case ATTACK_CALL_DEEP:
        return call_deep(value);
    case ATTACK_CALL_IN_CIRCLES:
        return call_in_circles(value);
    case ATTACK_CALL_WITH_FRAME:
        return call_with_frame(value);
    case ATTACK_TRADE:
        return trade(value);
    case ATTACK_SCRIBBLE:
        return scribble();
    }
    return 0;
}

TEST_DRIVER_EXPORT();
