/* SPDX-License-Identifier: MIT */
/*
 * test_frame.c - what the filter sees of a frame, beside the slow model, and
 * what becomes of a batch.
 * Source: docs/FIREWALL.md, "What is looked at".
 */
#include "frame.h"
#include "sets.h"
#include "shared.h"
#include "suite_run.h"
#include "sure.h"
#include <stdlib.h>
#include <string.h>

enum { FRAME_ROOM = 1600 };

struct writer {
    uint8_t bytes[FRAME_ROOM];
    uint32_t length;
};

static uint64_t state = 31;

static uint32_t draw_to(uint32_t limit)
{
    return (uint32_t)(set_draw(&state) % limit);
}

static void put8(struct writer *writer, uint32_t value)
{
    writer->bytes[writer->length++] = (uint8_t)value;
}

static void put16(struct writer *writer, uint32_t value)
{
    put8(writer, value >> 8);
    put8(writer, value);
}

static void put_random(struct writer *writer, uint32_t count)
{
    while (count-- > 0)
        put8(writer, draw_to(256));
}

static uint32_t draw_protocol(void)
{
    static const uint8_t protocols[] = {6, 17, 6, 17, 1, 58, 47, 0, 44, 51};

    return protocols[draw_to(sizeof(protocols))];
}

/* Returns what follows the last of them. */
static void put_extensions(struct writer *writer)
{
    static const uint8_t types[] = {0, 43, 44, 51, 60};
    uint32_t count = draw_to(4) ? draw_to(3) : draw_to(11), bytes, size;
    uint32_t next = count ? types[draw_to(5)] : draw_protocol();

    put8(writer, next);
    put8(writer, draw_to(256));
    put_random(writer, 32);
    while (count-- > 0) {
        uint32_t type = next;

        next = count ? types[draw_to(5)] : draw_protocol();
        size = draw_to(8) ? draw_to(3) : draw_to(16);
        bytes = type == 44 ? 8 : type == 51 ? size * 4 + 8 : size * 8 + 8;
        put8(writer, next);
        put8(writer, size);
        put16(writer, draw_to(2) ? 0 : draw_to(65536));
        put_random(writer, bytes - 4);
    }
}

static void put_ipv6(struct writer *writer)
{
    uint32_t start = writer->length, payload;

    put8(writer, 0x60 | draw_to(16));
    put_random(writer, 5); /* the length is set below */
    put_extensions(writer);
    put_random(writer, draw_to(24));
    payload = writer->length - start - 40;
    writer->bytes[start + 4] = (uint8_t)(payload >> 8);
    writer->bytes[start + 5] = (uint8_t)payload;
}

static void put_ipv4(struct writer *writer)
{
    uint32_t start = writer->length, words = 5 + (draw_to(2) ? 0 : draw_to(11));
    uint32_t total = words * 4 + draw_to(24);

    put8(writer, 0x40 | words);
    put8(writer, draw_to(256));
    put16(writer, total);
    put16(writer, draw_to(65536));
    put16(writer, draw_to(2) ? 0 : draw_to(65536));
    put8(writer, draw_to(256));
    put8(writer, draw_protocol());
    put_random(writer, 10 + (words - 5) * 4);
    put_random(writer, total - (writer->length - start));
}

/* A frame that is right, or was, before a byte or its length changed. */
static void write_frame(struct writer *writer)
{
    uint32_t tags = draw_to(4) ? 0 : draw_to(4), type = draw_to(8);

    writer->length = 0;
    put_random(writer, 12);
    while (tags-- > 0) {
        put16(writer, draw_to(2) ? 0x8100 : 0x88a8);
        put_random(writer, 2);
    }
    put16(writer, type < 4 ? 0x0800 : type < 7 ? 0x86dd : 0x0806);
    if (type < 4)
        put_ipv4(writer);
    else
        put_ipv6(writer);
    put_random(writer, draw_to(4) ? 0 : draw_to(20)); /* padding */
    if (draw_to(3) == 0)
        writer->bytes[draw_to(writer->length)] = (uint8_t)draw_to(256);
    if (draw_to(4) == 0)
        writer->length = draw_to(writer->length + 1);
}

static bool is_same_key(const struct key *one, const struct key *two)
{
    uint32_t fields = one->is_ipv6 ? IPV6_FIELDS : IPV4_FIELDS;

    return one->is_ipv6 == two->is_ipv6 &&
           memcmp(one->field, two->field, fields * sizeof(one->field[0])) == 0;
}

/* What is there first, and all of it; each in memory that ends there. */
static enum frame_kind read_copy(const struct writer *writer, uint32_t have,
                                 struct key *key)
{
    uint8_t *copy = malloc(have ? have : 1);
    enum frame_kind kind;

    memcpy(copy, writer->bytes, have);
    kind = frame_read(copy, have, writer->length, key);
    free(copy);
    return kind;
}

static enum frame_kind read_all(const struct writer *writer, struct key *key)
{
    uint32_t first = writer->length < FRAME_FIRST ? writer->length
                                                  : (uint32_t)FRAME_FIRST;
    uint32_t whole = writer->length < FRAME_HEADERS ? writer->length
                                                    : (uint32_t)FRAME_HEADERS;
    enum frame_kind kind = read_copy(writer, first, key);

    if (kind != FRAME_MORE)
        return kind;
    sure(first < writer->length);
    kind = read_copy(writer, whole, key);
    sure(kind != FRAME_MORE);
    return kind;
}

/* docs/FIREWALL.md, "What is looked at": the slow model sees the same of each
 * frame; nothing behind what is there is read (AddressSanitizer). */
START_TEST(frames_are_what_the_model_sees)
{
    static const enum frame_kind kinds[] = {
        [LINEAR_PACKET] = FRAME_KEY,
        [LINEAR_OTHER] = FRAME_OTHER,
        [LINEAR_MALFORMED] = FRAME_MALFORMED,
    };
    uint64_t rounds = set_packets(1000000), seen[3] = {0}, i;

    for (i = 0; i < rounds; i++) {
        struct linear_packet packet;
        enum linear_kind wanted;
        struct key key, other;
        struct writer writer;

        write_frame(&writer);
        wanted = linear_frame(writer.bytes, (int)writer.length, &packet);
        seen[wanted]++;
        if (read_all(&writer, &key) != kinds[wanted])
            ck_abort_msg("frame %llu: not of kind %d", (unsigned long long)i,
                         wanted);
        if (wanted != LINEAR_PACKET)
            continue;
        other = set_key(&packet);
        sure(is_same_key(&key, &other));
    }
    for (i = 0; i < 3; i++)
        ck_assert_uint_gt(seen[i], rounds / 100);
}
END_TEST

static struct filter *new_filter(const char *text, struct rules *rules)
{
    struct filter *filter = calloc(1, sizeof(*filter));
    struct rules_error error;

    sure(filter && rules_read(rules, text, strlen(text), &error));
    sure(filter_init(filter, rules, set_random));
    return filter;
}

static void write_udp(struct packet *packet, uint32_t port)
{
    static const uint8_t frame[60] = {
        [12] = 8, [14] = 0x45, [17] = 46, [23] = 17, [26] = 10, [30] = 10,
    };

    memcpy(packet->data, frame, sizeof(frame));
    packet->data[36] = (uint8_t)(port >> 8);
    packet->data[37] = (uint8_t)port;
    packet->length = sizeof(frame);
}

/* docs/FIREWALL.md, "Counters": each frame of a batch is decided about; those
 * that go on keep their order, the others are buffers again. */
START_TEST(a_batch_is_sorted_out)
{
    struct rules rules;
    struct filter *filter = new_filter(
        "accept udp any any -> any 100-115\ndefault drop\n", &rules);
    struct queue frames = {0}, buffers = {0};
    struct rref_packet frame;
    uint32_t i;

    shared_reset();
    for (i = 0; i < 32; i++) {
        frame = shared_packet(i);
        write_udp(rref_packet_value(frame), 96 + i);
        sure(queue_push_back(&frames, &frame));
    }
    filter_work(filter, &frames, &buffers);
    ck_assert_uint_eq(queue_len(&frames), 16);
    for (i = 0; i < 16; i++)
        ck_assert_uint_eq(queue_get(&frames, i).handle,
                          shared_packet(4 + i).handle);
    ck_assert_uint_eq(queue_len(&buffers) + shared_dropped(), 16);
    ck_assert_uint_eq(filter->frames, 32);
    ck_assert_uint_eq(filter->accepted, 16);
    ck_assert_uint_eq(filter->dropped, 16);
    ck_assert_uint_eq(filter->hits[0], 16);
    ck_assert_uint_eq(filter->default_hits, 16);
    filter_free(filter);
    rules_free(&rules);
    free(filter);
}
END_TEST

/* Rule: a length is whatever another domain wrote; beyond the buffer it is no
 * frame. */
START_TEST(a_length_beyond_the_buffer_is_malformed)
{
    struct rules rules;
    struct filter *filter = new_filter("default accept\n", &rules);
    struct packet *packet;

    shared_reset();
    packet = rref_packet_value(shared_packet(0));
    write_udp(packet, 1);
    ck_assert(filter_accepts(filter, packet));
    packet->length = sizeof(packet->data) + 1;
    ck_assert(!filter_accepts(filter, packet));
    packet->length = UINT16_MAX;
    ck_assert(!filter_accepts(filter, packet));
    packet->length = 0;
    ck_assert(!filter_accepts(filter, packet));
    ck_assert_uint_eq(filter->malformed, 3);
    filter_free(filter);
    rules_free(&rules);
    free(filter);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("firewall frames");
    TCase *c = tcase_create("frames");

    tcase_set_timeout(c, 120);
    tcase_add_test(c, frames_are_what_the_model_sees);
    tcase_add_test(c, a_batch_is_sorted_out);
    tcase_add_test(c, a_length_beyond_the_buffer_is_malformed);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK_GETENV);
}
