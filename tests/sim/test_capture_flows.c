/* SPDX-License-Identifier: MIT */
/*
 * test_capture_flows.c - which frames are of the same conversation.
 * Source: sim/capture_flows.h, RFC 791, RFC 8200, IEEE 802.1Q.
 */
#include "capture_flows.h"
#include "suite_run.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

#define TCP 6
#define UDP 17

static struct capture_flows flows;
static uint8_t bytes[256];
static uint32_t used;

static void setup(void)
{
    memset(&flows, 0, sizeof(flows));
}

static void teardown(void)
{
    capture_flows_end(&flows);
}

static void put(uint32_t value, uint32_t count)
{
    while (count-- > 0)
        bytes[used++] = (uint8_t)(count < 4 ? value >> 8 * count : 0);
}

/* Addresses, and @tags VLAN tags. */
static void begin(uint32_t type, uint32_t tags)
{
    used = 0;
    memset(bytes, 0, sizeof(bytes));
    put(0, 12);
    while (tags-- > 0) {
        put(tags ? 0x88a8 : 0x8100, 2);
        put(5, 2);
    }
    put(type, 2);
}

static void ipv4(uint32_t protocol, uint32_t from, uint32_t to,
                 uint32_t fragment)
{
    put(0x46, 1); /* with four bytes of options */
    put(0, 5);
    put(fragment, 2);
    put(64, 1);
    put(protocol, 1);
    put(0, 2);
    put(from, 4);
    put(to, 4);
    put(0, 4);
}

static void ports(uint32_t from, uint32_t to)
{
    put(from, 2);
    put(to, 2);
}

static void ipv6(uint32_t protocol, uint32_t from, uint32_t to)
{
    put(0x60, 1);
    put(0, 5);
    put(protocol, 1);
    put(64, 1);
    put(0, 12);
    put(from, 4);
    put(0, 12);
    put(to, 4);
}

static void see(uint32_t expected)
{
    capture_flows_add(&flows, bytes, used);
    ck_assert_uint_eq(flows.count, expected);
}

static void see_ipv4(uint32_t protocol, uint32_t from, uint32_t from_port,
                     uint32_t to, uint32_t to_port, uint32_t expected)
{
    begin(0x0800, 0);
    ipv4(protocol, from, to, 0);
    ports(from_port, to_port);
    see(expected);
}

/* Rule: a flow is protocol, addresses and ports; its two directions are one
 * (capture_flows.h). */
START_TEST(both_directions_are_one_flow)
{
    see_ipv4(TCP, 1, 10, 2, 20, 1);
    see_ipv4(TCP, 1, 10, 2, 20, 1);
    see_ipv4(TCP, 2, 20, 1, 10, 1);
    see_ipv4(TCP, 2, 10, 1, 20, 2); /* the ports changed sides */
    see_ipv4(UDP, 1, 10, 2, 20, 3);
    see_ipv4(TCP, 1, 11, 2, 20, 4);
    see_ipv4(TCP, 1, 10, 3, 20, 5);
    see_ipv4(TCP, 7, 9, 7, 9, 6);
    see_ipv4(TCP, 7, 9, 7, 9, 6);
}
END_TEST

/* Rule: IPv6 counts as IPv4 does, behind its extension headers as well
 * (RFC 8200, 4). */
START_TEST(extension_headers_are_passed)
{
    begin(0x86dd, 0);
    ipv6(TCP, 1, 2);
    ports(10, 20);
    see(1);

    begin(0x86dd, 0);
    ipv6(0, 2, 1); /* hop by hop, destination, fragment 0 */
    put(60, 1);
    put(0, 7);
    put(44, 1);
    put(1, 1);
    put(0, 14);
    put(TCP, 1);
    put(0, 1);
    put(1, 2);
    put(0, 4);
    ports(20, 10);
    see(1);

    begin(0x86dd, 0);
    ipv6(UDP, 1, 2);
    ports(10, 20);
    see(2);
}
END_TEST

/* Rule: up to two VLAN tags make no difference (IEEE 802.1Q). */
START_TEST(tags_are_passed)
{
    uint32_t tags;

    for (tags = 0; tags <= 3; tags++) {
        begin(0x0800, tags);
        ipv4(TCP, 1, 2, 0);
        ports(10, 20 + (tags == 3));
        see(1);
    }
}
END_TEST

/* Rule: what has no ports is no flow: ARP, ICMP, a later fragment (RFC 791). */
START_TEST(frames_without_ports_do_not_count)
{
    begin(0x0806, 0);
    put(0, 28);
    see(0);
    see_ipv4(1, 1, 10, 2, 20, 0);
    begin(0x0800, 0);
    ipv4(UDP, 1, 2, 0x2001);
    ports(10, 20);
    see(0);
    begin(0x0800, 0);
    ipv4(UDP, 1, 2, 0x2000); /* the first of several */
    ports(10, 20);
    see(1);
}
END_TEST

/* docs/SECURITY.md, "Hostile input": a frame that ends anywhere is looked at no
 * further, and none that ends before its ports counts. */
START_TEST(cut_frames_do_not_count)
{
    uint32_t whole, cut;

    begin(0x86dd, 2);
    ipv6(0, 1, 2);
    put(TCP, 1);
    put(1, 1);
    put(0, 14);
    ports(1, 2);
    whole = used;
    for (cut = 0; cut < whole; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1); /* a sanitizer looks */

        ck_assert_ptr_nonnull(exact);
        memcpy(exact, bytes, cut);
        capture_flows_add(&flows, exact, cut);
        ck_assert_uint_eq(flows.count, 0);
        free(exact);
    }
    see(1);
}
END_TEST

/* Rule: no more than CAPTURE_FLOWS_MAX flows are counted, in bounded memory,
 * and what is beyond is counted apart. */
START_TEST(flows_are_bounded)
{
    uint32_t i;

    for (i = 0; i < CAPTURE_FLOWS_MAX + 10; i++) {
        begin(0x0800, 0);
        ipv4(UDP, i, 1u << 31, 0);
        ports(10, 20);
        capture_flows_add(&flows, bytes, used);
    }
    ck_assert_uint_eq(flows.count, CAPTURE_FLOWS_MAX);
    ck_assert_uint_eq(flows.overflow, 10);
    ck_assert_uint_eq(flows.places, 2 * CAPTURE_FLOWS_MAX);
    see_ipv4(UDP, 5, 10, 1u << 31, 20, CAPTURE_FLOWS_MAX);
    ck_assert_uint_eq(flows.overflow, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("capture_flows");
    TCase *c = tcase_create("flows");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, both_directions_are_one_flow);
    tcase_add_test(c, extension_headers_are_passed);
    tcase_add_test(c, tags_are_passed);
    tcase_add_test(c, frames_without_ports_do_not_count);
    tcase_add_test(c, cut_frames_do_not_count);
    tcase_add_test(c, flows_are_bounded);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK_GETENV);
}
