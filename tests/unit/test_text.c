/* SPDX-License-Identifier: MIT */
/*
 * test_text.c - the kernel's own text functions: what they print, and that
 * they never write beyond the room they were given.
 * Source: core/include/tepal_trusted/base.h.
 */
#include "suite_run.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/sha256.h"
#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define ck_format(wanted, ...)                                                 \
    do {                                                                       \
        char got_[256];                                                        \
        size_t length_ = text_format(got_, sizeof(got_), __VA_ARGS__);         \
        ck_assert_str_eq(got_, wanted);                                        \
        ck_assert_uint_eq(length_, strlen(wanted));                            \
    } while (0)

/* Rule: the conversions that base.h lists print as in C, at the ends of their
 * ranges too. */
START_TEST(conversions_print_what_c_programmers_expect)
{
    ck_format("plain", "plain");
    ck_format("", "%s", "");
    ck_format("a b", "%s %c", "a", 'b');
    ck_format("100%", "%d%%", 100);
    ck_format("-2147483648 2147483647", "%d %d", INT_MIN, INT_MAX);
    ck_format("4294967295 ffffffff", "%u %x", UINT_MAX, UINT_MAX);
    ck_format("-9223372036854775808", "%ld", LONG_MIN);
    ck_format("18446744073709551615 ffffffffffffffff", "%lu %lx", ULONG_MAX,
              ULONG_MAX);
    ck_format("18446744073709551615", "%zu", SIZE_MAX);
    ck_format("0 0", "%u %x", 0, 0);
    ck_format("00ff", "%04x", 0xff);
    ck_format("  ff", "%4x", 0xff);
    ck_format("12345", "%02d", 12345);
    ck_format("0000000000000001", "%016lx", 1ul);
}
END_TEST

/* Rule: numbers are printed in every width as C's own printf prints them, which
 * is the oracle here. */
START_TEST(numbers_agree_with_printf)
{
    char wanted[128], got[128];
    uint64_t value = 1;
    uint32_t i;

    for (i = 0; i < 10000; i++) {
        value = value * 6364136223846793005u + 1442695040888963407u;
        snprintf(wanted, sizeof(wanted), "%lu %lx %u %08x %ld %d %20lu", value,
                 value, (unsigned)value, (unsigned)value, (long)value,
                 (int)(value & INT_MAX), value);
        text_format(got, sizeof(got), "%lu %lx %u %08x %ld %d %20lu", value,
                    value, (unsigned)value, (unsigned)value, (long)value,
                    (int)(value & INT_MAX), value);
        ck_assert_str_eq(got, wanted);
    }
}
END_TEST

/* Rule: text_format() never writes beyond its room, ends what it wrote with a 0
 * and returns the length that fitted. */
START_TEST(output_is_cut_to_its_room_and_ended)
{
    char room[32];
    size_t size, length;

    for (size = 0; size < sizeof(room); size++) {
        memset(room, 'x', sizeof(room));
        length = text_format(room, size, "%s-%016lx", "begin", ~0ul);
        if (size == 0) {
            ck_assert_uint_eq(length, 0);
            ck_assert_int_eq(room[0], 'x');
            continue;
        }
        ck_assert_uint_eq(length, size - 1 < 22 ? size - 1 : 22);
        ck_assert_int_eq(room[length], 0);
        ck_assert_uint_eq(strlen(room), length);
        ck_assert_int_eq(room[size], 'x');
    }
}
END_TEST

/* Rule: text_copy() copies as much as fits and always ends it with a 0; no
 * room, no byte. */
START_TEST(copies_are_cut_and_ended)
{
    char room[8];
    size_t size;

    for (size = 0; size < 8; size++) {
        memset(room, 'x', sizeof(room));
        text_copy(room, size, "abcd");
        ck_assert_int_eq(room[size], 'x');
        if (size) {
            ck_assert_int_eq(room[size <= 4 ? size - 1 : 4], 0);
            ck_assert_int_eq(strncmp(room, "abcd", size - 1), 0);
        }
    }
}
END_TEST

/* Rule: texts are equal in all their characters; a text is not equal to its own
 * beginning. */
START_TEST(texts_are_measured_and_compared)
{
    ck_assert_uint_eq(text_length(""), 0);
    ck_assert_uint_eq(text_length("abc"), 3);
    ck_assert(text_equal("", ""));
    ck_assert(text_equal("abc", "abc"));
    ck_assert(!text_equal("abc", "abd"));
    ck_assert(!text_equal("abc", "ab"));
    ck_assert(!text_equal("ab", "abc"));
    ck_assert(!text_equal("", "a"));
}
END_TEST

/* Rule: digests are those of FIPS 180-4's examples (NIST's SHA256.pdf: one and
 * two blocks) and of nothing; those of whole files, tests/boot/boot.test compares
 * with sha256sum's. */
START_TEST(digests_are_those_of_the_standard)
{
    static const struct {
        const char *message, *digest;
    } known[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb924"
             "27ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223"
                "b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039"
         "a33ce45964ff2167f6ecedd419db06c1"},
    };
    char digest[SHA256_TEXT];
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        sha256_text(digest, (const uint8_t *)known[i].message,
                    strlen(known[i].message));
        ck_assert_str_eq(digest, known[i].digest);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *tests = tcase_create("text");

    tcase_add_test(tests, conversions_print_what_c_programmers_expect);
    tcase_add_test(tests, numbers_agree_with_printf);
    tcase_add_test(tests, output_is_cut_to_its_room_and_ended);
    tcase_add_test(tests, copies_are_cut_and_ended);
    tcase_add_test(tests, texts_are_measured_and_compared);
    tcase_add_test(tests, digests_are_those_of_the_standard);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
