/* SPDX-License-Identifier: MIT */
/*
 * test_services.c - counters, data files, who is called, and an interface that
 * is exported twice, called with any values there are.
 * Source: core/include/tepal/kernel.h; docs/ABI.md, "Services".
 */
#include "test_services.h"
#include <string.h>

static struct actor a, b;

static void setup(void)
{
    host_log_to(-1);
    a = actor_new("a");
    b = actor_new("b");
}

static void teardown(void)
{
    actors_end();
}

struct rpc try_service(struct actor *actor, enum tp_service number, uint64_t p,
                       uint64_t q, uint64_t r)
{
    const uint64_t arguments[6] = {p, q, r};

    actor_order(actor, (enum method)number, 0, arguments);
    return actor_step(actor, STEP_SERVICE, 0, NULL);
}

uint64_t service(struct actor *actor, enum tp_service number, uint64_t p,
                 uint64_t q, uint64_t r)
{
    ck_rpc(try_service(actor, number, p, q, r), RPC_OK, 0);
    return actor->order->answer;
}

#define NAME 0 /* where names and counters stand in an actor's room */
#define COUNT 256

/* The name's @bytes, wherever they end. */
static bool show_bytes(struct actor *actor, const char *name, uint64_t bytes,
                       uint64_t address)
{
    memcpy(actor->order->room + NAME, name, bytes < 24 ? bytes : 24);
    return service(actor, TP_SERVICE_COUNTER, room_at(actor, NAME), bytes,
                   address);
}

static bool show(struct actor *actor, const char *name, uint64_t address)
{
    return show_bytes(actor, name, strlen(name), address);
}

/* Rule: tp_counter(): the kernel reads the value
 * whenever it wants; counting costs an addition. */
START_TEST(a_counter_is_read_where_the_domain_counts)
{
    ck_assert(show(&a, "frames", room_at(&a, COUNT)));

    ck_assert_uint_eq(domain_counters(a.domain), 1);
    ck_assert_str_eq(a.domain->counters[0].name, "frames");
    ck_assert_uint_eq(domain_counter_value(a.domain, 0), 0);
    room(&a, COUNT)[0] = UINT64_MAX;
    ck_assert_uint_eq(domain_counter_value(a.domain, 0), UINT64_MAX);
    room(&a, COUNT)[0] = 7;
    ck_assert_uint_eq(domain_counter_value(a.domain, 0), 7);
    ck_assert_uint_eq(domain_counter_value(a.domain, 1), 0);
    ck_assert_uint_eq(domain_counter_value(a.domain, UINT32_MAX), 0);
    ck_assert_uint_eq(domain_counters(b.domain), 0);
}
END_TEST

static bool is_allowed(int c)
{
    return c && (strchr("._-", c) || (c >= '0' && c <= '9') ||
                 (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
}

/* Rule: tp_counter(): letters, digits and . _ -; so
 * what cannot be printed is no name, rather than another one. */
START_TEST(names_hold_letters_digits_and_three_signs)
{
    int c;

    for (c = 0; c < 256; c++) {
        const char name[3] = {'x', (char)c, 'y'};
        /* More characters are allowed than a domain has room for. */
        struct actor *actor = c < 'a' ? &a : &b;

        ck_assert_msg(show_bytes(actor, name, 3, room_at(actor, COUNT)) ==
                          is_allowed(c),
                      "character %d", c);
    }
    ck_assert_uint_eq(domain_counters(a.domain) + domain_counters(b.domain),
                      65);
}
END_TEST

/* Rule: tp_counter(): at most 23 characters. */
START_TEST(names_have_1_to_23_characters)
{
    const char *name = "abcdefghijklmnopqrstuvwxyz0123456789";
    uint64_t where = room_at(&a, COUNT);

    ck_assert(!show_bytes(&a, name, 0, where));
    ck_assert(show_bytes(&a, name, 1, where));
    ck_assert(show_bytes(&a, name, 23, where));
    ck_assert(!show_bytes(&a, name, 24, where));
    ck_assert(!show_bytes(&a, name, 0x100000001, where));
    ck_assert(!show_bytes(&a, name, UINT64_MAX, where));
    ck_assert_uint_eq(domain_counters(a.domain), 2);
    ck_assert_str_eq(a.domain->counters[1].name, "abcdefghijklmnopqrstuvw");
}
END_TEST

/* docs/ABI.md, "Services": who gives the kernel a text at a bad address has
 * broken its contract. */
START_TEST(a_name_at_a_bad_address_ends_the_domain)
{
    ck_rpc(try_service(&a, TP_SERVICE_COUNTER,
                       _i ? a.domain->private_break - 1 : 0, 2,
                       room_at(&a, COUNT)),
           RPC_CRASHED, 0);

    ck_assert(!(a.domain->life & DOMAIN_ALIVE));
    ck_assert_uint_eq(domain_counters(a.domain), 0);
}
END_TEST

/* Rule: tp_counter(): a name that is taken is refused,
 * and so is the 65th. */
START_TEST(a_name_is_given_once_and_there_are_64)
{
    char name[8] = "c00";
    uint32_t i;

    for (i = 0; i < 64; i++) {
        name[1] = (char)('0' + i / 10);
        name[2] = (char)('0' + i % 10);
        ck_assert(show(&a, name, room_at(&a, COUNT + 8 * i)));
        ck_assert(!show(&a, name, room_at(&a, COUNT)));
        room(&a, COUNT + 8 * i)[0] = i + 100;
    }
    ck_assert(!show(&a, "another", room_at(&a, COUNT)));

    ck_assert_uint_eq(domain_counters(a.domain), 64);
    for (i = 0; i < 64; i++)
        ck_assert_uint_eq(domain_counter_value(a.domain, i), i + 100);
    ck_assert(show(&b, "c00", room_at(&b, COUNT)));
}
END_TEST

/* Rule: tp_counter(): in private memory, which is
 * neither text, nor stack, nor the shared heap; its upper half is ignored as
 * that of any pointer (docs/ABI.md, "Slot"). */
START_TEST(counters_lie_in_private_memory)
{
    const uint64_t start = a.domain->private_start,
                   end = a.domain->private_break;
    const uint64_t bad[] = {
        0,           4,           1,           0x10000,   0x100000,
        start - 8,   start + 4,   start + 1,   end - 4,   end - 7,
        end,         end + 8,     0x40000000,  0x7fffe000, 0x80000000,
        0xfffffff8,  0xffffffff,  1ull << 32,  UINT64_MAX, UINT64_MAX - 7,
    };
    uint32_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!show(&a, "counter", bad[i]), "%#lx", bad[i]);
    ck_assert(show(&a, "first", start));
    ck_assert(show(&a, "last", end - 8));
    ck_assert(show(&a, "upper", room_at(&a, COUNT) | 0xabcdull << 32));

    room(&a, COUNT)[0] = 5;
    ck_assert_uint_eq(domain_counter_value(a.domain, 2), 5);
    *(uint64_t *)(a.domain->base + end - 8) = 6;
    ck_assert_uint_eq(domain_counter_value(a.domain, 1), 6);
}
END_TEST

/* Rule: what the private heap has grown by is private memory too, to its very
 * end and no further. */
START_TEST(counters_may_lie_in_the_private_heap)
{
    uint64_t end = a.domain->private_break, got;

    ck_assert(!show(&a, "early", end));
    got = service(&a, TP_SERVICE_PRIVATE_GROW, 1, 0, 0);
    ck_assert_uint_eq(got, end);

    ck_assert(show(&a, "first", got));
    ck_assert(show(&a, "last", got + TP_PAGE - 8));
    ck_assert(!show(&a, "beyond", got + TP_PAGE));
}
END_TEST

/* Rule: domain_counter_value(): as long as the
 * domain has not been released; and the next in its slot begins with none. */
START_TEST(counters_outlive_death_and_not_the_slot)
{
    uint16_t slot = a.domain->slot;
    struct actor next;

    ck_assert(show(&a, "frames", room_at(&a, COUNT)));
    room(&a, COUNT)[0] = 42;
    ck_rpc(actor_step(&a, STEP_DIE, WAY_UD2, NULL), RPC_CRASHED, 0);

    ck_assert_uint_eq(domain_counters(a.domain), 1);
    ck_assert_uint_eq(domain_counter_value(a.domain, 0), 42);
    actor_end(&a);
    next = actor_new("next");
    ck_assert_uint_eq(next.domain->slot, slot);
    ck_assert_uint_eq(domain_counters(next.domain), 0);
    ck_assert_uint_eq(domain_counter_value(next.domain, 0), 0);
}
END_TEST

static bool is_called(struct actor *actor)
{
    return service(actor, TP_SERVICE_IS_CALLED, 0, 0, 0);
}

/* Rule: tp_is_called(): whether another domain holds a
 * capability, not whether the domain itself does. */
START_TEST(a_domain_is_called_when_another_can_call_it)
{
    uint64_t cap;

    ck_assert(!is_called(&a));
    actor_link(&a, &a, "test");
    ck_assert(!is_called(&a));
    cap = actor_link(&b, &a, "keeper");
    ck_assert(is_called(&a));
    ck_assert(!is_called(&b));

    ck_assert(service(&b, TP_SERVICE_CAP_REVOKE, cap, false, 0));
    ck_assert(!is_called(&a));
    actor_link(&b, &a, "test");
    ck_assert(is_called(&a));
    actor_end(&b);
    ck_assert(!is_called(&a));
}
END_TEST

static const char text[] = "0123456789";
#define TEXT_BYTES 10

static void give_text(struct actor *actor)
{
    actor->domain->data = (const uint8_t *)text;
    actor->domain->data_bytes = TEXT_BYTES;
    memset(actor->order->room, '#', 64);
}

/* What stands in the room then. */
static const char *read_data(uint64_t offset, uint64_t bytes)
{
    static char got[17];

    give_text(&a);
    ck_assert_uint_eq(
        service(&a, TP_SERVICE_DATA, offset, room_at(&a, 0), bytes),
        TEXT_BYTES);
    memcpy(got, a.order->room, 16);
    return got;
}

/* Rule: tp_data(): copies bytes from offset on, less
 * where it ends, and says its whole length. */
START_TEST(data_is_copied_as_far_as_it_goes)
{
    ck_assert_str_eq(read_data(0, 10), "0123456789######");
    ck_assert_str_eq(read_data(0, 1), "0###############");
    ck_assert_str_eq(read_data(3, 4), "3456############");
    ck_assert_str_eq(read_data(9, 1), "9###############");
    ck_assert_str_eq(read_data(9, UINT64_MAX), "9###############");
    ck_assert_str_eq(read_data(0, 0), "################");
    ck_assert_str_eq(read_data(10, 1), "################");
    ck_assert_str_eq(read_data(11, UINT64_MAX), "################");
    ck_assert_str_eq(read_data(UINT64_MAX, 1), "################");
    ck_assert_str_eq(read_data(UINT64_MAX, UINT64_MAX), "################");
    ck_assert_str_eq(read_data(0x100000000, 4), "################");
    ck_assert_str_eq(read_data(0, 0x100000001), "0123456789######");
}
END_TEST

/* Rule: tp_data(): 0 when there is none. */
START_TEST(a_domain_without_data_reads_nothing)
{
    ck_assert_uint_eq(service(&a, TP_SERVICE_DATA, 0, room_at(&a, 0), 16), 0);
    ck_assert_uint_eq(service(&a, TP_SERVICE_DATA, 0, 0, UINT64_MAX), 0);
}
END_TEST

/* docs/ABI.md, "Services": a buffer at a bad address ends the domain, when
 * there is something to copy to it. */
START_TEST(data_to_a_bad_address_ends_the_domain)
{
    const uint64_t bad[] = {0, 0x100000, a.domain->private_break,
                            a.domain->private_break - 9, 0xfffffffc};

    give_text(&a);
    ck_assert_uint_eq(service(&a, TP_SERVICE_DATA, 10, bad[_i], 1), 10);
    ck_assert_uint_eq(service(&a, TP_SERVICE_DATA, 0, bad[_i], 0), 10);

    ck_rpc(try_service(&a, TP_SERVICE_DATA, 0, bad[_i], UINT64_MAX),
           RPC_CRASHED, 0);
    ck_assert_str_eq(a.domain->death.cause, "service: buffer at a bad address");
}
END_TEST

/* Rule: I_EXPORT_OF() exports an interface more than once, an
 * implementation each, told apart by the name they are wired by. */
START_TEST(an_interface_can_be_exported_twice)
{
    uint64_t first = actor_link(&a, &b, "test_driver"),
             second = actor_link(&a, &b, "second_driver");

    ck_rpc(actor_call(&a, DRIVER_STEP, first, STEP_ADD, 3, 0, 0, 0, 0), RPC_OK,
           4);
    ck_rpc(actor_call(&a, DRIVER_STEP, second, STEP_ADD, 3, 0, 0, 0, 0),
           RPC_OK, 34);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("services");
    TCase *tests = tcase_create("services");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_counter_is_read_where_the_domain_counts);
    tcase_add_test(tests, names_hold_letters_digits_and_three_signs);
    tcase_add_test(tests, names_have_1_to_23_characters);
    tcase_add_loop_test(tests, a_name_at_a_bad_address_ends_the_domain, 0, 2);
    tcase_add_test(tests, a_name_is_given_once_and_there_are_64);
    tcase_add_test(tests, counters_lie_in_private_memory);
    tcase_add_test(tests, counters_may_lie_in_the_private_heap);
    tcase_add_test(tests, counters_outlive_death_and_not_the_slot);
    tcase_add_test(tests, a_domain_is_called_when_another_can_call_it);
    tcase_add_test(tests, data_is_copied_as_far_as_it_goes);
    tcase_add_test(tests, a_domain_without_data_reads_nothing);
    tcase_add_loop_test(tests, data_to_a_bad_address_ends_the_domain, 0, 5);
    tcase_add_test(tests, an_interface_can_be_exported_twice);
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, irq_wait_tests());
    return rig_main(suite, argc, argv, 0);
}
