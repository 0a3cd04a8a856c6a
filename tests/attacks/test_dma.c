/* SPDX-License-Identifier: MIT */
/*
 * test_dma.c - what a device reaches of the shared heap for a driver that
 * names any address: to write, what the driver owns and nobody borrows; to
 * read, also what it has lent out, and what it holds on loan at that moment on
 * that thread, and nothing else.
 * Source: docs/decisions/0012-devices-read-what-is-lent.md; docs/SECURITY.md.
 */
#include "rig.h"
#include "tepal_trusted/device.h"
#include <string.h>

/* Tries the offset in the shared heap that is written to its register. */
static struct probe {
    struct device device; /* first */
    uint32_t bytes;
    uint32_t stepwise;   /* tried in each step, 0 for none */
    const void *reads;   /* where it would read or write; NULL for nowhere */
    void *writes;
    uint32_t tries;
} probe;

/* In a step it waits for the test to go on. */
static struct door {
    struct device device; /* first */
    bool somebody_waits, is_open;
} door;

static struct actor a, driver, c;

static void try(uint32_t offset)
{
    uint64_t bus = TP_SHARED_START + offset;

    probe.reads = dma_read_reach(&probe.device, bus, probe.bytes);
    probe.writes = dma_reach(&probe.device, bus, probe.bytes);
    probe.tries++;
}

static uint32_t no_read(struct device *device, uint32_t offset)
{
    (void)device;
    return offset;
}

static void probe_write(struct device *device, uint32_t offset, uint32_t value)
{
    (void)device, (void)offset;
    try(value);
}

static void probe_step(struct device *device)
{
    (void)device;
    if (probe.stepwise)
        try(probe.stepwise);
}

static bool never_drained(struct device *device)
{
    (void)device;
    return false;
}

static void no_stop(struct device *device)
{
    (void)device;
}

static void door_step(struct device *device)
{
    (void)device;
    __atomic_store_n(&door.somebody_waits, true, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&door.is_open, __ATOMIC_ACQUIRE))
        cpu_relax();
}

static void no_write(struct device *device, uint32_t offset, uint32_t value)
{
    (void)device, (void)offset, (void)value;
}

static const struct device_ops probe_ops = {
    .read = no_read,
    .write = probe_write,
    .step = probe_step,
    .drained = never_drained,
    .stop = no_stop,
};

static const struct device_ops door_ops = {
    .read = no_read,
    .write = no_write,
    .step = door_step,
    .drained = never_drained,
    .stop = no_stop,
};

static void setup(void)
{
    host_log_to(-1);
    memset(&door, 0, sizeof(door));
    door.device.ops = &door_ops;
    memset(&probe, 0, sizeof(probe));
    probe.device.ops = &probe_ops;
    probe.device.register_bytes = 4;
    probe.bytes = 8;
    a = actor_new("a");
    driver = actor_new("driver");
    c = actor_new("c");
    device_give(&probe.device, driver.domain);
}

static void teardown(void)
{
    actors_end();
    devices_forget();
    ck_assert_uint_eq(live_objects(), 0);
}

#define OUT 512

/* The driver's methods will write @offset to the register. */
static void will_try(uint64_t offset)
{
    const uint64_t arguments[6] = {0, (uint32_t)offset};

    actor_order(&driver, (enum method)TP_SERVICE_REGISTER_WRITE, 0, arguments);
    driver.order->script = SCRIPT_SERVICE;
}

/* It does so now, called by nobody. */
static void try_alone(uint64_t offset)
{
    will_try(offset);
    ck_rpc(actor_step(&driver, STEP_SERVICE, 0, NULL), RPC_OK, 0);
}

/* @caller lends @apple to @callee. */
static void lend(struct actor *caller, struct actor *callee, uint64_t apple)
{
    ck_rpc(actor_call(caller, LOOK, actor_link(caller, callee, "test"), apple,
                      room_at(caller, OUT), 0, 0, 0, 0),
           RPC_OK, 0);
}

/* @actor's methods will call the driver, with nothing. */
static void will_call_driver(struct actor *actor)
{
    actor_will_call(actor, &driver, JUDGE, 1, 1, room_at(actor, OUT));
    actor->order->argument[3] = room_at(actor, OUT + 8);
}

#define ck_reached(reading, writing, handle)                                   \
    do {                                                                       \
        ck_assert_uint_ge(probe.tries, 1);                                     \
        ck_assert_ptr_eq(probe.reads, (reading) ? payload_of(handle) : NULL);  \
        ck_assert_ptr_eq(probe.writes, (writing) ? payload_of(handle) : NULL); \
    } while (0)

/* docs/decisions/0008-bus-addresses-are-slot-offsets.md: payloads of objects
 * that the driver owns, unlent, at the moment of the access. */
START_TEST(what_the_driver_owns_is_reached)
{
    uint64_t own = actor_apple(&driver, 1), foreign = actor_apple(&a, 2);

    try_alone(own);
    ck_reached(true, true, own);
    try_alone(foreign);
    ck_reached(false, false, foreign);
    ck_assert_uint_eq(probe.device.dma_refused, 2);

    ck_assert(rref_drop(thread_current(), driver.domain, own));
    try_alone(own);
    ck_reached(false, false, own);
}
END_TEST

/* Rule: while others read what the driver has lent them, its device may read
 * too, and not write. */
START_TEST(what_the_driver_has_lent_out_is_read_only)
{
    uint64_t own = actor_apple(&driver, 1);
    uint64_t to_c = actor_link(&driver, &c, "test");

    probe.stepwise = (uint32_t)own;
    ck_assert(device_add(&probe.device));
    actor_order(&c, (enum method)TP_SERVICE_IDLE, 0, (uint64_t[6]){0});
    c.order->script = SCRIPT_SERVICE;
    ck_rpc(actor_call(&driver, LOOK, to_c, own, room_at(&driver, OUT), 0, 0, 0,
                      0),
           RPC_OK, 0);

    ck_reached(true, false, own);
    try_alone(own);
    ck_reached(true, true, own);
}
END_TEST

/* docs/decisions/0012-devices-read-what-is-lent.md: what is on loan is read as
 * long as the call lasts, and never written. */
START_TEST(what_the_driver_holds_on_loan_is_read_in_the_call)
{
    uint64_t apple = actor_apple(&a, 3);

    will_try(apple);
    lend(&a, &driver, apple);

    ck_assert_uint_eq(probe.tries, 1);
    ck_reached(true, false, apple);
}
END_TEST

/* docs/decisions/0012-devices-read-what-is-lent.md: a handle that the driver
 * kept is nothing when the loan has ended: not later, not in another call, not
 * when it is lent something else. */
START_TEST(a_loan_that_has_ended_is_out_of_reach)
{
    uint64_t apple = actor_apple(&a, 3), another = actor_apple(&a, 4);

    lend(&a, &driver, apple);
    try_alone(apple);
    ck_reached(false, false, apple);
    will_call_driver(&a);
    ck_rpc(actor_step(&a, STEP_CALL, 0, NULL), RPC_OK, 0);
    ck_assert_uint_eq(probe.tries, 2);
    ck_reached(false, false, apple);
    a.order->script = 0;

    lend(&a, &driver, another);
    ck_assert_uint_eq(probe.tries, 3);
    ck_reached(false, false, apple);
}
END_TEST

/* Rule: what is on loan to another domain is not on loan to the driver, though
 * the driver is called in the middle of it. */
START_TEST(what_another_domain_holds_on_loan_is_out_of_reach)
{
    uint64_t apple = actor_apple(&a, 3);

    will_try(apple);
    will_call_driver(&c);
    lend(&a, &c, apple);

    ck_assert_uint_eq(probe.tries, 1);
    ck_assert_uint_eq(borrows_of(apple), 0);
    ck_reached(false, false, apple);
}
END_TEST

/* Design, section 4 (lend): what is on loan can be lent again. */
START_TEST(what_was_lent_on_is_read)
{
    uint64_t apple = actor_apple(&a, 3);

    will_try(apple);
    actor_will_call(&c, &driver, LOOK, apple, room_at(&c, OUT), 0);
    lend(&a, &c, apple);

    ck_rpc(actor_answer(&c), RPC_OK, 0);
    ck_reached(true, false, apple);
}
END_TEST

/* Rule: a domain has what was lent to it in an outer call, until that returns;
 * so a step of the device further in may read it, and one afterwards not. */
START_TEST(a_step_reads_what_is_on_loan_further_out)
{
    uint64_t apple = actor_apple(&a, 3);

    ck_assert(device_add(&probe.device));
    probe.stepwise = (uint32_t)apple;
    actor_order(&c, (enum method)TP_SERVICE_IDLE, 0, (uint64_t[6]){0});
    c.order->script = SCRIPT_SERVICE;
    actor_will_call(&driver, &c, JUDGE, 1, 1, room_at(&driver, OUT));
    driver.order->argument[3] = room_at(&driver, OUT + 8);
    lend(&a, &driver, apple);
    ck_rpc(actor_answer(&driver), RPC_OK, 0);
    ck_reached(true, false, apple);

    ck_rpc(actor_step(&c, STEP_SERVICE, 0, NULL), RPC_OK, 0);
    ck_assert_uint_eq(probe.tries, 2);
    ck_reached(false, false, apple);
}
END_TEST

/* Design, section 4: lending lends what a payload holds; and so it ends. */
START_TEST(children_of_a_loan_are_read_as_long_as_it)
{
    uint64_t seed = actor_apple(&a, 1), pear = actor_pear(&a, 2, seed);
    uint64_t cap = actor_link(&a, &driver, "test");

    will_try(seed);
    ck_rpc(actor_call(&a, LOOK_PEAR, cap, pear, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_OK, 0);
    ck_reached(true, false, seed);

    try_alone(seed);
    ck_reached(false, false, seed);
}
END_TEST

/* docs/decisions/0008-bus-addresses-are-slot-offsets.md: within one object. */
START_TEST(an_access_ends_with_its_object)
{
    uint64_t apple = actor_apple(&a, 3);
    const uint32_t size = (uint32_t)APPLE_BYTES;

    probe.bytes = size;
    will_try(apple);
    lend(&a, &driver, apple);
    ck_reached(true, false, apple);

    probe.bytes = size + 1;
    lend(&a, &driver, apple);
    ck_reached(false, false, apple);
    probe.bytes = UINT32_MAX;
    lend(&a, &driver, apple);
    ck_reached(false, false, apple);
    probe.bytes = 0;
    lend(&a, &driver, apple);
    ck_reached(false, false, apple);

    will_try(apple + size - 1);
    probe.bytes = 1;
    lend(&a, &driver, apple);
    ck_assert_ptr_eq(probe.reads, (uint8_t *)payload_of(apple) + size - 1);
    probe.bytes = 2;
    lend(&a, &driver, apple);
    ck_assert_ptr_null(probe.reads);
}
END_TEST

/* Rule: whoever crashes with a loan has a device no more. */
START_TEST(a_dead_drivers_device_reads_nothing)
{
    uint64_t apple = actor_apple(&a, 3);
    uint64_t cap = actor_link(&a, &driver, "test");

    will_try(apple);
    driver.order->script |= SCRIPT_DIE;
    driver.order->die = WAY_UD2;
    ck_rpc(actor_call(&a, LOOK, cap, apple, room_at(&a, OUT), 0, 0, 0, 0),
           RPC_CRASHED, 0);
    ck_reached(true, false, apple);

    try((uint32_t)apple);
    ck_reached(false, false, apple);
    ck_assert_uint_eq(borrows_of(apple), 0);
}
END_TEST

/* In the driver's look() until the door opens. */
static void lend_and_wait(void *apple)
{
    const uint64_t arguments[6] = {*(uint64_t *)apple, room_at(&a, OUT)};

    actor_order(&a, LOOK, a.order->cap, arguments);
    (void)actor_step(&a, STEP_CALL, 0, NULL);
}

static struct host_thread *lend_on_another_thread(uint64_t *apple)
{
    struct host_thread *lender;

    ck_assert(device_add(&door.device));
    a.order->cap = actor_link(&a, &driver, "test");
    a.domain->affine = NULL;
    driver.domain->affine = NULL;
    driver.domain->open = true;
    actor_order(&driver, (enum method)TP_SERVICE_IDLE, 0, (uint64_t[6]){0});
    driver.order->script = SCRIPT_SERVICE;
    lender = host_spawn(lend_and_wait, apple);
    ck_assert_ptr_nonnull(lender);
    while (!__atomic_load_n(&door.somebody_waits, __ATOMIC_ACQUIRE))
        cpu_relax();
    return lender;
}

/* docs/decisions/0012-devices-read-what-is-lent.md: a loan is this thread's:
 * on another it may end at any time. */
START_TEST(what_is_on_loan_on_another_thread_is_out_of_reach)
{
    uint64_t apple = actor_apple(&a, 3);
    struct host_thread *lender = lend_on_another_thread(&apple);
    uint32_t borrows = borrows_of(apple);

    try_alone(apple);
    /* What fails now would leave the other thread behind. */
    __atomic_store_n(&door.is_open, true, __ATOMIC_RELEASE);
    host_join(lender);

    ck_assert_uint_eq(borrows, 1);
    ck_assert_uint_eq(probe.tries, 1);
    ck_reached(false, false, apple);
    ck_rpc(actor_answer(&a), RPC_OK, 0);
    ck_assert_uint_eq(borrows_of(apple), 0);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("dma");
    TCase *tests = tcase_create("dma");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, what_the_driver_owns_is_reached);
    tcase_add_test(tests, what_the_driver_has_lent_out_is_read_only);
    tcase_add_test(tests, what_the_driver_holds_on_loan_is_read_in_the_call);
    tcase_add_test(tests, a_loan_that_has_ended_is_out_of_reach);
    tcase_add_test(tests, what_another_domain_holds_on_loan_is_out_of_reach);
    tcase_add_test(tests, what_was_lent_on_is_read);
    tcase_add_test(tests, a_step_reads_what_is_on_loan_further_out);
    tcase_add_test(tests, children_of_a_loan_are_read_as_long_as_it);
    tcase_add_test(tests, an_access_ends_with_its_object);
    tcase_add_test(tests, a_dead_drivers_device_reads_nothing);
    tcase_add_test(tests, what_is_on_loan_on_another_thread_is_out_of_reach);
    suite_add_tcase(suite, tests);
    return rig_main(suite, argc, argv, 0);
}
