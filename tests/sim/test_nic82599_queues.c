/* SPDX-License-Identifier: MIT */
/*
 * test_nic82599_queues.c - the 82599 model's receive queues: which one a frame
 * goes to, frames over several buffers, frames that wait, counter sets.
 * Source: Intel 82599 datasheet, 7.1; Microsoft, "Verifying the RSS Hash
 * Calculation".
 */
#include "rig.h"
#include "suite_run.h"
#include <check.h>
#include <string.h>

#define RX (NIC_RX_QUEUES)
#define QUEUES 16u
#define RING 8u
#define IPV4_ALL (NIC_MRQC_IPV4 | NIC_MRQC_TCP_IPV4 | NIC_MRQC_UDP_IPV4)
#define IPV6_ALL (NIC_MRQC_IPV6 | NIC_MRQC_TCP_IPV6 | NIC_MRQC_UDP_IPV6)

static struct rig *rig;

/* The key of Microsoft's verification suite. */
static const uint8_t key[40] = {
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
    0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
    0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
    0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

/* Queue q's ring and buffers in the rig's window. */
static uint32_t ring_bus(uint32_t queue)
{
    return RIG_RX_RING + queue * 0x1000;
}

static struct nic_descriptor *ring_of(uint32_t queue)
{
    return rig_at(rig, ring_bus(queue));
}

static void start_queue(uint32_t queue)
{
    uint32_t block = RX + queue * NIC_QUEUE_STRIDE, i;

    for (i = 0; i < RING; i++) {
        ring_of(queue)[i].address =
            RIG_BUFFERS + (queue * RING + i) * RIG_BUFFER_BYTES;
        ring_of(queue)[i].control = 0;
    }
    rig_write(rig, block + NIC_Q_BAL, ring_bus(queue));
    rig_write(rig, block + NIC_Q_LEN, RING * 16);
    rig_write(rig, block + NIC_Q_SRRCTL, NIC_SRRCTL_ADVANCED << 25 | 2);
    rig_write(rig, block + NIC_Q_DCTL, NIC_DCTL_ENABLE);
    rig_write(rig, block + NIC_Q_TAIL, RING - 1);
}

/* All sixteen, by the hash's lowest four bits. */
static void start_rss(uint32_t modes)
{
    uint32_t i, words[10];

    memcpy(words, key, sizeof(key));
    for (i = 0; i < 10; i++)
        rig_write(rig, NIC_RSSRK + i * 4, words[i]);
    for (i = 0; i < 32; i++)
        rig_write(rig, 0x5c00 + i * 4, /* the alias of RETA */
                  (i * 4 % QUEUES) * 0x01010101u + 0x03020100u);
    rig_write(rig, NIC_MRQC, NIC_MRQC_RSS | modes);
    rig_write(rig, NIC_FCTRL, NIC_FCTRL_UPE | NIC_FCTRL_MPE | NIC_FCTRL_BAM);
    rig_write(rig, NIC_RXCTRL, NIC_RXCTRL_RXEN);
    for (i = 0; i < QUEUES; i++)
        start_queue(i);
}

static void setup(void)
{
    rig = rig_new();
}

static void teardown(void)
{
    rig_free(rig);
}

/* Ethernet and IP; with ports when @protocol is TCP or UDP. */
static uint32_t make_ipv4(uint8_t *frame, uint32_t source, uint32_t target,
                          uint8_t protocol, uint16_t from, uint16_t to)
{
    uint32_t i;

    memset(frame, 0, 60);
    frame[12] = 8;
    frame[14] = 0x45;
    frame[23] = protocol;
    for (i = 0; i < 4; i++) {
        frame[26 + i] = (uint8_t)(source >> (24 - 8 * i));
        frame[30 + i] = (uint8_t)(target >> (24 - 8 * i));
    }
    frame[34] = (uint8_t)(from >> 8);
    frame[35] = (uint8_t)from;
    frame[36] = (uint8_t)(to >> 8);
    frame[37] = (uint8_t)to;
    return 60;
}

#define ADDRESS(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

static const struct {
    uint32_t target, source;
    uint16_t target_port, source_port;
    uint32_t hash, hash_tcp;
} published[] = {
    {ADDRESS(161, 142, 100, 80), ADDRESS(66, 9, 149, 187), 1766, 2794,
     0x323e8fc2, 0x51ccc178},
    {ADDRESS(65, 69, 140, 83), ADDRESS(199, 92, 111, 2), 4739, 14230,
     0xd718262a, 0xc626b0ea},
    {ADDRESS(12, 22, 207, 184), ADDRESS(24, 19, 198, 95), 38024, 12898,
     0xd2d0a5de, 0x5c2b394a},
    {ADDRESS(209, 142, 163, 6), ADDRESS(38, 27, 205, 30), 2217, 48228,
     0x82989176, 0xafc7327f},
    {ADDRESS(202, 188, 127, 2), ADDRESS(153, 39, 163, 191), 1303, 44251,
     0x5d1809c5, 0x10e828a2},
};

/* Rule: Microsoft, "Verifying the RSS Hash Calculation", IPv4: the published values,
 * in the write-back of a descriptor of the queue that the table names. */
START_TEST(hashes_are_the_published_ones)
{
    uint8_t frame[60];
    uint32_t i;

    for (i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
        uint32_t queue = published[i].hash_tcp % QUEUES;

        teardown();
        setup();
        start_rss(IPV4_ALL);
        make_ipv4(frame, published[i].source, published[i].target, 6,
                  published[i].source_port, published[i].target_port);
        test_wire_add(&rig->wire, frame, 60);
        rig_step(rig);
        ck_assert_uint_eq(ring_of(queue)[0].address,
                          (uint64_t)published[i].hash_tcp << 32 | 1);
        ck_assert_uint_eq(ring_of(queue)[0].control, 60ull << 32 | 3);

        rig_write(rig, NIC_MRQC, NIC_MRQC_RSS | NIC_MRQC_IPV4);
        queue = published[i].hash % QUEUES;
        start_queue(queue);
        rig_write(rig, RX + queue * NIC_QUEUE_STRIDE + NIC_Q_DCTL, 0);
        rig_write(rig, RX + queue * NIC_QUEUE_STRIDE + NIC_Q_HEAD, 0);
        start_queue(queue);
        test_wire_add(&rig->wire, frame, 60);
        rig_step(rig);
        ck_assert_uint_eq(ring_of(queue)[0].address,
                          (uint64_t)published[i].hash << 32 | 2);
    }
}
END_TEST

/* Rule: Microsoft, "Verifying the RSS Hash Calculation", IPv6 with TCP ports: the
 * first published value. */
START_TEST(ipv6_hash_is_the_published_one)
{
    static const uint8_t source[16] = {0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00,
                                       0x1f, 0xff, 0, 0, 0, 0, 0, 0, 0, 7};
    static const uint8_t target[16] = {0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00,
                                       0, 3, 0, 0, 0, 0, 0, 0, 0, 1};
    uint8_t frame[80] = {0};

    start_rss(IPV6_ALL);
    frame[12] = 0x86;
    frame[13] = 0xdd;
    frame[14] = 0x60;
    frame[20] = 6;
    memcpy(frame + 22, source, 16);
    memcpy(frame + 38, target, 16);
    frame[54] = 2794 >> 8;
    frame[55] = 2794 & 0xff;
    frame[56] = 1766 >> 8;
    frame[57] = 1766 & 0xff;
    test_wire_add(&rig->wire, frame, 80);
    rig_step(rig);

    ck_assert_uint_eq(ring_of(0x40207d3d % QUEUES)[0].address,
                      0x40207d3dull << 32 | 3);
}
END_TEST

/* Datasheet 7.1.2.8 (RSS): what is not IP, is cut short, or has a hash that is
 * not enabled goes to queue 0, unhashed; fragments are hashed without ports. */
START_TEST(what_cannot_be_hashed_goes_to_queue_0)
{
    uint8_t frame[60];
    uint32_t i;

    start_rss(NIC_MRQC_TCP_IPV4);
    for (i = 0; i < 5; i++) {
        make_ipv4(frame, published[0].source, published[0].target, 6, 1, 2);
        if (i == 0)
            frame[13] = 6; /* ARP */
        if (i == 1)
            frame[14] = 0x65; /* IPv6's version in IPv4's type */
        if (i == 2)
            frame[20] = 0x20; /* a fragment, and only TCP is enabled */
        if (i == 3)
            frame[23] = 17; /* UDP, the same */
        test_wire_add(&rig->wire, frame, i == 4 ? 33 : 60);
    }
    rig_step(rig);

    for (i = 0; i < 5; i++)
        ck_assert_uint_eq(ring_of(0)[i].address, 0);
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 5);
}
END_TEST

/* Rule: a frame waits for a descriptor of its queue; another
 * queue's frames behind it wait with it, and nothing is lost or reordered. */
START_TEST(a_full_queue_holds_the_wire)
{
    uint8_t frame[60];
    uint32_t i, queue = published[0].hash_tcp % QUEUES;
    uint32_t other = published[1].hash_tcp % QUEUES;

    ck_assert_uint_ne(queue, other);
    start_rss(IPV4_ALL);
    for (i = 0; i < RING; i++) { /* one more than the ring holds */
        make_ipv4(frame, published[0].source, published[0].target, 6,
                  published[0].source_port, published[0].target_port);
        test_wire_add(&rig->wire, frame, 60);
    }
    make_ipv4(frame, published[1].source, published[1].target, 6,
              published[1].source_port, published[1].target_port);
    test_wire_add(&rig->wire, frame, 60);
    rig_step(rig);
    rig_step(rig);
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), RING - 1);
    ck_assert_uint_eq(ring_of(other)[0].control, 0);
    ck_assert(!rig_drained(rig));

    rig_write(rig, RX + queue * NIC_QUEUE_STRIDE + NIC_Q_TAIL, 0);

    ck_assert_uint_eq(ring_of(queue)[RING - 1].control, 60ull << 32 | 3);
    rig_step(rig);
    ck_assert_uint_eq(ring_of(other)[0].control, 60ull << 32 | 3);
    rig_step(rig);
    ck_assert(rig_drained(rig));
}
END_TEST

/* Rule: nobody waits for ever for a queue that is left: after
 * NIC82599_PATIENCE_STEPS its frames are missed until its tail is written. */
START_TEST(a_queue_that_is_left_is_passed_over)
{
    uint8_t frame[60];
    uint32_t i, other = published[1].hash_tcp % QUEUES;

    start_rss(IPV4_ALL);
    for (i = 0; i < RING + 4; i++) {
        make_ipv4(frame, published[0].source, published[0].target, 6,
                  published[0].source_port, published[0].target_port);
        test_wire_add(&rig->wire, frame, 60);
    }
    make_ipv4(frame, published[1].source, published[1].target, 6,
              published[1].source_port, published[1].target_port);
    test_wire_add(&rig->wire, frame, 60);
    for (i = 0; i < NIC82599_PATIENCE_STEPS + 16; i++)
        rig_step(rig);

    ck_assert_uint_eq(ring_of(other)[0].control, 60ull << 32 | 3);
    ck_assert_uint_eq(rig->nic.drops.rx_missed, 5);
    ck_assert(rig_drained(rig));
}
END_TEST

/* Datasheet 8.2.3.8.7 (SRRCTL.DROP_EN): a queue may drop for itself; counted in
 * QPRDC of its counter set (RQSMR), and in MPC. */
START_TEST(a_queue_may_drop)
{
    uint8_t frame[60];
    uint32_t i, queue = published[0].hash_tcp % QUEUES;
    uint32_t block = RX + queue * NIC_QUEUE_STRIDE;

    start_rss(IPV4_ALL);
    rig_write(rig, block + NIC_Q_SRRCTL,
              NIC_SRRCTL_ADVANCED << 25 | 2 | NIC_SRRCTL_DROP_EN);
    rig_write(rig, NIC_RQSMR + queue / 4 * 4, 5u << queue % 4 * 8);
    for (i = 0; i < RING + 2; i++) {
        make_ipv4(frame, published[0].source, published[0].target, 6,
                  published[0].source_port, published[0].target_port);
        test_wire_add(&rig->wire, frame, 60);
    }
    rig_step(rig);

    ck_assert_uint_eq(rig_read(rig, NIC_QPRDC + 5 * 0x40), 3);
    ck_assert_uint_eq(rig_read(rig, NIC_QPRDC + 5 * 0x40), 0);
    ck_assert_uint_eq(rig_read(rig, NIC_QPRC + 5 * 0x40), RING - 1);
    ck_assert_uint_eq(rig_read(rig, NIC_MPC), 3);
}
END_TEST

/* Datasheet 8.2.3.23.60 (TQSM): frames and octets sent, by counter set, which
 * also stands in the block of the queue of its number. */
START_TEST(sent_frames_are_counted_by_set)
{
    rig_start_tx(rig, 8);
    rig_write(rig, NIC_TQSM, 7);
    rig_tx(rig, 0)->address = RIG_BUFFERS;
    rig_tx(rig, 0)->control = NIC_TX_EOP | 100;
    rig_write(rig, NIC_TX_QUEUES + NIC_Q_TAIL, 1);
    ck_assert_uint_eq(rig_read(rig, NIC_QPTC + 7 * 4), 1);
    rig_tx(rig, 1)->address = RIG_BUFFERS;
    rig_tx(rig, 1)->control = NIC_TX_EOP | 100;
    rig_write(rig, NIC_TX_QUEUES + NIC_Q_TAIL, 2);

    ck_assert_uint_eq(rig_read(rig, 0x6030 + 7 * 0x40), 1);
    ck_assert_uint_eq(rig_read(rig, NIC_QPTC + 7 * 4), 0);
    ck_assert_uint_eq(rig_read(rig, NIC_QBTC + 7 * 8), 208);
    ck_assert_uint_eq(rig_read(rig, NIC_QPTC), 0);
}
END_TEST

/* Datasheet 8.2.3.8.7 (SRRCTL), 7.1.6.2 (EOP): a frame longer than a buffer
 * takes as many descriptors as it needs, and only the last ends it. */
START_TEST(frame_longer_than_buffer_takes_several)
{
    test_wire_add_random(&rig->wire, 1, 1025, 1025);
    test_wire_add_random(&rig->wire, 1, 1024, 1024);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, RX + NIC_Q_SRRCTL, NIC_SRRCTL_ADVANCED << 25 | 1);

    rig_write(rig, RX + NIC_Q_TAIL, 7);

    ck_assert_uint_eq(rig_rx(rig, 0)->control, 1024ull << 32 | 1);
    ck_assert_uint_eq(rig_rx(rig, 1)->control, 1ull << 32 | 3);
    ck_assert_uint_eq(rig_rx(rig, 2)->control, 1024ull << 32 | 3);
    ck_assert_mem_eq(rig_at(rig, RIG_BUFFERS), rig->wire.in.frame[0].data,
                     1024);
    ck_assert_uint_eq(*(uint8_t *)rig_at(rig, RIG_BUFFERS + RIG_BUFFER_BYTES),
                      rig->wire.in.frame[0].data[1024]);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_HEAD), 3);
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 2);
}
END_TEST

/* Rule: a frame waits until there are descriptors for the whole of it. */
START_TEST(frame_of_several_buffers_waits_for_all)
{
    test_wire_add_random(&rig->wire, 1, 1500, 1500);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, RX + NIC_Q_SRRCTL, NIC_SRRCTL_ADVANCED << 25 | 1);

    rig_write(rig, RX + NIC_Q_TAIL, 1);
    rig_step(rig);
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 0);
    ck_assert(!rig_drained(rig));
    rig_write(rig, RX + NIC_Q_TAIL, 2);

    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 1);
    ck_assert_uint_eq(rig_rx(rig, 1)->control, 476ull << 32 | 3);
}
END_TEST

/* Datasheet 8.2.3.22.8 (HLREG0.JUMBOEN), 8.2.3.22.13 (MAXFRS): 1518 bytes with
 * the checksum, or what MAXFRS says; longer ones are counted in ROC. */
START_TEST(frames_have_a_longest_length)
{
    test_wire_add_random(&rig->wire, 1, 1515, 1515);
    test_wire_add_random(&rig->wire, 1, 1514, 1514);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, RX + NIC_Q_TAIL, 7);
    ck_assert_uint_eq(rig_read(rig, NIC_ROC), 1);
    ck_assert_uint_eq(rig->nic.drops.rx_oversize, 1);
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 1);

    rig_write(rig, NIC_HLREG0, NIC_HLREG0_JUMBOEN);
    rig_write(rig, NIC_MHADD, 9018u << 16);
    test_wire_add_random(&rig->wire, 1, 9014, 9014);
    test_wire_add_random(&rig->wire, 1, 9015, 9015);
    rig_step(rig);

    ck_assert_uint_eq(rig_read(rig, NIC_ROC), 1);
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 1);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_HEAD), 6);
}
END_TEST

/* docs/ARCHITECTURE.md, "The path of a restart": a received frame is lost until
 * its descriptor was given back, one to be sent until it was; and only once. */
START_TEST(what_a_reset_loses_is_counted_once)
{
    const struct nic82599_drops *drops = &rig->nic.drops;
    uint32_t i;

    test_wire_add_random(&rig->wire, 5, 60, 60);
    rig_start_rx(rig, RING, NIC_SRRCTL_ADVANCED);
    rig_start_tx(rig, RING);
    rig_write(rig, RX + NIC_Q_TAIL, RING - 1);
    rig_write(rig, RX + NIC_Q_TAIL, 1); /* two were read */
    nic82599_set_link(&rig->nic, false);
    for (i = 0; i < 4; i++) {
        rig_tx(rig, i)->address = RIG_BUFFERS;
        rig_tx(rig, i)->control = NIC_TX_EOP | 60;
    }
    rig_write(rig, NIC_TX_QUEUES + NIC_Q_TAIL, 4);
    ck_assert_uint_eq(drops->rx_reset + drops->tx_reset, 0);

    rig->nic.device.ops->stop(&rig->nic.device);
    ck_assert(rig->nic.device.ops->reset(&rig->nic.device));

    ck_assert_uint_eq(drops->rx_reset, 3);
    ck_assert_uint_eq(drops->tx_reset, 4);
    ck_assert_uint_eq(rig->nic.handed_in, 2);
    ck_assert_uint_eq(rig->wire.sent, 0);
}
END_TEST

/* docs/ARCHITECTURE.md, "The path of a restart": at the end each frame is the
 * driver's, or a drop. */
START_TEST(a_frame_that_waits_at_the_end_is_missed)
{
    uint8_t frame[60];
    uint32_t i;

    start_rss(IPV4_ALL);
    for (i = 0; i < RING; i++) {
        make_ipv4(frame, published[0].source, published[0].target, 6,
                  published[0].source_port, published[0].target_port);
        test_wire_add(&rig->wire, frame, 60);
    }
    rig_step(rig);
    ck_assert_uint_eq(rig->wire.received, RING);
    ck_assert_uint_eq(rig->nic.handed_in, RING - 1);

    nic82599_unplug(&rig->nic);

    ck_assert_uint_eq(rig->nic.drops.rx_missed, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nic82599 queues");
    TCase *tests = tcase_create("queues");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, hashes_are_the_published_ones);
    tcase_add_test(tests, ipv6_hash_is_the_published_one);
    tcase_add_test(tests, what_cannot_be_hashed_goes_to_queue_0);
    tcase_add_test(tests, a_full_queue_holds_the_wire);
    tcase_add_test(tests, a_queue_that_is_left_is_passed_over);
    tcase_add_test(tests, a_queue_may_drop);
    tcase_add_test(tests, sent_frames_are_counted_by_set);
    tcase_add_test(tests, frame_longer_than_buffer_takes_several);
    tcase_add_test(tests, frame_of_several_buffers_waits_for_all);
    tcase_add_test(tests, frames_have_a_longest_length);
    tcase_add_test(tests, what_a_reset_loses_is_counted_once);
    tcase_add_test(tests, a_frame_that_waits_at_the_end_is_missed);
    suite_add_tcase(suite, tests);
    return suite_run(suite, CK_NOFORK);
}
