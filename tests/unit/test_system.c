/* SPDX-License-Identifier: MIT */
/*
 * test_system.c - the manifest parser: what is good is understood, each
 * mistake is reported with its line and its word, and no text whatever makes
 * it read or write out of bounds.
 * Source: docs/MANIFEST.md; core/loader/system.c.
 */
#include "suite_run.h"
#include "tepal_trusted/loader.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct system parsed;
static struct load_error error;

/* In memory of exactly its size, so that a sanitizer sees the byte beyond. */
static bool parse_bytes(const char *text, size_t bytes)
{
    char *copy = malloc(bytes ? bytes : 1);
    bool fine;

    memcpy(copy, text, bytes);
    memset(&parsed, 0x5a, sizeof(parsed));
    error.text[0] = 0;
    fine = system_parse(&parsed, copy, bytes, &error);
    free(copy);
    return fine;
}

static bool parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static const char good[] =
    "# a comment\n"
    "system forward\n"
    "\n"
    "device nic0 82599   # and another\n"
    "  domain ixgbe file=ixgbe.dom device=nic0 private=64M\r\n"
    "domain app\tfile=\"my app.dom\" net=ixgbe.net threads=open shared=2G "
    "args=\"-v  --rate=3 # no comment\"\n"
    "domain last file=x net=app.a net2=ixgbe.b threads=affine private=1 "
    "data=\"my rules\" restart=on-crash restart-limit=20/3s "
    "restart-delay=50us budget=1500us";

/* docs/MANIFEST.md, "Lines", "domain NAME OPTION...": comments, quotes, blanks
 * and options are understood, each with its line. */
START_TEST(a_good_manifest_is_understood)
{
    const struct system_domain *domain = parsed.domains;

    ck_assert_msg(parse(good), "%s", error.text);
    ck_assert_str_eq(parsed.name, "forward");
    ck_assert_uint_eq(parsed.device_count, 1);
    ck_assert_str_eq(parsed.devices[0].name, "nic0");
    ck_assert_str_eq(parsed.devices[0].model, "82599");
    ck_assert_uint_eq(parsed.devices[0].line, 4);
    ck_assert_uint_eq(parsed.domain_count, 3);
    ck_assert_str_eq(domain[0].name, "ixgbe");
    ck_assert_str_eq(domain[0].device, "nic0");
    ck_assert_uint_eq(domain[0].private_quota, 64u << 20);
    ck_assert(!domain[0].open);
    ck_assert_uint_eq(domain[0].line, 5);
    ck_assert_str_eq(domain[1].file, "my app.dom");
    ck_assert_str_eq(domain[1].arguments, "-v  --rate=3 # no comment");
    ck_assert(domain[1].open);
    ck_assert_uint_eq(domain[1].shared_quota, 2ull << 30);
    ck_assert_uint_eq(domain[1].wire_count, 1);
    ck_assert_str_eq(domain[1].wires[0].cap, "net");
    ck_assert_str_eq(domain[1].wires[0].domain, "ixgbe");
    ck_assert_str_eq(domain[1].wires[0].export, "net");
    ck_assert_uint_eq(domain[2].wire_count, 2);
    ck_assert_uint_eq(domain[2].private_quota, 1);
    ck_assert_str_eq(domain[1].data, "");
    ck_assert_str_eq(domain[2].data, "my rules");
    ck_assert(!domain[2].open);
    ck_assert_uint_eq(domain[2].line, 7);
    ck_assert_uint_eq(domain[1].restart.policy, RESTART_NEVER);
    ck_assert_uint_eq(domain[1].restart.limit, 10);
    ck_assert_uint_eq(domain[1].restart.window_nanoseconds, 1000000000);
    ck_assert_uint_eq(domain[1].budget_ticks, 0);
    ck_assert_uint_eq(domain[2].restart.policy, RESTART_ON_CRASH);
    ck_assert_uint_eq(domain[2].restart.limit, 20);
    ck_assert_uint_eq(domain[2].restart.window_nanoseconds, 3000000000);
    ck_assert_uint_eq(domain[2].restart.delay_nanoseconds, 50000);
    ck_assert_uint_eq(domain[2].budget_ticks, 2);
}
END_TEST

#define NAME32 "abcdefghijklmnopqrstuvwxyz012345"
#define WORD64                                                                 \
    "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz+-"
#define D "domain d file=x\n"

/* The line, and what the message must contain. */
static const struct {
    const char *text, *line, *words;
} mistakes[] = {
    {"", "line 0", "no domain"},
    {"# nothing\n", "line 1", "no domain"},
    {"system\n", "line 1", "a name must follow"},
    {"system a/b\n", "line 1", "not a name: 'a/b'"},
    {"system \"\"\n", "line 1", "empty or too long"},
    {"system " NAME32 "\n", "line 1", "too long"},
    {"\n\nsistem x\n", "line 3",
     "expected system, device or domain, not "
     "'sistem'"},
    {"device nic0\n", "line 1", "device NAME MODEL"},
    {"device nic0 82599 more\n", "line 1", "device NAME MODEL"},
    {"device abcdefghijklmnop 82599\n", "line 1", "too long"},
    {"device a m\ndevice b m\ndevice c m\ndevice d m\ndevice e m\n", "line 5",
     "too many devices: 'e'"},
    {"domain\n", "line 1", "a name must follow"},
    {"domain d\n", "line 1", "file=NAME.dom is missing"},
    {"domain d file=\n", "line 1", "file=NAME.dom is missing"},
    {D D, "line 2", "a second domain called 'd'"},
    {"domain d file=x bare\n", "line 1", "expected NAME=VALUE, not 'bare'"},
    {"domain d file=x threads=many\n", "line 1",
     "threads is affine or open, not 'many'"},
    {"domain d file=x restart=maybe\n", "line 1",
     "restart is never, on-crash or always, not 'maybe'"},
    {"domain d file=x restart-limit=10\n", "line 1", "N/TIME, as 10/1s"},
    {"domain d file=x restart-limit=0/1s\n", "line 1", "N/TIME"},
    {"domain d file=x restart-limit=99999999999/1s\n", "line 1", "N/TIME"},
    {"domain d file=x restart-limit=1/\n", "line 1", "not a time"},
    {"domain d file=x restart-delay=5\n", "line 1", "not a time"},
    {"domain d file=x restart-delay=0ms\n", "line 1", "not a time"},
    {"domain d file=x restart-delay=99999999999999999999s\n", "line 1",
     "not a time"},
    {"domain d file=x budget=ms\n", "line 1", "not a time"},
    {"domain d file=x budget=5msec\n", "line 1", "not a time"},
    {"domain d file=x budget=61s\n", "line 1", "at most 60s"},
    {"domain d file=x shared=\n", "line 1", "not a number of bytes: ''"},
    {"domain d file=x shared=0\n", "line 1", "not a number of bytes: '0'"},
    {"domain d file=x shared=12Q\n", "line 1", "'12Q'"},
    {"domain d file=x shared=M\n", "line 1", "'M'"},
    {"domain d file=x shared=-1\n", "line 1", "'-1'"},
    {"domain d file=x shared=1KK\n", "line 1", "'1KK'"},
    {"domain d file=x private=99999999999999999999\n", "line 1",
     "not a number of bytes"},
    {"domain d file=x net=nowhere\n", "line 1", "NAME=DOMAIN.EXPORT"},
    {"domain d file=x net=e.net\n", "line 1",
     "no domain before this one is called 'e'"},
    {"domain d file=x net=d.net\n", "line 1", "no domain before this one"},
    {D "domain e file=x =d.net\n", "line 2", "empty"},
    {D "domain e file=x net=d.\n", "line 2", "empty"},
    {D "domain e file=x net=.net\n", "line 2", "empty"},
    {D "domain e file=x net=d.a.b\n", "line 2", "not a name: 'a.b'"},
    {"domain d file=\"x\n", "line 1", "missing \""},
    {"domain d file=x args=\x01\n", "line 1", "bad or too long word"},
    {"domain d file=" WORD64 WORD64 "\n", "line 1", "file name too long"},
    {"domain d file=x data=\n", "line 1", "file name empty or too long"},
    {"domain d file=x data=" WORD64 WORD64 "\n", "line 1",
     "file name empty or too long"},
    {"domain d file=x args=" WORD64 WORD64 WORD64 WORD64 "\n", "line 1",
     "bad or too long word"},
    {"system 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", "line 1",
     "too many words"},
    {D "domain e file=x a=d.a b=d.a c=d.a d=d.a e=d.a f=d.a g=d.a h=d.a "
       "i=d.a\n",
     "line 2", "too many capabilities: 'i'"},
};

/* docs/SECURITY.md, "Hostile input": a manifest is refused with its line; and
 * the message names the word. */
START_TEST(each_mistake_is_reported_with_line_and_word)
{
    ck_assert_msg(!parse(mistakes[_i].text), "'%s' passes", mistakes[_i].text);
    ck_assert_msg(strstr(error.text, mistakes[_i].line) == error.text &&
                      strstr(error.text, mistakes[_i].words),
                  "'%s': '%s'", mistakes[_i].text, error.text);
}
END_TEST

/* A mistake that passes silently is worse than one that is refused. */
static const char *const silent[] = {
    "system a b c\n" D,
    "device n 82599\ndevice n 82599\n" D,
    D "domain e file=x net=d.a net=d.b\n",
    "domain d file=x file=y\n",
    "domain d file=x data=y data=y\n",
    "system a\nsystem b\n" D,
    "domain d file=x shared=1 shared=2\n",
};

/* Rule: a mistake that passes silently is worse than one that is refused, so
 * what stands there twice or too much is a mistake. */
START_TEST(nothing_is_ignored_in_silence)
{
    ck_assert_msg(!parse(silent[_i]), "'%s' passes", silent[_i]);
}
END_TEST

/* docs/MANIFEST.md, "domain NAME OPTION...": at most 16 domains; the next one
 * is named in the refusal. */
START_TEST(a_manifest_has_room_for_as_many_domains_as_promised)
{
    char text[SYSTEM_DOMAINS_MAX * 32 + 64] = "";
    uint32_t i;

    for (i = 0; i < SYSTEM_DOMAINS_MAX; i++) {
        char line[32] = "domain dx file=f\n";

        line[8] = (char)('a' + i);
        strcat(text, line);
    }
    ck_assert(parse(text));
    ck_assert_uint_eq(parsed.domain_count, SYSTEM_DOMAINS_MAX);
    strcat(text, "domain last file=f\n");
    ck_assert(!parse(text));
    ck_assert_ptr_nonnull(strstr(error.text, "too many domains: 'last'"));
}
END_TEST

/* docs/MANIFEST.md, "Manifests": plain text, at most 64 KiB, to the byte. */
START_TEST(a_manifest_that_is_too_long_is_refused)
{
    size_t bytes = 0x10001;
    char *text = calloc(1, bytes);

    memset(text, '\n', bytes);
    ck_assert(!parse_bytes(text, bytes));
    ck_assert_ptr_nonnull(strstr(error.text, "64 KiB"));
    memcpy(text, D, strlen(D));
    ck_assert(parse_bytes(text, bytes - 1));
    free(text);
}
END_TEST

static uint64_t state = 0x2545f4914f6cdd1du;

static uint64_t chance(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Bytes that mean something are more likely to lead somewhere. */
static void mutate(char *text, size_t *bytes)
{
    static const char meaning[] = "=.\"#\n\t \r\0\xff"
                                  "adfgKMG09_-";
    size_t at = chance() % *bytes;

    switch (chance() % 4) {
    case 0:
        text[at] = meaning[chance() % (sizeof(meaning) - 1)];
        break;
    case 1:
        text[at] = (char)chance();
        break;
    case 2: /* cut out */
        memmove(text + at, text + at + 1, *bytes - at - 1);
        *bytes -= *bytes > 1;
        break;
    default: /* say it again */
        memmove(text + at + 16, text + at, *bytes - at);
        *bytes += 16;
        break;
    }
}

/* Every text in @parsed ends within its room. */
static bool is_sound(void)
{
    uint32_t i, w;

    if (parsed.domain_count == 0 || parsed.domain_count > SYSTEM_DOMAINS_MAX ||
        parsed.device_count > SYSTEM_DEVICES_MAX ||
        !memchr(parsed.name, 0, sizeof(parsed.name)))
        return false;
    for (i = 0; i < parsed.domain_count; i++) {
        const struct system_domain *domain = &parsed.domains[i];

        if (!memchr(domain->name, 0, sizeof(domain->name)) ||
            !memchr(domain->file, 0, sizeof(domain->file)) ||
            !memchr(domain->device, 0, sizeof(domain->device)) ||
            !memchr(domain->arguments, 0, sizeof(domain->arguments)) ||
            domain->wire_count > SYSTEM_WIRES_MAX)
            return false;
        for (w = 0; w < domain->wire_count; w++)
            if (!memchr(domain->wires[w].cap, 0, DOMAIN_NAME_MAX) ||
                !memchr(domain->wires[w].domain, 0, DOMAIN_NAME_MAX) ||
                !memchr(domain->wires[w].export, 0, DOMAIN_NAME_MAX))
                return false;
    }
    return true;
}

/* Rule: no text whatever makes the parser leave its input, or leave a name that
 * does not end in its room (docs/SECURITY.md, "The attacker"). */
START_TEST(mutated_manifests_are_understood_or_refused)
{
    uint32_t n, i, understood = 0;
    char text[sizeof(good) + 16 * 16];

    for (n = 0; n < 100000; n++) {
        size_t bytes = sizeof(good) - 1;

        memcpy(text, good, bytes);
        for (i = (uint32_t)(chance() % 8); i < 8; i++)
            mutate(text, &bytes);
        if (parse_bytes(text, bytes)) {
            understood++;
            if (!is_sound())
                ck_abort_msg("mutant %u is not sound", n);
        } else if (strncmp(error.text, "line ", 5) != 0 ||
                   !memchr(error.text, 0, sizeof(error.text))) {
            ck_abort_msg("mutant %u: '%.200s'", n, error.text);
        }
    }
    ck_assert_uint_gt(understood, 100);
    ck_assert_uint_lt(understood, 99900);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system");
    TCase *tests = tcase_create("system");

    tcase_add_test(tests, a_good_manifest_is_understood);
    tcase_add_loop_test(tests, each_mistake_is_reported_with_line_and_word, 0,
                        sizeof(mistakes) / sizeof(mistakes[0]));
    tcase_add_loop_test(tests, nothing_is_ignored_in_silence, 0,
                        sizeof(silent) / sizeof(silent[0]));
    tcase_add_test(tests, a_manifest_has_room_for_as_many_domains_as_promised);
    tcase_add_test(tests, a_manifest_that_is_too_long_is_refused);
    tcase_add_test(tests, mutated_manifests_are_understood_or_refused);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
