/* SPDX-License-Identifier: MIT */
/*
 * test_rules.c - the file of rules: what it says, what is wrong with it, and
 * that damage of any kind is an error that names its line.
 * Source: docs/FIREWALL.md, "The file of rules".
 */
#include "rules.h"
#include "suite_run.h"
#include "sure.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rules rules;

/* The text stands in memory that ends with it. */
static bool read_bytes(const char *text, size_t length,
                       struct rules_error *error)
{
    char *copy = calloc(1, length ? length : 1);
    bool done;

    sure(copy != NULL);
    memcpy(copy, text, length);
    done = rules_read(&rules, copy, length, error);
    free(copy);
    return done;
}

/* docs/FIREWALL.md, "The file of rules": every statement. */
START_TEST(a_file_is_read)
{
    static const char text[] =
        "# all there is\n\n"
        "accept tcp 192.0.2.0/24 any -> 198.51.100.7 443\n"
        "\tdrop  udp any 1024-65535 -> 2001:db8::/32 53 # names\r\n"
        "accept 47 any any -> any any\n"
        "malformed accept\nother drop\ndefault accept";
    struct rules_error error;
    const struct interval *box;

    ck_assert(read_bytes(text, strlen(text), &error));
    ck_assert_uint_eq(rules.count, 3);
    ck_assert_uint_eq(rules.line[0], 3);
    ck_assert_uint_eq(rules.line[2], 5);
    ck_assert(rules.is_accepted[0] && !rules.is_accepted[1]);
    ck_assert(rules.is_accepted[2] && rules.is_accepted[3]);
    ck_assert(rules.malformed_accepted && !rules.other_accepted);
    ck_assert_uint_eq(rules.ipv4.count, 2);
    ck_assert_uint_eq(rules.ipv6.count, 2);
    box = box_at(&rules.ipv4, 0);
    ck_assert_uint_eq(box[IPV4_SOURCE].low, 0xc0000200);
    ck_assert_uint_eq(box[IPV4_SOURCE].high, 0xc00002ff);
    ck_assert_uint_eq(box[IPV4_TARGET].low, 0xc6336407);
    ck_assert_uint_eq(box[IPV4_TARGET].high, 0xc6336407);
    ck_assert_uint_eq(box[IPV4_PORTS].high, PORT_NONE);
    ck_assert_uint_eq(box[IPV4_PORTS + 1].low, 443);
    ck_assert_uint_eq(box[IPV4_PORTS + 1].high, 443);
    ck_assert_uint_eq(box[IPV4_PORTS + 2].low, PROTOCOL_TCP);
    rules_free(&rules);
}
END_TEST

/* docs/FIREWALL.md, "The file of rules": what is not said. */
START_TEST(an_empty_file_drops_what_is_ip)
{
    struct rules_error error;

    ck_assert(read_bytes("", 0, &error));
    ck_assert_uint_eq(rules.count, 0);
    ck_assert(!rules.is_accepted[0]);
    ck_assert(!rules.malformed_accepted && rules.other_accepted);
    rules_free(&rules);
}
END_TEST

static const struct mistake {
    const char *text;
    uint32_t line, column;
    const char *reason; /* a part of it */
} mistakes[] = {
    {"reject tcp any any -> any any", 1, 1, "accept, drop, default"},
    {"\n\naccept tcp any any -> any", 3, 26, "a rule is"},
    {"accept tcp any any -> any any any", 1, 31, "a rule is"},
    {"accept", 1, 7, "a rule is"},
    {"accept tcq any any -> any any", 1, 8, "a number to 255"},
    {"accept 256 any any -> any any", 1, 8, "a number to 255"},
    {"accept tcp any any any any any", 1, 20, "write ->"},
    {"accept tcp 10.0.0.0/33 any -> any any", 1, 12, ""},
    {"accept tcp 10.0.0.1/24 any -> any any", 1, 12, ""},
    {"accept tcp 10.0.0 any -> any any", 1, 12, ""},
    {"accept tcp 10.0.0.256 any -> any any", 1, 12, ""},
    {"accept tcp 2001:db8::1::2 any -> any any", 1, 12, ""},
    {"accept tcp 2001:db8::/129 any -> any any", 1, 12, ""},
    {"accept tcp 10.0.0.1 any -> ::1 any", 1, 28, "write two rules"},
    {"accept tcp any 65536 -> any any", 1, 16, "to 65535"},
    {"accept tcp any 80- -> any any", 1, 16, "behind -"},
    {"accept tcp any 80-79 -> any any", 1, 16, "lower port"},
    {"accept tcp any -80 -> any any", 1, 16, "to 65535"},
    {"accept icmp any any -> any 7", 1, 8, "only tcp and udp"},
    {"default", 1, 8, "accept or drop"},
    {"default drop now", 1, 14, "nothing may follow"},
    {"default drop\ndefault drop", 2, 1, "said twice"},
    {"other drop\nother drop", 2, 1, "said twice"},
    {"malformed maybe", 1, 11, "accept or drop"},
    {"default drop\naccept any any any -> any any", 2, 1, "behind default"},
};

/* docs/FIREWALL.md, "The file of rules": a mistake has its place, and a word
 * on what to do. */
START_TEST(a_mistake_has_its_place)
{
    const struct mistake *mistake = &mistakes[_i];
    struct rules_error error;

    ck_assert_msg(!read_bytes(mistake->text, strlen(mistake->text), &error),
                  "%s", mistake->text);
    ck_assert_msg(error.line == mistake->line &&
                      error.column == mistake->column &&
                      strstr(error.reason, mistake->reason),
                  "%s: line %u column %u: %s", mistake->text, error.line,
                  error.column, error.reason);
    ck_assert_ptr_null(rules.line);
}
END_TEST

/* Rule: a terminal shows what stands in a file; so only what can be printed
 * is repeated, and not much of it. */
START_TEST(a_word_is_shown_without_harm)
{
    struct rules_error error;
    char text[200];

    memset(text, '\033', sizeof(text));
    ck_assert(!read_bytes(text, sizeof(text), &error));
    ck_assert_uint_eq(strlen(error.word), RULES_WORD_SHOWN);
    ck_assert_ptr_null(strchr(error.word, '\033'));
}
END_TEST

/* docs/FIREWALL.md, "Limits". */
START_TEST(rules_have_a_limit)
{
    static const char rule[] = "drop any any any -> any any\n";
    size_t length = sizeof(rule) - 1, i;
    char *text = malloc((RULES_MAX + 1) * length);
    struct rules_error error;

    for (i = 0; i <= RULES_MAX; i++)
        memcpy(text + i * length, rule, length);
    ck_assert(read_bytes(text, RULES_MAX * length, &error));
    ck_assert_uint_eq(rules.count, RULES_MAX);
    rules_free(&rules);
    ck_assert(!read_bytes(text, (RULES_MAX + 1) * length, &error));
    ck_assert_uint_eq(error.line, RULES_MAX + 1);
    free(text);
}
END_TEST

static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

/* One byte changed, taken out or put in; most are those that files have. */
static size_t damage(char *text, size_t length, uint64_t *state)
{
    static const char usual[] = "0123456789abcdef:./- \n\t\r#>anydropct";
    size_t at = draw(state) % length;
    char byte = draw(state) % 8 ? usual[draw(state) % (sizeof(usual) - 1)]
                                : (char)draw(state);

    switch (draw(state) % 3) {
    case 0:
        text[at] = byte;
        return length;
    case 1:
        memmove(text + at, text + at + 1, length - at - 1);
        return length - 1;
    default:
        memmove(text + at + 1, text + at, length - at);
        text[at] = byte;
        return length + 1;
    }
}

/* Rule: whatever the bytes are, the file is read or refused with a line; what
 * was read holds no interval that is upside down. */
START_TEST(damaged_files_are_read_or_refused)
{
    static const char text[] =
        "accept tcp 192.0.2.0/24 1024-65535 -> 198.51.100.7 443\n"
        "drop udp 2001:db8::/32 any -> 2001:db8::7:1 53\n"
        "drop any ::ffff:1.2.3.4 any -> any any # note\n"
        "other drop\nmalformed accept\ndefault accept\n";
    const char *count = getenv("TP_TEST_MUTANTS");
    uint64_t rounds = count ? strtoull(count, NULL, 10) : 200000;
    uint64_t state = 4711, i, was_read = 0;
    struct rules_error error;
    char copy[sizeof(text) + 16];

    for (i = 0; i < rounds; i++) {
        size_t length = sizeof(text) - 1;
        uint64_t changes = 1 + draw(&state) % 4;
        uint32_t box, f;

        memcpy(copy, text, sizeof(text));
        while (changes-- > 0)
            length = damage(copy, length, &state);
        if (!read_bytes(copy, length, &error)) {
            sure(error.reason && error.line >= 1 && error.line <= 12);
            continue;
        }
        was_read++;
        for (box = 0; box < rules.ipv6.count; box++)
            for (f = 0; f < IPV6_FIELDS; f++)
                sure(box_at(&rules.ipv6, box)[f].low <=
                     box_at(&rules.ipv6, box)[f].high);
        rules_free(&rules);
    }
    ck_assert_uint_gt(was_read, rounds / 100);
    ck_assert_uint_lt(was_read, rounds);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("firewall rules");
    TCase *c = tcase_create("rules");

    tcase_set_timeout(c, 120);
    tcase_add_test(c, a_file_is_read);
    tcase_add_test(c, an_empty_file_drops_what_is_ip);
    tcase_add_loop_test(c, a_mistake_has_its_place, 0,
                        sizeof(mistakes) / sizeof(mistakes[0]));
    tcase_add_test(c, a_word_is_shown_without_harm);
    tcase_add_test(c, rules_have_a_limit);
    tcase_add_test(c, damaged_files_are_read_or_refused);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK_GETENV);
}
