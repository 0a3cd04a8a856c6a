/* SPDX-License-Identifier: MIT */
/*
 * test_figure2_device.c - cases of Figure 2 with a device: its driver dies
 * while it writes to memory, or while the driver waits for an interrupt.
 * Source: design, sections 5 and 7;
 * docs/decisions/0016-the-kernel-resets-a-dead-drivers-device.md.
 */
#include "tepal_trusted/device.h"
#include "tepal_trusted/restart.h"
#include "test_figure2.h"
#include <string.h>

#define MARK 0xd0a0d0a0d0a0d0a0u

/*
 * In each step it writes a mark to the addresses it was told, as far as it is
 * let. It does not stop when it is told to: that it can do nothing any more is
 * the kernel's doing.
 */
static struct writer {
    struct device device; /* first */
    uint64_t bus[2];
    uint64_t steps, wrote, stops;
    uint64_t shared;   /* what bus[0] is the handle of */
    bool is_drained;   /* nobody need wait any more */
    bool was_too_late; /* its memory was not the driver's when it was stopped */
} writer;

static struct actor *const driver = &b;

static uint32_t writer_read(struct device *device, uint32_t offset)
{
    (void)device;
    return offset;
}

static void writer_write(struct device *device, uint32_t offset, uint32_t value)
{
    (void)device;
    writer.bus[offset / 4] = value;
}

static void writer_step(struct device *device)
{
    uint32_t i;

    for (i = 0; i < 2; i++) {
        uint64_t *memory = dma_reach(device, writer.bus[i], 8);

        if (!memory)
            continue;
        __atomic_store_n(memory, MARK, __ATOMIC_RELAXED);
        __atomic_store_n(&writer.wrote, writer.wrote + 1, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&writer.steps, writer.steps + 1, __ATOMIC_RELEASE);
}

static bool writer_drained(struct device *device)
{
    (void)device;
    return __atomic_load_n(&writer.is_drained, __ATOMIC_RELAXED);
}

static void writer_stop(struct device *device)
{
    writer.stops++;
    if (writer.shared && owner_of_handle(writer.shared) != device->owner->id)
        writer.was_too_late = true;
}

static const struct device_ops writer_ops = {
    .read = writer_read,
    .write = writer_write,
    .step = writer_step,
    .drained = writer_drained,
    .stop = writer_stop,
};

static void setup(void)
{
    figure2_setup();
    memset(&writer, 0, sizeof(writer));
    writer.device.ops = &writer_ops;
    writer.device.register_bytes = 8;
    device_give(&writer.device, driver->domain);
    ck_assert(device_add(&writer.device));
}

static void teardown(void)
{
    devices_forget();
    figure2_teardown();
}

static uint64_t serve(uint64_t service, uint64_t p, uint64_t q)
{
    const uint64_t arguments[6] = {p, q};

    actor_order(driver, (enum method)service, 0, arguments);
    ck_rpc(actor_step(driver, STEP_SERVICE, 0, NULL), RPC_OK, 0);
    return driver->order->answer;
}

/* The driver tells the device of an apple, and of a window of its room. */
static uint64_t begin_dma(void)
{
    uint64_t apple = actor_apple(driver, 0), window;

    writer.shared = apple;
    window = serve(TP_SERVICE_DMA_PRIVATE, room_at(driver, 0), 64);
    ck_assert_uint_ne(window, 0);
    (void)serve(TP_SERVICE_REGISTER_WRITE, 0,
                TP_SHARED_START + (uint32_t)apple);
    (void)serve(TP_SERVICE_REGISTER_WRITE, 4, window);
    return apple;
}

/* As a driver does that starts: what its life before told the device is void,
 * since it may have an object of its own there soon. */
static void reset_device(void)
{
    (void)serve(TP_SERVICE_REGISTER_WRITE, 0, 0);
    (void)serve(TP_SERVICE_REGISTER_WRITE, 4, 0);
}

static void check_in_flight(uint64_t apple)
{
    ck_assert_uint_eq(payload_of(apple)[0], MARK);
    ck_assert_uint_eq(room(driver, 0)[0], MARK);
    payload_of(apple)[0] = 0;
}

enum { CRASHES, IS_KILLED, USES_UP_ITS_BUDGET, WAYS };

/* At once, by another thread, and as a signal handler does. */
static void end_driver(int way)
{
    struct rpc rpc = {RPC_CRASHED, 0};

    if (way == CRASHES)
        rpc = actor_step(driver, STEP_DIE, WAY_UD2, NULL);
    else if (way == IS_KILLED)
        domain_end(driver->domain, "killed");
    else
        domain_end_now(driver->domain, "time budget used up");
    ck_rpc(rpc, RPC_CRASHED, 0);
    wait_until_gone(driver);
}

#define PLACES 1024

/* The place of what was freed is @actor's now. Who freed it may have been the
 * watchdog, which keeps nothing from one tick to the next. */
static uint64_t take_place(struct actor *actor, uint64_t freed)
{
    static uint64_t apple[PLACES];
    uint32_t i = 0;

    host_watchdog_pause(true);
    host_watchdog_pause(false);
    do
        apple[i] = actor_apple(actor, 0);
    while ((uint32_t)apple[i] != (uint32_t)freed && ++i < PLACES);
    ck_assert_uint_lt(i, PLACES);
    freed = apple[i];
    while (i)
        check_drop(actor, apple[--i]);
    return freed;
}

/*
 * Case 11. Design, section 5: devices stop before any buffer they may write is
 * freed. What was the driver's is a's, or its own next life's, and the device
 * goes on trying, and changes neither.
 */
START_TEST(dma_is_in_flight)
{
    uint64_t apple = begin_dma(), wrote;

    driver->domain->restart.policy = RESTART_ON_CRASH;
    (void)devices_idle();
    check_in_flight(apple);
    wrote = writer.wrote;
    end_driver(_i);

    ck_assert_uint_eq(writer.stops, 1);
    ck_assert(!writer.was_too_late);
    ck_assert_ptr_null(writer.device.owner);
    ck_assert(!is_live(apple));
    apple = take_place(&a, apple);
    (void)devices_idle();
    ck_assert(domain_revive(driver->domain, thread_current()));
    ck_assert_ptr_eq(writer.device.owner, driver->domain);
    (void)devices_idle();
    ck_assert_uint_eq(writer.wrote, wrote);
    ck_assert_uint_eq(payload_of(apple)[0], 0);
    ck_assert_uint_eq(room(driver, 0)[0], 0);
    ck_assert_uint_gt(writer.device.dma_refused, 0);
    check_drop(&a, apple);
}
END_TEST

/* While the device may be writing. */
static uint64_t first_word(uint64_t handle)
{
    return __atomic_load_n(payload_of(handle), __ATOMIC_RELAXED);
}

static uint32_t stop_stepping;

static void step_on(void *context)
{
    (void)context;
    while (!__atomic_load_n(&stop_stepping, __ATOMIC_ACQUIRE))
        (void)devices_idle();
}

static void wait_for_steps(uint64_t count)
{
    uint64_t end = __atomic_load_n(&writer.steps, __ATOMIC_ACQUIRE) + count;

    while (__atomic_load_n(&writer.steps, __ATOMIC_ACQUIRE) < end)
        cpu_relax();
}

#define ROUNDS 100

/* Case 11. Design, section 5: the same, and the device writes all the time, on
 * another thread. */
START_TEST(dma_goes_on_and_on)
{
    struct host_thread *stepper;
    bool changed = false, in_flight = true;
    uint32_t i;

    driver->domain->restart.policy = RESTART_ON_CRASH;
    __atomic_store_n(&stop_stepping, 0, __ATOMIC_RELEASE);
    stepper = host_spawn(step_on, NULL);
    ck_assert_ptr_nonnull(stepper);
    for (i = 0; i < ROUNDS; i++) {
        uint64_t apple = begin_dma();

        wait_for_steps(2);
        in_flight = in_flight && first_word(apple) == MARK;
        end_driver((int)i % WAYS);
        apple = take_place(&a, apple);
        wait_for_steps(2);
        changed = changed || first_word(apple) != 0;
        check_drop(&a, apple);
        ck_assert(domain_revive(driver->domain, thread_current()));
        reset_device();
    }
    __atomic_store_n(&stop_stepping, 1, __ATOMIC_RELEASE);
    host_join(stepper);

    ck_assert(in_flight);
    ck_assert(!changed);
    ck_assert(!writer.was_too_late);
    ck_assert_uint_eq(writer.stops, ROUNDS);
}
END_TEST

#define FOR_EVER UINT64_MAX

/* The driver is to wait for an interrupt that never comes, again and again: by
 * itself, or called by a, who lends it an apple. */
static uint64_t order_wait(void)
{
    const uint64_t wait[6] = {3, FOR_EVER};
    uint64_t lent = actor_apple(&a, 5);
    const uint64_t look[6] = {lent, room_at(&a, OUT)};

    actor_order(driver, (enum method)TP_SERVICE_IRQ_WAIT, 0, wait);
    let_spin(driver, SPIN_IN_ORDERED);
    actor_order(&a, LOOK, actor_link(&a, driver, "test"), look);
    let_go(&a, false);
    let_go(driver, false);
    return lent;
}

/* Or else whoever waits for the driver's end would wait for ever. */
static void stop_waiting_some_time(void)
{
    uint64_t start = clock_nanoseconds();

    while (!domain_is_gone(driver->domain) &&
           clock_nanoseconds() - start < 10000000000)
        cpu_relax();
    __atomic_store_n(&writer.is_drained, !domain_is_gone(driver->domain),
                     __ATOMIC_RELAXED);
}

/* Case 14. Design, section 5: a thread that the kernel has blocked is woken to
 * see that it was killed. */
START_TEST(killed_while_it_waits)
{
    struct visit visit = {.actor = _i ? &a : driver,
                          .step = _i ? STEP_CALL : STEP_SPIN};
    uint64_t lent = order_wait();

    start(&visit);
    wait_for_steps(100);
    ck_assert_uint_eq(turns_of(driver), 1); /* it does wait */
    ck_assert_uint_eq(borrows_of(lent), _i != 0);
    domain_end(driver->domain, "while it waits");
    stop_waiting_some_time();
    host_join(visit.thread);

    ck_assert(!writer.is_drained);
    if (_i) {
        ck_rpc(visit.rpc, RPC_OK, 0);
        ck_rpc(actor_answer(&a), RPC_CRASHED, 0);
    } else {
        ck_rpc(visit.rpc, RPC_CRASHED, 0);
    }
    check_gone(driver);
    ck_assert_uint_eq(writer.stops, 1);
    ck_assert_ptr_null(writer.device.owner);
    check_drop(&a, lent);
}
END_TEST

TCase *figure2_device(void)
{
    TCase *tests = tcase_create("device");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, dma_is_in_flight, 0, WAYS);
    tcase_add_test(tests, dma_goes_on_and_on);
    tcase_add_loop_test(tests, killed_while_it_waits, 0, 2);
    return tests;
}
