/* SPDX-License-Identifier: MIT */
/*
 * test_stubs.c - stubs load the registers, exports and capabilities fill the
 * tables, as docs/ABI.md says.
 */
#include "suite_run.h"
#include "test_import.h"
#include <check.h>
#include <string.h>

static struct {
    const char *symbol;
    uint64_t cap, argument[6];
} seen;
static uint64_t answer;
static uint8_t bool_result;

uint64_t double_import(const char *symbol, uint64_t cap, uint64_t a, uint64_t b,
                       uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    seen.symbol = symbol;
    seen.cap = cap;
    memcpy(seen.argument, (uint64_t[6]){a, b, c, d, e, f},
           sizeof(seen.argument));
    if (strcmp(symbol, "__tepal_test_17") == 0)
        *(uint8_t *)(uintptr_t)c = bool_result;
    return answer;
}

uint64_t tp_heap_alloc(const struct dom_type *type)
{
    return type->type_id;
}

bool tp_heap_drop(uint64_t handle)
{
    return handle != 0;
}

TEST_CAP(orchard);

/* docs/ABI.md, "Calling an import": integers in are values in registers. */
START_TEST(signed_and_narrow_values_are_extended)
{
    test_narrow(orchard, 0xff, 0xffff, 0xffffffff, -1, -2, -3);

    ck_assert_str_eq(seen.symbol, "__tepal_test_15");
    ck_assert_uint_eq(seen.argument[0], 0xff);
    ck_assert_uint_eq(seen.argument[1], 0xffff);
    ck_assert_uint_eq(seen.argument[2], 0xffffffff);
    ck_assert_uint_eq(seen.argument[3], (uint64_t)-1);
    ck_assert_uint_eq(seen.argument[4], (uint64_t)-2);
    ck_assert_uint_eq(seen.argument[5], (uint64_t)-3);
}
END_TEST

/* docs/ABI.md, "Calling an import": which parameters are pointers. */
START_TEST(references_travel_as_the_abi_says)
{
    struct rref_apple lent = {0x1234}, moved = {0x5678};
    struct crate crate = {{0}};

    orchard.index = 9;
    test_lend_and_take(orchard, lent, &moved);
    ck_assert_uint_eq(seen.cap, 9);
    ck_assert_uint_eq(seen.argument[0], 0x1234);
    ck_assert_uint_eq(seen.argument[1], TP_POINTER(&moved));
    ck_assert_uint_eq(seen.argument[2], 0);

    test_pass_crate(orchard, &crate);
    ck_assert_uint_eq(seen.argument[0], TP_POINTER(&crate));
    ck_assert_uint_eq(seen.argument[1], 0);
}
END_TEST

/* docs/ABI.md, "Calling an import": struct rpc, 64 bits in %rax. */
START_TEST(the_answer_is_split_into_result_and_detail)
{
    struct rref_apple apple = {1};
    struct rpc rpc;

    answer = (uint64_t)3 << 32 | RPC_REFUSED;
    rpc = test_take(orchard, &apple);
    ck_assert_uint_eq(rpc.result, RPC_REFUSED);
    ck_assert_uint_eq(rpc.detail, 3);
    ck_assert_str_eq(seen.symbol, "__tepal_test_0");
}
END_TEST

/* Rule: a hostile callee's bool is a byte; the caller's is true or false. */
START_TEST(a_bool_result_is_true_or_false)
{
    enum ripeness next = RIPENESS_GREEN;
    bool good = false;
    uint8_t byte;

    for (bool_result = 0; bool_result < 255; bool_result++) {
        test_judge(orchard, true, RIPENESS_RIPE, &good, &next);
        memcpy(&byte, &good, 1);
        ck_assert_uint_eq(byte, bool_result != 0);
    }
    ck_assert_uint_eq(seen.argument[0], 1);
    ck_assert_uint_eq(seen.argument[1], RIPENESS_RIPE);
    ck_assert_uint_eq(seen.argument[3], TP_POINTER(&next));
}
END_TEST

/* docs/ABI.md, "File": caps are a name, an interface and a variable. */
START_TEST(a_capability_asks_to_be_wired_by_its_name)
{
    ck_assert_uint_eq(orchard_record.interface_id, TEST_ID);
    ck_assert_str_eq((const char *)(uintptr_t)orchard_record.name, "orchard");
    ck_assert_uint_eq(orchard_record.variable, TP_POINTER(&orchard.index));
    ck_assert_uint_eq(orchard_record.reserved, 0);
}
END_TEST

/* docs/ABI.md, "File": code names a type by the offset of its record. */
START_TEST(a_type_record_names_its_type)
{
    ck_assert_uint_eq(__tepal_type_test_apple.bytes, sizeof(struct apple));
    ck_assert_uint_eq(rref_apple_new().handle, __tepal_type_test_apple.type_id);
    ck_assert_uint_ne(rref_pear_new().handle, rref_apple_new().handle);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idl stubs");
    TCase *tests = tcase_create("stubs");

    tcase_add_test(tests, signed_and_narrow_values_are_extended);
    tcase_add_test(tests, references_travel_as_the_abi_says);
    tcase_add_test(tests, the_answer_is_split_into_result_and_detail);
    tcase_add_test(tests, a_bool_result_is_true_or_false);
    tcase_add_test(tests, a_capability_asks_to_be_wired_by_its_name);
    tcase_add_test(tests, a_type_record_names_its_type);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_FORK_GETENV);
}
