/* SPDX-License-Identifier: MIT */
/*
 * test_registers.c - which bits of a held thread fault injection may flip.
 * Source: docs/ABI.md, "Registers"; docs/INJECT.md, "What is injected".
 */
#define _GNU_SOURCE
#include "stop.h"
#include "suite_run.h"
#include <check.h>
#include <string.h>

static const uint8_t plain[] = {0x90, 0x90};
static const uint8_t through_table[] = {0x43, 0xff, 0x94, 0x1e};
static ucontext_t context, before;
static struct _libc_fpstate vectors, vectors_before;

static void setup(void)
{
    memset(&context, 0x5a, sizeof(context));
    memset(&vectors, 0x5a, sizeof(vectors));
    context.uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)plain;
    context.uc_mcontext.fpregs = &vectors;
    before = context;
    vectors_before = vectors;
}

static uint32_t count_changes(const void *a, const void *b, size_t bytes)
{
    const uint8_t *x = a, *y = b;
    uint32_t count = 0;
    size_t i;

    for (i = 0; i < bytes; i++)
        count += (uint32_t)__builtin_popcount(x[i] ^ y[i]);
    return count;
}

/* docs/INJECT.md, "What is injected": one bit, of what verified code may hold
 * anything in; never of %rsp, %r14, %rip, nor the upper half of %rbp, %r11. */
START_TEST(a_flip_is_one_bit_of_what_may_be_anything)
{
    static const int whole[] = {REG_RSP, REG_R14, REG_RIP, REG_CSGSFS,
                                REG_ERR, REG_TRAPNO};
    uint32_t number, bit, i;

    for (number = 0; number < STOP_REGISTERS; number++)
        for (bit = 0; bit < stop_register_bits(number); bit++) {
            ck_assert(stop_flip_in(&context, number, bit));
            ck_assert_uint_eq(count_changes(&context, &before,
                                            sizeof(before)) +
                                  count_changes(&vectors, &vectors_before,
                                                sizeof(vectors)), 1);
            for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
                ck_assert_int_eq(context.uc_mcontext.gregs[whole[i]],
                                 before.uc_mcontext.gregs[whole[i]]);
            ck_assert_int_eq(context.uc_mcontext.gregs[REG_RBP] >> 32,
                             before.uc_mcontext.gregs[REG_RBP] >> 32);
            ck_assert_int_eq(context.uc_mcontext.gregs[REG_R11] >> 32,
                             before.uc_mcontext.gregs[REG_R11] >> 32);
            ck_assert_int_eq((context.uc_mcontext.gregs[REG_EFL] ^
                              before.uc_mcontext.gregs[REG_EFL]) & ~0x8d5, 0);
            ck_assert(stop_flip_in(&context, number, bit));
        }
}
END_TEST

/* docs/INJECT.md, "What is injected": every other register can be hit, each by
 * a name of its own. */
START_TEST(all_others_have_their_turn)
{
    uint32_t number, other, bits = 0;

    for (number = 0; number < STOP_REGISTERS; number++) {
        bits += stop_register_bits(number);
        for (other = 0; other < number; other++)
            ck_assert_str_ne(stop_register_name(number),
                             stop_register_name(other));
    }
    ck_assert_uint_eq(bits, 12 * 64 + 2 * 32 + 6 + 16 * 128);
}
END_TEST

/* docs/ABI.md, "Function table": nothing comes between the mask and the call. */
START_TEST(a_masked_index_is_left_alone)
{
    uint32_t number;

    context.uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)through_table;
    before = context;
    for (number = 0; number < STOP_REGISTERS; number++)
        ck_assert_int_eq(stop_flip_in(&context, number, 3),
                         strcmp(stop_register_name(number), "r11") != 0);
    ck_assert_int_eq(context.uc_mcontext.gregs[REG_R11],
                     before.uc_mcontext.gregs[REG_R11]);
}
END_TEST

static Suite *registers_suite(void)
{
    Suite *suite = suite_create("registers");
    TCase *tests = tcase_create("registers");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, a_flip_is_one_bit_of_what_may_be_anything);
    tcase_add_test(tests, all_others_have_their_turn);
    tcase_add_test(tests, a_masked_index_is_left_alone);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return suite_run(registers_suite(), CK_FORK_GETENV);
}
