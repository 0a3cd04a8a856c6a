/* SPDX-License-Identifier: MIT */
/*
 * test_irq_wait.c - waiting for a device's interrupt: one that came before,
 * while waiting, or never; vectors that there are not; a device that is taken
 * away meanwhile.
 * Source: drivers/include/drv/irq.h; core/include/tepal_trusted/device.h.
 */
#include "arch/platform.h"
#include "tepal_trusted/device.h"
#include "test_services.h"

#define FOR_EVER UINT64_MAX
#define MILLISECOND 1000000u

/* Raises @vector in its step number @raise_at; drained from @drained_at on. */
static struct bell {
    struct device device; /* first */
    uint32_t vector;
    uint64_t steps, raise_at, drained_at;
} bell;

static struct actor driver, other;

static uint32_t bell_read(struct device *device, uint32_t offset)
{
    (void)device;
    return offset;
}

static void bell_write(struct device *device, uint32_t offset, uint32_t value)
{
    (void)offset;
    device_raise(device, value);
}

static void bell_step(struct device *device)
{
    __atomic_store_n(&bell.steps, bell.steps + 1, __ATOMIC_RELEASE);
    if (bell.steps == bell.raise_at)
        device_raise(device, bell.vector);
}

static bool bell_drained(struct device *device)
{
    (void)device;
    return bell.steps >= bell.drained_at;
}

static void bell_stop(struct device *device)
{
    (void)device;
}

static const struct device_ops bell_ops = {
    .read = bell_read,
    .write = bell_write,
    .step = bell_step,
    .drained = bell_drained,
    .stop = bell_stop,
};

static void setup(void)
{
    host_log_to(-1);
    bell = (struct bell){.device = {.ops = &bell_ops, .name = "bell0",
                                    .register_bytes = 16},
                         .drained_at = UINT64_MAX};
    driver = actor_new("driver");
    other = actor_new("other");
    device_give(&bell.device, driver.domain);
    ck_assert(device_add(&bell.device));
}

static void teardown(void)
{
    actors_end();
    devices_forget();
}

static bool wait_for(struct actor *actor, uint64_t vector, uint64_t nanoseconds)
{
    return service(actor, TP_SERVICE_IRQ_WAIT, vector, nanoseconds, 0);
}

static void raise_by_register(uint32_t vector)
{
    ck_assert_uint_eq(
        service(&driver, TP_SERVICE_REGISTER_WRITE, 0, vector, 0), 0);
}

/* Rule: drv_irq_wait(): or raised it before; one wait takes one raise,
 * raises in between count once. */
START_TEST(an_interrupt_that_came_before_is_not_lost)
{
    const uint32_t vector = _i ? 63 : 0;

    raise_by_register(vector);
    raise_by_register(vector);
    raise_by_register(7);

    ck_assert(wait_for(&driver, vector, 0));
    ck_assert(!wait_for(&driver, vector, 0));
    ck_assert(wait_for(&driver, 7, FOR_EVER));
    ck_assert_uint_eq(bell.device.irq_pending, 0);
}
END_TEST

/* Rule: drv_irq_wait(): waits until the device raises it; devices are
 * stepped meanwhile. */
START_TEST(an_interrupt_that_comes_ends_the_wait)
{
    bell.vector = 63;
    bell.raise_at = 1000;

    ck_assert(wait_for(&driver, 63, FOR_EVER));
    ck_assert_uint_eq(bell.steps, 1000);
}
END_TEST

/* Rule: device_raise(): vectors above 63 are
 * lost; and nobody waits for one in the place of another. */
START_TEST(vectors_above_63_never_come)
{
    static const uint64_t vectors[] = {64, 127, 1ull << 32, (1ull << 32) + 1,
                                       UINT64_MAX};

    device_raise(&bell.device, 64);
    device_raise(&bell.device, UINT32_MAX);
    ck_assert_uint_eq(bell.device.irq_pending, 0);
    bell.device.irq_pending = UINT64_MAX;

    ck_assert(!wait_for(&driver, vectors[_i], MILLISECOND));
    ck_assert_uint_eq(bell.device.irq_pending, UINT64_MAX);
}
END_TEST

/* Rule: drv_irq_wait(): at most that many nanoseconds, and the device is
 * looked at once more. */
START_TEST(a_wait_ends_when_its_time_is_over)
{
    uint64_t start = clock_nanoseconds();

    ck_assert(!wait_for(&driver, 3, 5 * MILLISECOND));
    ck_assert_uint_ge(clock_nanoseconds() - start, 5 * MILLISECOND);
    ck_assert_uint_gt(bell.steps, 0);
}
END_TEST

/* Rule: drv_irq_wait(): false when the system is to end; but what was
 * raised in the last step has come. */
START_TEST(a_wait_ends_when_all_devices_are_drained)
{
    bell.drained_at = 10;
    bell.raise_at = _i ? 10 : 0;
    bell.vector = 5;

    ck_assert_uint_eq(wait_for(&driver, 5, FOR_EVER), _i != 0);
    ck_assert_uint_eq(bell.steps, 10);
}
END_TEST

/* Rule: drv_irq_wait(): false when the domain has no device, whatever
 * the devices of others raise. */
START_TEST(a_domain_without_a_device_does_not_wait)
{
    raise_by_register(0);

    ck_assert(!wait_for(&other, 0, FOR_EVER));
    ck_assert_uint_eq(bell.steps, 0);
    ck_assert(wait_for(&driver, 0, 0));
}
END_TEST

/* Rule: an interrupt is for the driver that had the device when it came. */
START_TEST(the_next_driver_does_not_get_old_interrupts)
{
    raise_by_register(9);
    device_take(&bell.device);
    ck_assert(!wait_for(&driver, 9, FOR_EVER));
    device_give(&bell.device, other.domain);

    ck_assert(!wait_for(&driver, 9, FOR_EVER));
    ck_assert(!wait_for(&other, 9, 0));
}
END_TEST

static void take_device(void *context)
{
    (void)context;
    while (__atomic_load_n(&bell.steps, __ATOMIC_ACQUIRE) < 100)
        cpu_relax();
    device_take(&bell.device);
}

/* Rule: device_wait(): false when the device is
 * no longer the driver's, so that whoever is killed does not wait for ever. */
START_TEST(a_device_that_is_taken_away_ends_the_wait)
{
    struct host_thread *taker = host_spawn(take_device, NULL);

    ck_assert_ptr_nonnull(taker);
    ck_assert(!wait_for(&driver, 0, FOR_EVER));
    host_join(taker);
    ck_assert_ptr_null(driver.domain->device);
}
END_TEST

TCase *irq_wait_tests(void)
{
    TCase *tests = tcase_create("interrupts");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, an_interrupt_that_came_before_is_not_lost, 0, 2);
    tcase_add_test(tests, an_interrupt_that_comes_ends_the_wait);
    tcase_add_loop_test(tests, vectors_above_63_never_come, 0, 5);
    tcase_add_test(tests, a_wait_ends_when_its_time_is_over);
    tcase_add_loop_test(tests, a_wait_ends_when_all_devices_are_drained, 0, 2);
    tcase_add_test(tests, a_domain_without_a_device_does_not_wait);
    tcase_add_test(tests, the_next_driver_does_not_get_old_interrupts);
    tcase_add_test(tests, a_device_that_is_taken_away_ends_the_wait);
    return tests;
}
