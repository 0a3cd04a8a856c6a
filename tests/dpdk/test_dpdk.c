/* SPDX-License-Identifier: MIT */
/*
 * test_dpdk.c - DPDK's own ixgbe driver, as Debian ships it, on the 82599
 * model: a driver that nobody here wrote says whether the model is a 82599.
 *
 * Each test is a process of its own, with a DPDK of its own.
 * Environment: TEPAL_CAPTURES, TEPAL_BUILD (played.h).
 */
#include "nic82599_regs.h"
#include "played.h"
#include "port.h"
#include "register_window.h"
#include "suite_run.h"
#include "sure.h"
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_thash.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RETA_ENTRIES 128
#define FRAME_BYTES 60

static struct port port;
static struct port_options options;

/*
 * The register window runs the model, and with it the wire's double and its
 * malloc(), in a signal handler. The signal is an instruction's own: whatever
 * it interrupts is the driver's code between two calls.
 */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "report_signal_unsafe=0";
}

static void setup(void)
{
    port_defaults(&options);
}

/* Source: rte_ethdev.h: octets of Ethernet frames without their checksum. */
static void assert_statistics(void)
{
    uint64_t bytes = 0, padded = 0;
    struct rte_eth_stats stats;
    size_t i;

    for (i = 0; i < port.wire.in.count; i++) {
        bytes += port.wire.in.frame[i].bytes;
        padded += played_bytes(&port.wire.in.frame[i]);
    }
    ck_assert_int_eq(rte_eth_stats_get(0, &stats), 0);
    ck_assert_uint_eq(stats.ipackets, port.wire.in.count);
    ck_assert_uint_eq(stats.opackets, port.wire.in.count);
    ck_assert_uint_eq(stats.ibytes, bytes);
    ck_assert_uint_eq(stats.obytes, padded);
    ck_assert_uint_eq(stats.imissed, 0);
    ck_assert_uint_eq(stats.ierrors, 0);
    ck_assert_uint_eq(stats.oerrors, 0);
    ck_assert_uint_eq(stats.rx_nombuf, 0);
}

/* Rule: whoever knows the 82599 finds one: DPDK's ixgbe driver takes the
 * model, reads the address in its EEPROM, and brings its link up. */
START_TEST(dpdk_finds_an_82599)
{
    const struct nic82599 *nic = &port.pci.nic;
    struct rte_ether_addr address;
    struct rte_eth_dev_info info;
    struct rte_eth_link link;

    port_probe(&port, &options);
    port_start(&port);

    ck_assert_int_eq(rte_eth_dev_info_get(0, &info), 0);
    ck_assert_str_eq(info.driver_name, "net_ixgbe");
    ck_assert_int_eq(rte_eth_macaddr_get(0, &address), 0);
    ck_assert_mem_eq(address.addr_bytes, &nic->eeprom[nic->eeprom[9] + 1], 6);
    ck_assert_int_eq(rte_eth_link_get_nowait(0, &link), 0);
    ck_assert_int_eq(link.link_status, RTE_ETH_LINK_UP);
    ck_assert_uint_eq(link.link_speed, RTE_ETH_SPEED_NUM_10G);
    ck_assert_uint_gt(register_window_accesses().reads, 100);
    ck_assert_uint_gt(register_window_accesses().writes, 100);
    port_close(&port);
}
END_TEST

/* The driver's ways to receive and to send, and what it says of them. */
static const struct {
    struct port_options options;
    const char *receives, *sends;
} paths[] = {
    {{1, 512, 512, 2048, 0}, "Vector rx enabled", "Vector tx enabled"},
    {{1, 4096, 4096, 2048, 0}, "Vector rx enabled", "Vector tx enabled"},
    {{1, 512, 512, 2048, PORT_SCALAR},
     "Bulk Alloc function will be used",
     "Using simple tx code path"},
    {{1, 64, 64, 2048, PORT_SCALAR},
     "Bulk Alloc function will be used",
     "Using simple tx code path"},
    {{1, 200, 512, 2048, PORT_SCALAR},
     "Bulk Alloc Preconditions are not satisfied",
     "Using simple tx"},
    {{1, 512, 512, 1024, PORT_SCATTERED},
     "Using Vector Scattered Rx",
     "Using full-featured tx code path"},
    {{1, 512, 512, 1024, PORT_SCATTERED | PORT_SCALAR},
     "Using a Scattered with bulk allocation",
     "Using full-featured tx"},
    {{1, 200, 512, 1024, PORT_SCATTERED | PORT_SCALAR},
     "Using Regular (non-vector, single allocation) Scattered",
     "Using full-featured tx"},
};
#define PATHS ((int)(sizeof(paths) / sizeof(paths[0])))

/* Design, section 7: what the model is given on one side comes out on the
 * other, byte for byte and in order, on each path that the driver has; and
 * DPDK counts what there was. */
START_TEST(capture_passes_byte_for_byte)
{
    const struct port_options *path = &paths[_i].options;

    port_probe(&port, path);
    played_load(&port.wire);
    if (path->flags & PORT_SCATTERED) /* the capture has no long frames */
        test_wire_add_random(&port.wire, 2000, 1000, 1514);
    port_start(&port);
    ck_assert_ptr_nonnull(strstr(port.said, paths[_i].receives));
    ck_assert_ptr_nonnull(strstr(port.said, paths[_i].sends));
    ck_assert(!strstr(paths[_i].sends, "simple tx") ||
              !strstr(port.said, "Vector tx enabled"));

    port_forward(&port);

    played_assert(&port, NULL);
    assert_statistics();
    if (path->flags & PORT_SCATTERED)
        ck_assert_uint_gt(port.buffers, port.wire.in.count);
    port_close(&port);
}
END_TEST

/* The words that RSS hashes, and how many: DPDK's oracle takes them in the
 * CPU's byte order. */
static uint32_t hashed_words(const uint8_t *frame, uint32_t bytes,
                             uint32_t *words)
{
    const uint8_t *ip = frame + 14, *ports = ip + (ip[0] & 15) * 4;
    uint32_t i, count = 2;

    if (bytes < 34 || frame[12] != 0x08 || frame[13] != 0x00)
        return 0;
    for (i = 0; i < 2; i++)
        words[i] = (uint32_t)ip[12 + i * 4] << 24 |
                   (uint32_t)ip[13 + i * 4] << 16 |
                   (uint32_t)ip[14 + i * 4] << 8 | ip[15 + i * 4];
    /* TCP or UDP, and no fragment */
    if ((ip[9] == 6 || ip[9] == 17) && !((ip[6] & 0x3f) | ip[7]))
        words[count++] = (uint32_t)ports[0] << 24 | (uint32_t)ports[1] << 16 |
                         (uint32_t)ports[2] << 8 | ports[3];
    return count;
}

static uint8_t rss_key[40];

/* DPDK's software hash; false for a frame that has none. */
static bool hash_expected(const uint8_t *frame, uint32_t bytes, uint32_t *hash)
{
    uint32_t words[3], count = hashed_words(frame, bytes, words);

    *hash = count ? rte_softrss(words, count, rss_key) : 0;
    return count > 0;
}

static void inspect_hash(struct port *of, const struct rte_mbuf *frame,
                         uint16_t queue)
{
    bool is_hashed = frame->ol_flags & RTE_MBUF_F_RX_RSS_HASH;
    uint32_t hash;

    (void)of;
    (void)queue;
    sure(hash_expected(rte_pktmbuf_mtod(frame, const uint8_t *),
                       frame->data_len, &hash) == is_hashed);
    sure(!is_hashed || frame->hash.rss == hash);
}

/* The queue of each frame that came in, by what the driver has told the
 * device. */
static uint8_t *queues_expected(void)
{
    struct rte_eth_rss_reta_entry64 reta[RETA_ENTRIES / 64];
    struct rte_eth_rss_conf conf = {
        .rss_key = rss_key,
        .rss_key_len = sizeof(rss_key),
    };
    uint8_t *of = malloc(port.wire.in.count);
    uint32_t hash;
    size_t i;

    ck_assert_ptr_nonnull(of);
    memset(reta, 0xff, sizeof(reta));
    ck_assert_int_eq(rte_eth_dev_rss_reta_query(0, reta, RETA_ENTRIES), 0);
    ck_assert_int_eq(rte_eth_dev_rss_hash_conf_get(0, &conf), 0);
    for (i = 0; i < port.wire.in.count; i++) {
        const struct test_frame *frame = &port.wire.in.frame[i];

        of[i] = 0;
        if (hash_expected(frame->data, frame->bytes, &hash)) {
            hash %= RETA_ENTRIES;
            of[i] = (uint8_t)reta[hash / 64].reta[hash % 64];
        }
    }
    return of;
}

/* Each queue has counters of its own, as far as there are. */
static void queue_counters_map(uint16_t queues)
{
    uint16_t queue;

    for (queue = 0; queue < queues; queue++) {
        uint8_t counter = (uint8_t)queue;

        ck_assert_int_eq(
            rte_eth_dev_set_rx_queue_stats_mapping(0, queue, counter), 0);
        ck_assert_int_eq(
            rte_eth_dev_set_tx_queue_stats_mapping(0, queue, counter), 0);
    }
}

static void assert_queue_counters(uint16_t queues, const uint8_t *queue_of_in)
{
    uint64_t frames[PORT_QUEUES_MAX] = {0}, bytes[PORT_QUEUES_MAX] = {0};
    struct rte_eth_stats stats;
    uint16_t queue;
    size_t i;

    for (i = 0; i < port.wire.in.count; i++) {
        frames[queue_of_in[i]]++;
        bytes[queue_of_in[i]] += port.wire.in.frame[i].bytes;
    }
    ck_assert_int_eq(rte_eth_stats_get(0, &stats), 0);
    for (queue = 0; queue < queues; queue++) {
        ck_assert_uint_gt(frames[queue], 0);
        ck_assert_uint_eq(stats.q_ipackets[queue], frames[queue]);
        ck_assert_uint_eq(stats.q_ibytes[queue], bytes[queue]);
        ck_assert_uint_eq(stats.q_opackets[queue], frames[queue]);
    }
}

static const struct port_options several[] = {
    {2, 512, 512, 2048, 0},
    {4, 512, 512, 2048, 0},
    {4, 512, 512, 2048, PORT_SCALAR},
    {16, 128, 128, 2048, 0},
};
#define SEVERAL ((int)(sizeof(several) / sizeof(several[0])))

/* Datasheet 7.1.2.8: RSS spreads a capture over queues as DPDK's software
 * hash says that it must; each queue keeps its order, and is counted apart. */
START_TEST(queues_share_the_capture)
{
    uint8_t *queue_of_in;

    port_probe(&port, &several[_i]);
    played_load(&port.wire);
    port_start(&port);
    queue_counters_map(several[_i].queues);
    queue_of_in = queues_expected();
    port.inspect = inspect_hash;

    port_forward(&port);

    played_assert(&port, queue_of_in);
    assert_statistics();
    assert_queue_counters(several[_i].queues, queue_of_in);
    free(queue_of_in);
    port_close(&port);
}
END_TEST

static uint64_t xstat(const char *name)
{
    uint64_t id, value;

    ck_assert_int_eq(rte_eth_xstats_get_id_by_name(0, name, &id), 0);
    ck_assert_int_eq(rte_eth_xstats_get_by_id(0, &id, &value, 1), 1);
    return value;
}

/* Datasheet 8.2.3.23: frames are counted by size, checksum included, and by
 * kind. */
START_TEST(sizes_and_kinds_are_counted)
{
    static const char *const names[] = {
        "size_64_packets",          "size_65_to_127_packets",
        "size_128_to_255_packets",  "size_256_to_511_packets",
        "size_512_to_1023_packets", "size_1024_to_max_packets",
    };
    static const uint32_t ends[] = {64, 127, 255, 511, 1023, 16383};
    uint64_t in[6] = {0}, out[6] = {0}, multicast = 0, broadcast = 0;
    char name[64];
    size_t i;
    int size;

    port_probe(&port, &options);
    played_load(&port.wire);
    port_start(&port);
    port_forward(&port);

    for (i = 0; i < port.wire.in.count; i++) {
        const struct test_frame *frame = &port.wire.in.frame[i];

        for (size = 0; frame->bytes + 4 > ends[size];)
            size++;
        in[size]++;
        for (size = 0; played_bytes(frame) + 4 > ends[size];)
            size++;
        out[size]++;
        if (frame->data[0] == 0xff)
            broadcast++;
        else if (frame->data[0] & 1)
            multicast++;
    }
    for (size = 0; size < 6; size++) {
        snprintf(name, sizeof(name), "rx_%s", names[size]);
        ck_assert_uint_eq(xstat(name), in[size]);
        snprintf(name, sizeof(name), "tx_%s", names[size]);
        ck_assert_uint_eq(xstat(name), out[size]);
    }
    ck_assert_uint_eq(xstat("rx_broadcast_packets"), broadcast);
    ck_assert_uint_eq(xstat("rx_multicast_packets"), multicast);
    port_close(&port);
}
END_TEST

/* Rule: a port that is stopped and started again goes on with the next frame.
 */
START_TEST(stopped_port_starts_again)
{
    size_t all;

    port_probe(&port, &options);
    played_load(&port.wire);
    all = port.wire.in.count;
    port_start(&port);

    port.wire.in.count = all / 2;
    port_forward(&port);
    ck_assert_int_eq(rte_eth_dev_stop(0), 0);
    ck_assert_int_eq(rte_eth_dev_start(0), 0);
    port.wire.in.count = all;
    port_forward(&port);

    played_assert(&port, NULL);
    port_close(&port);
}
END_TEST

static void add_frame_to(struct test_wire *wire, const char *address)
{
    struct rte_ether_addr target;
    uint8_t frame[FRAME_BYTES];
    size_t i;

    ck_assert_int_eq(rte_ether_unformat_addr(address, &target), 0);
    for (i = 0; i < sizeof(frame); i++)
        frame[i] = (uint8_t)(wire->in.count + i);
    memcpy(frame, target.addr_bytes, 6);
    test_wire_add(wire, frame, sizeof(frame));
}

/* Datasheet 7.1.1: out of promiscuous mode pass broadcasts, and frames for
 * addresses that the driver has set; multicast ones by their hash. */
START_TEST(filters_are_as_the_driver_sets_them)
{
    struct rte_ether_addr own, second, group;
    char text[RTE_ETHER_ADDR_FMT_SIZE];
    size_t i;

    port_probe(&port, &options);
    port_start(&port);
    ck_assert_int_eq(rte_eth_promiscuous_disable(0), 0);
    rte_eth_macaddr_get(0, &own);
    rte_ether_format_addr(text, sizeof(text), &own);
    rte_ether_unformat_addr("02:00:00:00:00:02", &second);
    rte_ether_unformat_addr("01:00:5e:01:02:03", &group);
    ck_assert_int_eq(rte_eth_dev_mac_addr_add(0, &second, 0), 0);
    ck_assert_int_eq(rte_eth_dev_set_mc_addr_list(0, &group, 1), 0);
    add_frame_to(&port.wire, text);
    add_frame_to(&port.wire, "02:00:00:00:00:02");
    add_frame_to(&port.wire, "01:00:5e:01:02:03");
    add_frame_to(&port.wire, "ff:ff:ff:ff:ff:ff");
    add_frame_to(&port.wire, "02:00:00:00:00:03");
    add_frame_to(&port.wire, "01:00:5e:7f:7f:7f");

    port_forward(&port);

    ck_assert_uint_eq(port.wire.out.count, 4);
    for (i = 0; i < 4; i++)
        played_assert_frame(&port.wire.in.frame[i], &port.wire.out.frame[i]);
    ck_assert_uint_eq(port.pci.nic.drops.rx_filtered, 2);
    port_close(&port);
}
END_TEST

static int note_event(uint16_t id, enum rte_eth_event_type type, void *noted,
                      void *more)
{
    (void)id;
    (void)type;
    (void)more;
    __atomic_store_n((bool *)noted, true, __ATOMIC_RELEASE);
    return 0;
}

/* Datasheet 7.3: the link that goes away is an interrupt, which DPDK's thread
 * takes; it looks again four seconds later, and then tells the application. */
START_TEST(link_interrupt_reaches_the_application)
{
    struct rte_eth_link link;
    bool told = false;
    int tenths = 0;

    options.flags = PORT_LINK_INTERRUPT;
    port_probe(&port, &options);
    ck_assert_int_eq(rte_eth_dev_callback_register(0, RTE_ETH_EVENT_INTR_LSC,
                                                   note_event, &told),
                     0);
    port_start(&port);
    ck_assert_int_eq(rte_eth_link_get_nowait(0, &link), 0);
    ck_assert_int_eq(link.link_status, RTE_ETH_LINK_UP);

    lock_acquire(&port.pci.nic.device.lock);
    nic82599_set_link(&port.pci.nic, false);
    lock_release(&port.pci.nic.device.lock);
    while (!__atomic_load_n(&told, __ATOMIC_ACQUIRE) && tenths++ < 200)
        usleep(100000);

    ck_assert(told);
    ck_assert_uint_gt(port.pci.interrupts, 0);
    ck_assert_int_eq(rte_eth_link_get_nowait(0, &link), 0);
    ck_assert_int_eq(link.link_status, RTE_ETH_LINK_DOWN);
    port_close(&port);
}
END_TEST

static volatile uint32_t *register_at(uint32_t offset)
{
    return (volatile uint32_t *)(port.pci.registers + offset);
}

/* Rule: the device reaches DPDK's memory and no other of the process's, or a
 * test that says so here would not have seen it. */
START_TEST(ring_outside_of_dpdks_memory_is_refused)
{
    static struct nic_descriptor ring[64] __attribute__((aligned(128)));

    port_probe(&port, &options);
    port_start(&port);
    add_frame_to(&port.wire, "ff:ff:ff:ff:ff:ff");
    *register_at(NIC_RX_QUEUES + NIC_Q_BAL) = (uint32_t)(uintptr_t)ring;
    *register_at(NIC_RX_QUEUES + NIC_Q_BAH) = (uint32_t)((uintptr_t)ring >> 32);

    pci_device_step(&port.pci);

    ck_assert_uint_gt(port.pci.dma_refused, 0);
    ck_assert_uint_gt(port.pci.nic.drops.ring_refused, 0);
    ck_assert_uint_eq(port.pci.nic.drops.rx_missed, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dpdk");
    TCase *c = tcase_create("dpdk");

    tcase_add_checked_fixture(c, setup, NULL);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, dpdk_finds_an_82599);
    tcase_add_loop_test(c, capture_passes_byte_for_byte, 0, PATHS);
    tcase_add_loop_test(c, queues_share_the_capture, 0, SEVERAL);
    tcase_add_test(c, sizes_and_kinds_are_counted);
    tcase_add_test(c, stopped_port_starts_again);
    tcase_add_test(c, filters_are_as_the_driver_sets_them);
    tcase_add_test(c, link_interrupt_reaches_the_application);
    tcase_add_test(c, ring_outside_of_dpdks_memory_is_refused);
    suite_add_tcase(suite, c);
    return suite_run(suite, CK_FORK);
}
