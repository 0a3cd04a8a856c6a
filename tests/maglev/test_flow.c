/* SPDX-License-Identifier: MIT */
/*
 * test_flow.c - which flow a frame is of: wrappings that do not matter, what
 * is no flow, and frames made to lead the reader astray. Run it under ASan and
 * UBSan: the packet ends where its memory does.
 * Source: docs/MAGLEV.md, "Frames"; RFC 791, 6946, 8200.
 */
#include "flow.h"
#include "frames.h"
#include "suite_run.h"
#include "sure.h"
#include <stdlib.h>
#include <string.h>

static struct packet *packet; /* a block of its own size */
static struct frame frame;
static struct flow flow;
static struct dice dice;
uint8_t *test_shared; /* nothing here looks into the heap */

static void setup(void)
{
    packet = aligned_alloc(64, sizeof(*packet));
    ck_assert_ptr_nonnull(packet);
    memset(packet, 0, sizeof(*packet));
    dice.state = 1;
}

static void teardown(void)
{
    free(packet);
}

/* @behind: what stands in the buffer behind the frame. */
static enum flow_kind find(const struct frame *from, int behind)
{
    memset(packet->data, behind, sizeof(packet->data));
    memcpy(packet->data, from->data,
           from->length < FRAME_ROOM ? from->length : FRAME_ROOM);
    return flow_find(packet, from->length, &flow);
}

static bool is_same(const struct flow *one, const struct flow *other)
{
    return one->is_ipv6 == other->is_ipv6 &&
           memcmp(one->word, other->word, sizeof(one->word)) == 0;
}

/*
 * docs/MAGLEV.md, "Frames": tags, options, extension headers, payload and
 * padding make no other flow.
 */
START_TEST(wrappings_do_not_matter)
{
    struct flow plain;
    uint32_t number, i;

    for (number = 0; number < 300; number++) {
        frame_plain(&frame, number);
        ck_assert_int_eq(find(&frame, 0), FLOW_FOUND);
        plain = flow;
        for (i = 0; i < 100; i++) {
            frame_of_flow(&frame, number, &dice);
            sure(find(&frame, 0xff) == FLOW_FOUND);
            sure(is_same(&flow, &plain));
        }
    }
}
END_TEST

/* docs/MAGLEV.md, "Frames": each byte of addresses, ports and protocol counts.
 */
START_TEST(each_byte_of_a_tuple_counts)
{
    uint32_t number, at, first, last, changed;
    struct flow plain;

    for (number = 0; number < 20; number++) {
        frame_plain(&frame, number);
        ck_assert_int_eq(find(&frame, 0), FLOW_FOUND);
        plain = flow;
        first = !plain.is_ipv6 ? 14 + 12 : 14 + 8;
        last = !plain.is_ipv6 ? 14 + 24 : 14 + 44;
        for (at = 14, changed = 0; at < last; at++) {
            frame.data[at] ^= 0x10;
            if (find(&frame, 0) == FLOW_FOUND && !is_same(&flow, &plain))
                changed++;
            else
                ck_assert_uint_lt(at, first);
            frame.data[at] ^= 0x10;
        }
        ck_assert_uint_ge(changed, last - first);
    }
}
END_TEST

static void make(const char *hex)
{
    char digits[3] = "";

    frame.length = 0;
    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        memcpy(digits, hex++, 2);
        frame.data[frame.length++] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

#define MACS "020000000001 020000000002 "
#define IPV4(total, fragment, protocol)                                        \
    "45 00 " total " 0000 " fragment " 40 " protocol " 0000 c0000201 "         \
    "c6336401 "
#define IPV6(payload, next)                                                    \
    "60000000 " payload " " next " 40 20010db8000000000000000000000001 "       \
    "20010db8000000000000000000000002 "
#define UDP "0035 1234 0008 0000 "
#define TCP "0050 1234 00000000 00000000 5000 0000 0000 0000 "

struct example {
    const char *what, *hex;
    enum flow_kind kind;
    uint64_t last; /* word, when there is one */
};

/* Ports as they lie, protocol, bytes. */
#define UDP4 0x0d00001134123500
#define UDP6 0x2500001134123500
#define TCP4 0x0d00000634125000
#define NONE4 0x0d00000000000000
#define NONE6 0x2500000000000000

static const struct example examples[] = {
    {"UDP", MACS "0800" IPV4("001c", "0000", "11") UDP, FLOW_FOUND, UDP4},
    {"TCP", MACS "0800" IPV4("0028", "4000", "06") TCP, FLOW_FOUND, TCP4},
    {"UDP over IPv6", MACS "86dd" IPV6("0008", "11") UDP, FLOW_FOUND, UDP6},
    {"one tag", MACS "8100 0001 0800" IPV4("001c", "0000", "11") UDP,
     FLOW_FOUND, UDP4},
    {"two tags", MACS "88a8 0001 8100 0002 0800" IPV4("001c", "0000", "11") UDP,
     FLOW_FOUND, UDP4},
    {"three tags", MACS "8100 0001 8100 0002 8100 0003 0800", FLOW_OTHER, 0},
    {"half a tag", MACS "8100 0001", FLOW_MALFORMED, 0},
    {"ARP", MACS "0806 0001 0800 06 04 0001", FLOW_OTHER, 0},
    {"a length instead of a type", MACS "0026 4242 03", FLOW_OTHER, 0},
    {"no type", MACS "08", FLOW_MALFORMED, 0},
    {"ICMP", MACS "0800" IPV4("001c", "0000", "01") UDP, FLOW_OTHER, 0},
    {"version 5",
     MACS "0800 55"
          "00 001c 0000 0000 40 11 0000 c0000201 "
          "c6336401" UDP,
     FLOW_MALFORMED, 0},
    {"header of 16",
     MACS "0800 44"
          "00 001c 0000 0000 40 11 0000 c0000201 "
          "c6336401" UDP,
     FLOW_MALFORMED, 0},
    {"header longer than the packet",
     MACS "0800 4f"
          "00 001c 0000 0000 40 11 "
          "0000 c0000201 c6336401" UDP,
     FLOW_MALFORMED, 0},
    {"total behind the frame", MACS "0800" IPV4("001d", "0000", "11") UDP,
     FLOW_MALFORMED, 0},
    {"total before the ports", MACS "0800" IPV4("001b", "0000", "11") UDP,
     FLOW_MALFORMED, 0},
    {"TCP of 8 bytes", MACS "0800" IPV4("001c", "0000", "06") UDP,
     FLOW_MALFORMED, 0},
    {"first fragment", MACS "0800" IPV4("001c", "2000", "11") UDP, FLOW_FOUND,
     NONE4},
    {"last fragment", MACS "0800" IPV4("001c", "0100", "11") UDP, FLOW_FOUND,
     NONE4},
    {"fragment of a byte", MACS "0800" IPV4("0015", "2001", "06") "00",
     FLOW_FOUND, NONE4},
    {"fragment of ICMP", MACS "0800" IPV4("001c", "2000", "01") UDP, FLOW_OTHER,
     0},
    {"not to be fragmented", MACS "0800" IPV4("001c", "4000", "11") UDP,
     FLOW_FOUND, UDP4},
    {"version 4 of IPv6",
     MACS
     "86dd 45000000 0008 11 40"
     "20010db8000000000000000000000001 20010db8000000000000000000000002" UDP,
     FLOW_MALFORMED, 0},
    {"payload behind the frame", MACS "86dd" IPV6("0009", "11") UDP,
     FLOW_MALFORMED, 0},
    {"payload before the ports", MACS "86dd" IPV6("0007", "11") UDP,
     FLOW_MALFORMED, 0},
    {"ICMPv6", MACS "86dd" IPV6("0008", "3a") UDP, FLOW_OTHER, 0},
    {"hop by hop", MACS "86dd" IPV6("0010", "00") "1100010400000000" UDP,
     FLOW_FOUND, UDP6},
    {"hop by hop, not first",
     MACS "86dd" IPV6("0018", "3c") "0000010400000000 1100010400000000" UDP,
     FLOW_MALFORMED, 0},
    {"routing of 16",
     MACS "86dd" IPV6("0018", "2b") "1101000000000000 0000000000000000" UDP,
     FLOW_FOUND, UDP6},
    {"header behind the packet",
     MACS "86dd" IPV6("0010", "3c") "1101010400000000" UDP, FLOW_MALFORMED, 0},
    {"header of 2048", MACS "86dd" IPV6("0010", "3c") "11ff010400000000" UDP,
     FLOW_MALFORMED, 0},
    {"half a header", MACS "86dd" IPV6("0004", "3c") "11000104", FLOW_MALFORMED,
     0},
    {"no next header", MACS "86dd" IPV6("0000", "3b"), FLOW_OTHER, 0},
    {"fragment that is whole",
     MACS "86dd" IPV6("0010", "2c") "1100000000000001" UDP, FLOW_FOUND, UDP6},
    {"first IPv6 fragment",
     MACS "86dd" IPV6("0010", "2c") "1100000100000001" UDP, FLOW_FOUND, NONE6},
    {"last IPv6 fragment",
     MACS "86dd" IPV6("0010", "2c") "1100000800000001" UDP, FLOW_FOUND, NONE6},
    {"fragment of options",
     MACS "86dd" IPV6("0018", "2c") "3c00000100000001 1100010400000000" UDP,
     FLOW_OTHER, 0},
    {"fragment of ICMPv6",
     MACS "86dd" IPV6("0010", "2c") "3a00000100000001" UDP, FLOW_OTHER, 0},
};

/* docs/MAGLEV.md, "Frames"; RFC 791, 8200: one frame of each kind. */
START_TEST(examples_are_told_apart)
{
    const struct example *example = &examples[_i];
    enum flow_kind kind;

    make(example->hex);

    kind = find(&frame, 0);
    ck_assert_msg(kind == example->kind, "%s: %d", example->what, kind);
    if (kind == FLOW_FOUND)
        ck_assert_msg(flow.word[4] == example->last, "%s: %lx", example->what,
                      (unsigned long)flow.word[4]);
}
END_TEST

/* Eight extension headers are stepped over, nine are too many. */
static enum flow_kind find_chain(uint32_t headers)
{
    uint32_t i;

    make(MACS "86dd" IPV6("0000", "3c"));
    for (i = 0; i < headers; i++) {
        memset(frame.data + frame.length, 0, 8);
        frame.data[frame.length] = i + 1 < headers ? 60 : 17;
        frame.length += 8;
    }
    memcpy(frame.data + frame.length, "\x00\x35\x12\x34\0\x08\0\0", 8);
    frame.length += 8;
    frame.data[19] = (uint8_t)(frame.length - 54);
    return find(&frame, 0);
}

/* docs/MAGLEV.md, "Frames": how many extension headers there may be. */
START_TEST(extension_headers_are_bounded)
{
    ck_assert_int_eq(find_chain(1), FLOW_FOUND);
    ck_assert_int_eq(find_chain(8), FLOW_FOUND);
    ck_assert_int_eq(find_chain(9), FLOW_OTHER);
    ck_assert_int_eq(find_chain(20), FLOW_OTHER);
}
END_TEST

/*
 * Rule: what stands in the buffer behind a frame's end is never looked at:
 * the answer is the same whatever it is. Every truncation of whole frames.
 */
START_TEST(nothing_behind_the_end_matters)
{
    enum flow_kind kind;
    struct flow first;
    uint32_t i, whole;

    for (i = 0; i < 400; i++) {
        frame_of_flow(&frame, i, &dice);
        whole = frame.length;
        for (frame.length = 0; frame.length < whole; frame.length++) {
            kind = find(&frame, 0);
            first = flow;
            sure(kind == find(&frame, 0xff));
            sure(kind != FLOW_FOUND || is_same(&first, &flow));
            sure(kind == find(&frame, 0x06));
            sure(kind != FLOW_FOUND || is_same(&first, &flow));
        }
    }
}
END_TEST

/* docs/MAGLEV.md, "Frames": one cut short within what is read is malformed. */
START_TEST(truncated_frames_are_malformed)
{
    uint32_t i, whole;

    for (i = 0; i < 50; i++) {
        frame_plain(&frame, i);
        whole = frame.length;
        for (frame.length = 0; frame.length < whole; frame.length++)
            sure(find(&frame, 0) == FLOW_MALFORMED);
        sure(find(&frame, 0) == FLOW_FOUND);
    }
}
END_TEST

/*
 * Rule: a frame as long as its buffer is read, a longer one cannot be, though
 * the field has room for 65535.
 */
START_TEST(impossible_lengths_are_malformed)
{
    uint32_t length;

    frame_plain(&frame, 1);
    find(&frame, 0);
    for (length = 0; length <= UINT16_MAX; length++)
        sure(flow_find(packet, length, &flow) ==
             (length < frame.length || length > FRAME_ROOM ? FLOW_MALFORMED
                                                           : FLOW_FOUND));
}
END_TEST

/*
 * Rule: no bytes lead the reader out of the buffer; the sanitizers say so.
 * Noise, and noise behind the start of each kind of packet.
 */
START_TEST(noise_leads_nowhere)
{
    static const char starts[][2] = {"\x08", "\x86\xdd", "\x81", "\x88\xa8"};
    uint32_t kinds[3] = {0}, i, at;

    for (i = 0; i < 200000; i++) {
        frame.length = dice_below(&dice, 2) ? FRAME_ROOM - dice_below(&dice, 8)
                                            : dice_below(&dice, 160);
        for (at = 0; at < 160; at++)
            frame.data[at] = (uint8_t)dice_throw(&dice);
        memcpy(frame.data + 12, starts[i % 4], 2);
        frame.data[14] = (uint8_t)(i % 4 == 0 ? 0x45 : 0x60);
        if (i % 8 == 1) /* headers of any length, to the end of the buffer */
            frame.data[20] = 60;
        kinds[find(&frame, 0x3c)]++;
    }
    ck_assert_uint_gt(kinds[FLOW_OTHER], 1000);
    ck_assert_uint_gt(kinds[FLOW_MALFORMED], 1000);
    ck_assert_uint_gt(kinds[FLOW_FOUND], 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flow");
    TCase *tests = tcase_create("flow");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, wrappings_do_not_matter);
    tcase_add_test(tests, each_byte_of_a_tuple_counts);
    tcase_add_loop_test(tests, examples_are_told_apart, 0,
                        (int)(sizeof(examples) / sizeof(examples[0])));
    tcase_add_test(tests, extension_headers_are_bounded);
    tcase_add_test(tests, nothing_behind_the_end_matters);
    tcase_add_test(tests, truncated_frames_are_malformed);
    tcase_add_test(tests, impossible_lengths_are_malformed);
    tcase_add_test(tests, noise_leads_nowhere);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
