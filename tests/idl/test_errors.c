/* SPDX-License-Identifier: MIT */
/*
 * test_errors.c - what the IDL compiler says of files that are wrong more than
 * once, or wrong by their size; reject/ has a file for each single mistake.
 */
#include "compile.h"
#include "suite_run.h"
#include <check.h>
#include <stdarg.h>
#include <string.h>

/* A text that grows. */
static char text[0x20000];
static size_t text_length;

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    text_length += (size_t)vsnprintf(text + text_length,
                                     sizeof(text) - text_length, format, args);
    va_end(args);
    ck_assert_uint_lt(text_length, sizeof(text));
}

/* A line for each number below @count, between two others. */
static void write_lines(const char *opening, const char *before, uint32_t count,
                        const char *after, const char *closing)
{
    uint32_t i;

    text_length = 0;
    add("%s\n", opening);
    for (i = 0; i < count; i++)
        add("%s%u%s\n", before, i, after);
    add("%s\n", closing);
}

static void expect_messages(const char *messages)
{
    struct compiled *compiled = compile_text(text);

    ck_assert_str_eq(compiled->messages, messages);
    compile_free(compiled);
}

/* Rule: after an error the compiler goes on, so that one run reports many. */
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

/* Rule: messages end somewhere, however long a bad file is. */
START_TEST(gives_up_after_twenty_errors)
{
    struct compiled *compiled;

    write_lines("", "struct S", 4000, " { X y; }", "");
    compiled = compile_text(text);

    ck_assert_uint_eq(compiled->errors, DIAG_ERRORS_MAX);
    ck_assert_ptr_nonnull(strstr(compiled->messages, "too many errors"));
    compile_free(compiled);
}
END_TEST

/* Rule: no limit is met by running out of something. */
START_TEST(deep_nesting_is_an_error)
{
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

/* Rule: a file has at most 1024 declarations. */
START_TEST(declarations_are_counted)
{
    write_lines("struct s { u8 a; }", "type t", 1023, " = u8;", "");
    expect_messages("");
    write_lines("struct s { u8 a; }", "type t", 1024, " = u8;", "");
    expect_messages("t.idl:1025:1: error: expected the end after so many "
                    "declarations, found 'type'\n"
                    " 1025 | type t1023 = u8;\n"
                    "      | ^~~~\n");
}
END_TEST

/* Rule: a struct, an enum and an error have at most 1024 parts. */
START_TEST(parts_are_counted)
{
    write_lines("struct s {", "u8 f", 1024, ";", "}");
    expect_messages("");
    write_lines("struct s {", "u8 f", 1026, ";", "}");
    expect_messages("t.idl:1026:4: error: 's' has more than 1024 parts\n"
                    " 1026 | u8 f1024;\n"
                    "      |    ^~~~~\n"
                    "      = note: split it\n");

    write_lines("enum e {", "v", 1024, ",", "}");
    expect_messages("");
    write_lines("enum e {", "v", 1025, ",", "}");
    expect_messages("t.idl:1026:1: error: 'e' has more than 1024 parts\n"
                    " 1026 | v1024,\n"
                    "      | ^~~~~\n"
                    "      = note: split it\n");
}
END_TEST

/* Rule: an interface has at most 64 methods, one for each bit of a capability
 * (docs/ABI.md, "Capabilities"). */
START_TEST(methods_are_counted)
{
    write_lines("interface i {", "m", 64, "();", "}");
    expect_messages("");
    write_lines("interface i {", "m", 65, "();", "}");
    expect_messages("t.idl:66:1: error: 'i' has more than 64 parts\n"
                    "   66 | m64();\n"
                    "      | ^~~\n"
                    "      = note: split it\n");
}
END_TEST

/* Rule: a file without declarations declares nothing, and that is no error. */
START_TEST(empty_file_is_fine)
{
    static const char *const empty[] = {"", "\n", " ", "/**/", "// x", "//\n"};
    size_t i;

    for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        struct compiled *compiled = compile_text(empty[i]);

        ck_assert_uint_eq(compiled->errors, 0);
        ck_assert_str_eq(compiled->messages, "");
        ck_assert_ptr_null(compiled->unit->decls);
        compile_free(compiled);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idl errors");
    TCase *tests = tcase_create("errors");

    tcase_add_test(tests, one_run_reports_several_errors);
    tcase_add_test(tests, gives_up_after_twenty_errors);
    tcase_add_test(tests, deep_nesting_is_an_error);
    tcase_add_test(tests, declarations_are_counted);
    tcase_add_test(tests, parts_are_counted);
    tcase_add_test(tests, methods_are_counted);
    tcase_add_test(tests, empty_file_is_fine);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_FORK_GETENV);
}
