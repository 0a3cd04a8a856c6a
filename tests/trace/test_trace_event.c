/* SPDX-License-Identifier: MIT */
/*
 * test_trace_event.c - events as JSON, to the letter: names and causes with any
 * bytes, times of any clock, and what is said of each kind of event.
 * Source: docs/man/tepal.1, "TRACES"; RFC 8259, section 7; RFC 3629.
 */
#include "json.h"
#include "rig.h"
#include "trace_event.h"
#include <stdlib.h>
#include <string.h>

#define ODD                                                                    \
    "a\"b\\c\n\x01\xff\xc3\xa9\xed\xa0\x80\xc0\x80\xf4\x90\x80\x80\xe2\x82"
/* é is UTF-8; a surrogate, a 0 in two bytes, U+110000, half a character are
 * not, byte by byte. */
#define ODD_JSON                                                               \
    "a\\\"b\\\\c\\u000a\\u0001\\ufffd\xc3\xa9\\ufffd\\ufffd\\ufffd"            \
    "\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd"

static struct running running;
static char *text;
static size_t length;

static void free_text(void)
{
    free(text);
    text = NULL;
}

static struct trace_writer begin(void)
{
    memset(&running, 0, sizeof(running));
    return (struct trace_writer){.file = open_memstream(&text, &length),
                                 .running = &running,
                                 .scale = 4ull << 32};
}

/* What was written is @wanted. */
static void check_text(struct trace_writer *writer, const char *wanted)
{
    fclose(writer->file);
    ck_assert_str_eq(text, wanted);
    free_text();
}

/* Rule: whatever the bytes, a string (RFC 8259, section 7; RFC 3629). */
START_TEST(any_bytes_make_a_string)
{
    char to[JSON_QUOTED(sizeof(ODD))];

    *json_quote(to, ODD) = 0;
    ck_assert_str_eq(to, "\"" ODD_JSON "\"");
    *json_quote(to, "\xf0\x9f\x98\x80\x7f\xf5\xbf\xbf\xbf") = 0;
    ck_assert_str_eq(
        to, "\"\xf0\x9f\x98\x80\x7f\\ufffd\\ufffd\\ufffd\\ufffd\"");
}
END_TEST

static void add_event(struct trace_chunk *chunk, struct trace_event event)
{
    chunk->events[chunk->count++] = event;
}

#define THREAD_NAME(name)                                                      \
    ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":3,\"name\":\"thread_name\","           \
    "\"args\":{\"name\":\"" name "\"}}"
#define AT(phase, time)                                                        \
    ",\n{\"ph\":\"" phase "\",\"pid\":1,\"tid\":3,\"ts\":" time ","

/* docs/ARCHITECTURE.md, "Traces": no name of a domain breaks the file. */
START_TEST(names_of_domains_may_be_odd)
{
    static struct trace_chunk chunk;
    struct actor odd = actor_new(ODD);
    struct trace_writer writer = begin();

    chunk = (struct trace_chunk){.thread = 3, .slot = odd.domain->slot};
    add_event(&chunk, (struct trace_event){.kind = TRACE_ENTER,
                                           .method = "x.y",
                                           .callee = odd.domain->slot});
    trace_write_chunk(&writer, &chunk);

    check_text(&writer, THREAD_NAME(ODD_JSON)
               AT("B", "0.0000") "\"name\":\"x.y\",\"cat\":\"crossing\","
               "\"args\":{\"caller\":\"kernel\",\"callee\":\"" ODD_JSON
               "\"}}");
    actors_end();
}
END_TEST

/* docs/VIRTUAL_CLOCK.md: a tick is 0.4 ns; tepal(1): times from the start. */
START_TEST(times_are_microseconds_from_the_start)
{
    static struct trace_chunk chunk;
    struct trace_writer writer = begin();

    chunk = (struct trace_chunk){.thread = 3};
    writer.start = 1000;
    writer.named[3] = true;
    add_event(&chunk, (struct trace_event){.kind = TRACE_LEAVE, .time = 999});
    add_event(&chunk, (struct trace_event){.kind = TRACE_LEAVE, .time = 1001});
    add_event(&chunk, (struct trace_event){.kind = TRACE_LEAVE,
                                           .time = 1000 + 2500 * 1000003ull});
    trace_write_chunk(&writer, &chunk);

#define OK "\"args\":{\"result\":\"ok\"}}"
    check_text(&writer, AT("E", "0.0000") OK AT("E", "0.0004") OK
               AT("E", "1000003.0000") OK);
}
END_TEST

/* docs/ARCHITECTURE.md, "Traces": what each kind of event says. */
START_TEST(every_kind_of_event_says_what_it_is)
{
    static struct trace_chunk chunk;
    struct trace_writer writer = begin();

    chunk = (struct trace_chunk){.thread = 3};
    writer.named[3] = true;
    add_event(&chunk, (struct trace_event){.kind = TRACE_FAILED,
                                           .method = "x.y",
                                           .count = RPC_BUSY});
    add_event(&chunk, (struct trace_event){.kind = TRACE_ARGUMENTS,
                                           .type = &type_test_apple,
                                           .count = 5});
    add_event(&chunk, (struct trace_event){.kind = TRACE_RESULTS, .count = 6});
    add_event(&chunk, (struct trace_event){.kind = TRACE_LENT, .count = 7});
    add_event(&chunk, (struct trace_event){.kind = TRACE_LEAVE,
                                           .answer = {RPC_REFUSED, 0}});
    add_event(&chunk, (struct trace_event){.kind = TRACE_LEAVE,
                                           .answer = {RPC_OK, 2}});
    add_event(&chunk, (struct trace_event){.kind = TRACE_LEAVE,
                                           .answer = {RPC_NO_STACK + 99, 0}});
    trace_write_chunk(&writer, &chunk);

#define INSTANT(name, category)                                                \
    AT("i", "0.0000") "\"name\":\"" name "\",\"cat\":\"" category              \
                      "\",\"s\":\"t\",\"args\":{"
#define BETWEEN "\"from\":\"kernel\",\"to\":\"kernel\"}}"
    check_text(&writer,
               INSTANT("call failed", "crossing")
               "\"method\":\"x.y\",\"caller\":\"kernel\",\"result\":\"busy\"}}"
               INSTANT("moved", "objects")
               "\"type\":\"test.apple\",\"as\":\"argument\",\"count\":5,"
               BETWEEN
               INSTANT("moved", "objects")
               "\"type\":\"unknown\",\"as\":\"result\",\"count\":6," BETWEEN
               INSTANT("lent", "objects") "\"count\":7," BETWEEN
               AT("E", "0.0000")
               "\"args\":{\"result\":\"refused\",\"parameter\":0}}"
               AT("E", "0.0000") "\"args\":{\"result\":\"ok\",\"error\":2}}"
               AT("E", "0.0000") "\"args\":{\"result\":\"unknown\"}}");
}
END_TEST

/* docs/ARCHITECTURE.md, "Traces": a driver's death stops its device. */
START_TEST(a_death_stands_with_the_domain_and_its_device)
{
    struct actor actor = actor_new("driver");
    struct trace_writer writer = begin();
    char wanted[1000];
    unsigned slot = actor.domain->slot;

    running.loaded = running.system.domain_count = 1;
    running.domains[0].domain = actor.domain;
    running.system.device_count = 2;
    strcpy(running.system.devices[0].name, "nic0");
    strcpy(running.system.devices[1].name, "nic1");
    strcpy(running.system.domains[0].device, "nic1");
    ck_assert(trace_begin(2 * sizeof(struct trace_chunk), false));
    domain_blame(actor.domain, ODD, 0x100abc, 0);
    trace_crashed(actor.domain);
    trace_restarted(actor.domain);

    writer.start = UINT64_MAX; /* so all are at 0 */
    trace_write_lives(&writer);

    snprintf(wanted, sizeof(wanted),
             ",\n{\"ph\":\"i\",\"pid\":%u,\"tid\":0,\"ts\":0.0000,"
             "\"name\":\"crash\",\"cat\":\"life\",\"s\":\"g\",\"args\":{"
             "\"domain\":\"driver\",\"thread\":0,\"cause\":\"%s\","
             "\"address\":\"0x100abc\"}}"
             ",\n{\"ph\":\"i\",\"pid\":10001,\"tid\":0,\"ts\":0.0000,"
             "\"name\":\"stopped\",\"cat\":\"life\",\"s\":\"t\",\"args\":{"
             "\"driver\":\"driver\"}}"
             ",\n{\"ph\":\"i\",\"pid\":%u,\"tid\":0,\"ts\":0.0000,"
             "\"name\":\"restart\",\"cat\":\"life\",\"s\":\"g\",\"args\":{"
             "\"domain\":\"driver\",\"thread\":0}}",
             100 + slot, ODD_JSON, 100 + slot);
    check_text(&writer, wanted);
    trace_stop();
    actors_end();
    trace_end();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("trace_event");
    TCase *tests = tcase_create("trace_event");

    tcase_add_test(tests, any_bytes_make_a_string);
    tcase_add_test(tests, names_of_domains_may_be_odd);
    tcase_add_test(tests, times_are_microseconds_from_the_start);
    tcase_add_test(tests, every_kind_of_event_says_what_it_is);
    tcase_add_test(tests, a_death_stands_with_the_domain_and_its_device);
    suite_add_tcase(all, tests);
    return all;
}

int main(int argc, char **argv)
{
    return rig_main(suite(), argc, argv, 0);
}
