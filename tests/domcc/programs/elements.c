/* SPDX-License-Identifier: MIT */
/*
 * Loops of the kind for which gcc writes single string instructions:
 * tools/domcc/copies.c.
 */
#include "check.h"
#include <stdint.h>

struct sink {
    char *at;
    int room, length;
    char text[16];
};

/* Whether this needs movsb is up to gcc; version 12 does at -O2. */
static __attribute__((noinline)) char *append(const char *from, void *user,
                                              int count)
{
    struct sink *sink = user;

    sink->length += count;
    if (count > sink->room)
        count = sink->room;
    if (count) {
        if (from != sink->at) {
            const char *end = from + count;
            char *to = sink->at;

            do {
                *to++ = *from++;
            } while (from < end);
        }
        sink->at += count;
        sink->room -= count;
    }
    return sink->room <= 0 ? sink->text : sink->at;
}

static __attribute__((noinline, cold)) uint32_t *
copy_words(uint32_t *to, const uint32_t *from, const uint32_t *end)
{
    do {
        *to++ = *from++;
    } while (from < end);
    return to;
}

static __attribute__((noinline, cold)) uint64_t *fill(uint64_t *to, int count,
                                                      uint64_t value)
{
    while (count-- > 0)
        *to++ = value;
    return to;
}

static __attribute__((noinline, cold)) uint16_t *spread(uint16_t *to,
                                                        const uint16_t *from,
                                                        int count)
{
    int kept = count * 3;

    while (count-- > 0)
        *to++ = *from++;
    *to++ = (uint16_t)kept;
    return to;
}

int tp_main(void)
{
    static uint32_t words[4] = {1, 0x80000002, 3, 4}, others[5];
    static uint64_t quads[6];
    static uint16_t halves[4] = {7, 8, 9, 10}, more[6];
    struct sink sink = {.at = sink.text, .room = 12};

    CHECK(append("tepal", &sink, hidden(5)) == sink.text + 5);
    CHECK(append("-domain!", &sink, hidden(8)) == sink.text);
    CHECK(sink.length == 13 && !__builtin_memcmp(sink.text, "tepal-domain", 13));
    CHECK(copy_words(others, words, words + 4) == others + 4);
    CHECK(others[1] == 0x80000002 && others[3] == 4 && !others[4]);
    CHECK(fill(quads, hidden(5), ~7ull) == quads + 5);
    CHECK(quads[0] == ~7ull && quads[4] == ~7ull && !quads[5]);
    CHECK(spread(more, halves, hidden(4)) == more + 5);
    CHECK(more[0] == 7 && more[3] == 10 && more[4] == 12 && !more[5]);
    return check_failures;
}
