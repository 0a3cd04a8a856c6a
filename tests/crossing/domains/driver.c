/* SPDX-License-Identifier: MIT */
/* driver.c - the calls a test tells the domain to make, raw. */
#include "fruit.h"

#define RAW_CALL(entry)                                                        \
    return TP_IMPORT_CALL(entry, order.cap, order.argument[0],                 \
                          order.argument[1], order.argument[2],                \
                          order.argument[3], order.argument[4],                \
                          order.argument[5])

#define RAW(number)                                                            \
    case number:                                                               \
        RAW_CALL("__tepal_test_" #number)

/* From 40 on. */
#define RAW_KEEPER(number)                                                     \
    case 40 + number:                                                          \
        RAW_CALL("__tepal_keeper_" #number)

/* Through entries of test, of keeper or, else, of test_driver. */
static uint64_t call_raw(void)
{
    switch (order.method) {
        RAW(0);
        RAW(1);
        RAW(2);
        RAW(3);
        RAW(4);
        RAW(5);
        RAW(6);
        RAW(7);
        RAW(8);
        RAW(9);
        RAW(10);
        RAW(11);
        RAW(12);
        RAW(13);
        RAW(14);
        RAW(15);
        RAW(16);
        RAW(17);
        RAW(18);
        RAW(19);
        RAW(20);
        RAW(21);
        RAW_KEEPER(0);
        RAW_KEEPER(1);
        RAW_KEEPER(2);
        RAW_KEEPER(3);
        RAW_KEEPER(4);
        RAW_KEEPER(5);
    default:
        RAW_CALL("__tepal_test_driver_0");
    }
}

/* Never inlined: the loop over a thousand crossings is about its frame. */
__attribute__((noinline)) void perform(void)
{
    volatile uint64_t canary[4] = {ORDER_SECRET, 1, 2, ORDER_SECRET};
    uint64_t answer;

    order.call_frame = (uint64_t)(uintptr_t)canary;
    answer = call_raw();
    if (canary[0] != ORDER_SECRET || canary[3] != ORDER_SECRET)
        order.overwritten++;
    if ((uint32_t)answer && !order.first_failure)
        order.first_failure = answer;
    order.answer = answer;
    order.made++;
}

#define SERVICE(number)                                                        \
    case number:                                                               \
        return TP_SERVICE_CALL(number, order.argument[0], order.argument[1],   \
                               order.argument[2])

uint64_t call_service(void)
{
    switch (order.method) {
        SERVICE(0);
        SERVICE(1);
        SERVICE(2);
        SERVICE(3);
        SERVICE(4);
        SERVICE(5);
        SERVICE(6);
        SERVICE(7);
        SERVICE(8);
        SERVICE(9);
        SERVICE(10);
        SERVICE(11);
        SERVICE(12);
        SERVICE(13);
        SERVICE(14);
        SERVICE(15);
        SERVICE(16);
        SERVICE(17);
        SERVICE(18);
        SERVICE(19);
        SERVICE(20);
    default:
        return 0;
    }
}

void spin(void)
{
    uint64_t how;

    while ((how = __atomic_load_n(&order.spin, __ATOMIC_RELAXED)) != 0) {
        __atomic_store_n(&order.turns, order.turns + 1, __ATOMIC_RELAXED);
        if (how == SPIN_IN_SERVICES)
            (void)tp_cycles();
        if (how == SPIN_IN_ORDERED)
            order.answer = call_service();
    }
}

/* Each drop has a child to drop first. */
static void churn(void)
{
    struct rref_pear pear;

    while (__atomic_load_n(&order.spin, __ATOMIC_RELAXED)) {
        pear = rref_pear_new();
        rref_pear_value(pear)->seed = rref_apple_new();
        rref_pear_drop(&pear);
        __atomic_store_n(&order.turns, order.turns + 1, __ATOMIC_RELAXED);
    }
}

uint32_t driver_step(uint64_t what, uint64_t value)
{
    switch ((enum step)what) {
    case STEP_WHERE:
        return (uint32_t)(uintptr_t)&order;
    case STEP_CALL:
        perform();
        return 0;
    case STEP_DIE:
        die(value);
    case STEP_NOTHING:
        return 0;
    case STEP_ADD:
        return (uint32_t)value + 1;
    case STEP_SPY:
        perform_spying();
        return 0;
    case STEP_FILL:
        fill_registers();
        return 0;
    case STEP_SERVICE:
        order.answer = call_service();
        return 0;
    case STEP_CALL_DIE:
        perform();
        die(order.die);
    case STEP_SPIN:
        spin();
        return 0;
    case STEP_CALLS:
        while (__atomic_load_n(&order.spin, __ATOMIC_RELAXED))
            perform();
        return 0;
    case STEP_CHURN:
        churn();
        return 0;
    }
    return 99;
}

TEST_DRIVER_EXPORT();

/* The same interface once more, by a function of its own. */
static uint32_t second_step(uint64_t what, uint64_t value)
{
    return (uint32_t)(what + 10 * value);
}

TEST_DRIVER_EXPORT_OF(second, second_driver);
