/* SPDX-License-Identifier: MIT */
/*
 * test_settings.c - what the manifest says of a balancer: statements, and what
 * is wrong with those that are none.
 * Source: docs/MAGLEV.md, "In a manifest".
 */
#include "settings.h"
#include "frames.h"
#include "suite_run.h"
#include "sure.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct settings settings;

static struct settings_error read(const char *text, bool in_arguments)
{
    size_t length = strlen(text);
    char *copy = malloc(length ? length : 1); /* so that it has an end */
    struct settings_error error;

    memcpy(copy, text, length);
    settings_init(&settings);
    error = settings_read(&settings, copy, length, in_arguments);
    free(copy);
    return error;
}

/* docs/MAGLEV.md, "In a manifest": every statement, as a file has it. */
START_TEST(a_file_is_read)
{
    struct settings_error error =
        read("# all there is\n"
             "backend web1 02:00:00:00:00:01\n"
             "\n"
             "\tbackend  web-2.x_y  02:0a:bC:DE:f0:9F # the other\r\n"
             "source 06:00:00:00:00:0b\n"
             "cache 100\n"
             "seed 18446744073709551615",
             false);

    ck_assert_ptr_null(error.reason);
    ck_assert_uint_eq(settings.backends, 2);
    ck_assert_uint_eq(settings.mac[0], 0x020000000001);
    ck_assert_uint_eq(settings.mac[1], 0x020abcdef09f);
    ck_assert_str_eq(settings.name[1], "web-2.x_y");
    ck_assert_uint_eq(settings.source, 0x06000000000b);
    ck_assert_uint_eq(settings.cache_entries, 100);
    ck_assert(settings.has_seed);
    ck_assert_uint_eq(settings.seed, UINT64_MAX);
}
END_TEST

/* docs/MAGLEV.md, "In a manifest": the same as arguments, in one line. */
START_TEST(arguments_are_read)
{
    struct settings_error error =
        read("backend=02:00:00:00:00:01  backend=02:00:00:00:00:02 "
             "source=06:00:00:00:00:0b cache=7 seed=0",
             true);

    ck_assert_ptr_null(error.reason);
    ck_assert_uint_eq(settings.backends, 2);
    ck_assert_uint_eq(settings.mac[1], 0x020000000002);
    ck_assert_uint_eq(settings.source, 0x06000000000b);
    ck_assert_uint_eq(settings.cache_entries, 7);
    ck_assert(settings.has_seed);
}
END_TEST

/* docs/MAGLEV.md, "In a manifest": what holds when nothing is said. */
START_TEST(nothing_is_a_configuration)
{
    ck_assert_ptr_null(read("", false).reason);
    ck_assert_uint_eq(settings.backends, 0);
    ck_assert_uint_eq(settings.source, 0);
    ck_assert_uint_eq(settings.cache_entries, 65536);
    ck_assert(!settings.has_seed);
}
END_TEST

struct mistake {
    const char *text, *reason;
};

#define A_STATION "that of one station"

static const struct mistake mistakes[] = {
    {"backed web1 02:00:00:00:00:01", "say backend, source"},
    {"weight 1", "there are backend"},
    {"backend", "say backend"},
    {"backend web1", A_STATION},
    {"backend web1 02:00:00:00:00:01 7", "say backend"},
    {"backend web1 02:00:00:00:00:01 7 8", "say backend"},
    {"backend web1 02:00:00:00:00:0", A_STATION},
    {"backend web1 02:00:00:00:00:011", A_STATION},
    {"backend web1 02-00-00-00-00-01", A_STATION},
    {"backend web1 02:00:00:00:00:0g", A_STATION},
    {"backend web1 03:00:00:00:00:01", A_STATION},
    {"backend web1 00:00:00:00:00:00", A_STATION},
    {"backend web/1 02:00:00:00:00:01", "a name has"},
    {"backend a2345678901234567890123456789012 02:00:00:00:00:01",
     "a name has"},
    {"backend old 02:00:00:00:00:01", "has this name"},
    {"backend new 02:00:00:00:00:99", "has this address"},
    {"source", "and its value"},
    {"source ff:ff:ff:ff:ff:ff", "one station"},
    {"source 02:00:00:00:00:01 2", "and its value"},
    {"cache 0", "a cache has"},
    {"cache 16777217", "a cache has"},
    {"cache -1", "a cache has"},
    {"cache 18446744073709551617", "a cache has"},
    {"cache x", "a cache has"},
    {"seed 18446744073709551616", "a seed is"},
    {"seed 0x10", "a seed is"},
    {"seed \x01", "a seed is"},
};

/*
 * docs/MAGLEV.md, "In a manifest": the first mistake is told with its line,
 * and what stood before it holds.
 */
START_TEST(mistakes_are_told_with_their_line)
{
    const struct mistake *mistake = &mistakes[_i];
    struct settings_error error;
    char text[256];

    snprintf(text, sizeof(text),
             "backend old 02:00:00:00:00:99\n\n%s\ncache 5\nnonsense\n",
             mistake->text);
    error = read(text, false);
    ck_assert_ptr_nonnull(error.reason);
    ck_assert_uint_eq(error.line, 3);
    ck_assert_msg(strstr(error.reason, mistake->reason), "%s: %s",
                  mistake->text, error.reason);
    ck_assert_uint_eq(settings.backends, 1);
    ck_assert_uint_eq(settings.cache_entries, 65536);
}
END_TEST

/* docs/MAGLEV.md, "In a manifest": at most 255 backends. */
START_TEST(the_256th_backend_is_refused)
{
    char text[32 * 256] = "";
    struct settings_error error;
    size_t used = 0;
    uint32_t i;

    for (i = 1; i <= 256; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used,
                                 "backend b%u 02:00:00:00:%02x:%02x\n", i,
                                 i >> 8, i & 255);
    error = read(text, false);
    ck_assert_ptr_nonnull(error.reason);
    ck_assert_uint_eq(error.line, 256);
    ck_assert_uint_eq(settings.backends, 255);
}
END_TEST

/* Rule: any text is read or refused; the sanitizers see that no more happens.
 */
START_TEST(any_text_can_be_read)
{
    static const char *const pieces[] = {
        "backend ", "source ", "cache ", "seed ", "02:00:00:00:00:0",
        "1",        "=",       "#",      "\n",    "\r",
        "web",      " ",
    };
    struct dice dice = {5};
    uint32_t i, wrong = 0;
    char text[256];
    size_t used;

    for (i = 0; i < 100000; i++) {
        for (used = 0; used < 200 && dice_below(&dice, 30);) {
            const char *piece = pieces[dice_below(&dice, 12)];

            if (dice_below(&dice, 50) == 0)
                text[used++] = (char)(1 + dice_below(&dice, 255));
            memcpy(text + used, piece, strlen(piece));
            used += strlen(piece);
        }
        text[used] = 0;
        wrong += read(text, dice_below(&dice, 2)).reason != NULL;
        sure(settings.backends <= 1);
    }
    ck_assert_uint_gt(wrong, 1000);
    ck_assert_uint_lt(wrong, 99000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("maglev settings");
    TCase *tests = tcase_create("settings");

    tcase_add_test(tests, a_file_is_read);
    tcase_add_test(tests, arguments_are_read);
    tcase_add_test(tests, nothing_is_a_configuration);
    tcase_add_loop_test(tests, mistakes_are_told_with_their_line, 0,
                        (int)(sizeof(mistakes) / sizeof(mistakes[0])));
    tcase_add_test(tests, the_256th_backend_is_refused);
    tcase_add_test(tests, any_text_can_be_read);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
