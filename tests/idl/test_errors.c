/* SPDX-License-Identifier: MIT */
/*
 * test_errors.c - the IDL compiler says what is wrong, where, and what to do.
 */
#include "bad_inputs.h"
#include "compile.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

#define BAD_INPUTS (sizeof(bad_inputs) / sizeof(bad_inputs[0]))

/* The first message is the error, its line with a caret, and the remedy. */
START_TEST(refuses_with_place_and_remedy)
{
    const struct bad_input *bad = &bad_inputs[_i];
    struct compiled *compiled = compile_text(bad->text);
    size_t length = strlen(bad->error);

    ck_assert_msg(compiled->errors == 1, "%s: %u errors\n%s", bad->claim,
                  compiled->errors, compiled->messages);
    ck_assert_msg(strncmp(compiled->messages, bad->error, length) == 0 &&
                      compiled->messages[length] == '\n',
                  "%s: wanted\n%s\ngot\n%s", bad->claim, bad->error,
                  compiled->messages);
    ck_assert_msg(strstr(compiled->messages, bad->remedy) != NULL,
                  "%s: no remedy '%s' in\n%s", bad->claim, bad->remedy,
                  compiled->messages);
    ck_assert_msg(strstr(compiled->messages, "      | ") != NULL &&
                      strchr(compiled->messages, '^') != NULL,
                  "%s: no caret in\n%s", bad->claim, compiled->messages);
    compile_free(compiled);
}
END_TEST

START_TEST(caret_stands_below_its_column)
{
    struct compiled *compiled = compile_text("struct s {\n\tint x;\n}\n");

    ck_assert_str_eq(compiled->messages,
                     "t.idl:2:2: error: there is no type 'int'\n"
                     "    2 |  int x;\n"
                     "      |  ^~~\n"
                     "      = note: write i32\n");
    compile_free(compiled);
}
END_TEST

START_TEST(one_run_reports_several_errors)
{
    struct compiled *compiled = compile_text("struct s {\n"
                                             "    int x;\n"
                                             "    u8 *y;\n"
                                             "    u8 z\n"
                                             "}\n"
                                             "interface i {\n"
                                             "    m(rref<s> y)\n"
                                             "    n(float x);\n"
                                             "}\n"
                                             "enum e { }\n");

    ck_assert_uint_eq(compiled->errors, 5);
    ck_assert_ptr_nonnull(strstr(compiled->messages, "t.idl:2:5: error:"));
    ck_assert_ptr_nonnull(strstr(compiled->messages, "t.idl:3:8: error:"));
    ck_assert_ptr_nonnull(strstr(compiled->messages, "t.idl:4:9: error:"));
    ck_assert_ptr_nonnull(strstr(compiled->messages, "t.idl:7:17: error:"));
    ck_assert_ptr_nonnull(strstr(compiled->messages, "t.idl:10:6: error:"));
    compile_free(compiled);
}
END_TEST

/* Errors end somewhere, however long a bad file is. */
START_TEST(gives_up_after_twenty_errors)
{
    static char text[60000];
    struct compiled *compiled;
    size_t i;

    for (i = 0; i + 20 < sizeof(text); i += 16)
        memcpy(text + i, "struct S { X y;}\n", 17);
    compiled = compile_text(text);

    ck_assert_uint_eq(compiled->errors, DIAG_ERRORS_MAX);
    ck_assert_ptr_nonnull(strstr(compiled->messages, "too many errors"));
    compile_free(compiled);
}
END_TEST

/* No limit is met by running out of something. */
START_TEST(deep_nesting_is_an_error)
{
    static char text[100000];
    struct compiled *compiled;

    memset(text, '<', sizeof(text) - 1);
    memcpy(text, "type t = rref", 13);
    compiled = compile_text(text);
    ck_assert_uint_ge(compiled->errors, 1);
    compile_free(compiled);

    memset(text, '(', sizeof(text) - 1);
    memcpy(text, "struct s { void (*", 18);
    compiled = compile_text(text);
    ck_assert_uint_ge(compiled->errors, 1);
    compile_free(compiled);
}
END_TEST

START_TEST(empty_file_is_fine)
{
    struct compiled *compiled = compile_text("");

    ck_assert_uint_eq(compiled->errors, 0);
    ck_assert_str_eq(compiled->messages, "");
    compile_free(compiled);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idl errors");
    TCase *tests = tcase_create("errors");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tests, refuses_with_place_and_remedy, 0,
                        (int)BAD_INPUTS);
    tcase_add_test(tests, caret_stands_below_its_column);
    tcase_add_test(tests, one_run_reports_several_errors);
    tcase_add_test(tests, gives_up_after_twenty_errors);
    tcase_add_test(tests, deep_nesting_is_an_error);
    tcase_add_test(tests, empty_file_is_fine);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
