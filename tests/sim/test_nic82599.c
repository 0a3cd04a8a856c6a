/* SPDX-License-Identifier: MIT */
/*
 * test_nic82599.c - the 82599 model as a well-behaved driver sees it.
 * Source: Intel 82599 datasheet; what DPDK's driver asks of a device.
 */
#include "rig.h"
#include "suite_run.h"
#include <check.h>
#include <string.h>

#define RX (NIC_RX_QUEUES)
#define TX (NIC_TX_QUEUES)

static struct rig *rig;

static void setup(void)
{
    rig = rig_new();
}

static void teardown(void)
{
    rig_free(rig);
}

static uint16_t eeprom_word(uint32_t address)
{
    rig_write(rig, NIC_EERD, address << 2 | NIC_EERD_START);
    ck_assert_uint_ne(rig_read(rig, NIC_EERD) & NIC_EERD_DONE, 0);
    return (uint16_t)(rig_read(rig, NIC_EERD) >> 16);
}

static void send_control(uint32_t index, uint32_t bus, uint64_t control)
{
    rig_tx(rig, index)->address = bus;
    rig_tx(rig, index)->control = control;
}

/* Datasheet 8.2.3.1.1 (CTRL): RST and LRST clear themselves. */
START_TEST(reset_ends_and_restores_registers)
{
    rig_write(rig, NIC_CTRL_EXT, 0x12345);
    rig_write(rig, RX + NIC_Q_LEN, 4096);

    rig_write(rig, NIC_CTRL, NIC_CTRL_RST | NIC_CTRL_LRST);

    ck_assert_uint_eq(rig_read(rig, NIC_CTRL), 0);
    ck_assert_uint_eq(rig_read(rig, NIC_CTRL_EXT), 0);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_LEN), 0);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_SRRCTL), 2);
}
END_TEST

/* Datasheet 4.6.3: what an initialisation waits for. */
START_TEST(device_reports_ready)
{
    const uint32_t eec = NIC_EEC_PRES | NIC_EEC_AUTO_RD;

    ck_assert_uint_eq(rig_read(rig, NIC_EEC) & eec, eec);
    ck_assert_uint_eq(rig_read(rig, NIC_EEMNGCTL), NIC_EEMNGCTL_DONE);
    ck_assert_uint_ne(rig_read(rig, NIC_RDRXCTL) & NIC_RDRXCTL_DMAIDONE, 0);
    ck_assert_uint_ne(rig_read(rig, NIC_SECRXSTAT) & NIC_SEC_READY, 0);
    ck_assert_uint_ne(rig_read(rig, NIC_SECTXSTAT) & NIC_SEC_READY, 0);
    ck_assert_uint_ne(rig_read(rig, NIC_ANLP1) & 0xf0000, 0);
    ck_assert_uint_eq(rig_read(rig, NIC_EICR), 0);
}
END_TEST

/* Datasheet 8.2.3.2.2 (EERD). Rule: the first 64 words sum to 0xbaba. */
START_TEST(eeprom_checksum_holds)
{
    uint32_t address, sum = 0, pointer, i;

    for (address = 0; address <= 0x3f; address++)
        sum += eeprom_word(address);
    ck_assert_uint_eq(sum & 0xffff, 0xbaba);

    /* DPDK adds the sections that words 3 to 0xe point at */
    for (address = 3; address < 0xf; address++) {
        pointer = eeprom_word(address);
        if (pointer == 0 || pointer == 0xffff)
            continue;
        for (i = 1; i <= eeprom_word(pointer); i++)
            sum += eeprom_word(pointer + i);
    }
    ck_assert_uint_eq(sum & 0xffff, 0xbaba);
}
END_TEST

/* Datasheet 8.2.3.2.1: EEC tells the EEPROM's size. Rule: beyond its end an
 * EEPROM's bus floats. */
START_TEST(eeprom_beyond_end_reads_ones)
{
    uint32_t words = 64u << NIC_EEC_SIZE(rig_read(rig, NIC_EEC));

    ck_assert_uint_eq(words, NIC82599_EEPROM_WORDS);
    ck_assert_uint_eq(eeprom_word(words), 0xffff);
    ck_assert_uint_eq(eeprom_word(0x3fff), 0xffff);
}
END_TEST

/* Datasheet 8.2.3.7.8, 8.2.3.7.9: entry 0 is loaded from the EEPROM. */
START_TEST(station_address_comes_from_eeprom)
{
    uint32_t section = eeprom_word(9);

    ck_assert_uint_eq(rig_read(rig, NIC_RAL),
                      (uint32_t)eeprom_word(section + 1) |
                          (uint32_t)eeprom_word(section + 2) << 16);
    ck_assert_uint_eq(rig_read(rig, NIC_RAH),
                      NIC_RAH_AV | eeprom_word(section + 3));
    ck_assert_uint_eq(rig_read(rig, NIC_RAL) & 1, 0);
}
END_TEST

/* Datasheet 8.2.3.4.9 (SWSM): reading takes it, writing 0 frees it. */
START_TEST(semaphore_is_taken_by_reading)
{
    ck_assert_uint_eq(rig_read(rig, NIC_SWSM) & NIC_SWSM_SMBI, 0);
    ck_assert_uint_eq(rig_read(rig, NIC_SWSM) & NIC_SWSM_SMBI, 1);

    rig_write(rig, NIC_SWSM, 0);
    ck_assert_uint_eq(rig_read(rig, NIC_SWSM) & NIC_SWSM_SMBI, 0);

    rig_write(rig, NIC_SWSM, NIC_SWSM_SWESMBI);
    ck_assert_uint_eq(rig_read(rig, NIC_SWSM), NIC_SWSM_SWESMBI);
    rig_write(rig, NIC_GSSR, 0x21);
    ck_assert_uint_eq(rig_read(rig, NIC_GSSR), 0x21);
}
END_TEST

/* Datasheet 8.2.3.22.20 (LINKS) and 8.2.3.1.2 (STATUS) tell; design, section 7
 * (link flap): a link that is down moves nothing. */
START_TEST(link_can_be_pulled)
{
    ck_assert_uint_eq(rig_read(rig, NIC_LINKS), NIC_LINKS_UP_10G);
    ck_assert_uint_ne(rig_read(rig, NIC_STATUS) & NIC_STATUS_LINK_UP, 0);
    test_wire_add_random(&rig->wire, 1, 60, 60);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);

    nic82599_set_link(&rig->nic, false);
    rig_write(rig, RX + NIC_Q_TAIL, 7);
    ck_assert_uint_eq(rig_read(rig, NIC_LINKS), 0);
    ck_assert_uint_eq(rig_read(rig, NIC_STATUS) & NIC_STATUS_LINK_UP, 0);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_HEAD), 0);

    nic82599_set_link(&rig->nic, true);
    rig_step(rig);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_HEAD), 1);
}
END_TEST

/* Rule: an MDIO command completes, which DPDK waits for. Nobody answers it. */
START_TEST(mdio_completes_without_a_phy)
{
    rig_write(rig, NIC_MSRWD, 0x1234);
    rig_write(rig, NIC_MSCA, NIC_MSCA_COMMAND | 0x03e00001);

    ck_assert_uint_eq(rig_read(rig, NIC_MSCA) & NIC_MSCA_COMMAND, 0);
    ck_assert_uint_eq(rig_read(rig, NIC_MSRWD) >> 16, 0xffff);
}
END_TEST

/* Datasheet 8.2.3.7.8 (RAL), 8.2.3.8.7 (SRRCTL), 8.2.3.1.1 (CTRL): two each. */
START_TEST(old_addresses_are_aliases)
{
    rig_write(rig, 0x5408, 0xaabbccdd); /* RAL(1) */
    ck_assert_uint_eq(rig_read(rig, NIC_RAL + 8), 0xaabbccdd);
    rig_write(rig, 0x2104, 0x2000004); /* SRRCTL(1) */
    ck_assert_uint_eq(rig_read(rig, RX + NIC_QUEUE_STRIDE + NIC_Q_SRRCTL),
                      0x2000004);
    rig_write(rig, 0x00004, 4); /* CTRL */
    ck_assert_uint_eq(rig_read(rig, NIC_CTRL), 4);
    ck_assert_uint_eq(rig_read(rig, NIC_STATUS) & NIC_STATUS_MASTER_ENABLE, 0);
}
END_TEST

/* Design, section 7: multiple queues; 128 each way keep their registers. */
START_TEST(every_queue_has_its_registers)
{
    uint32_t q;

    for (q = 0; q < NIC82599_QUEUES; q++) {
        uint32_t rx = q < 64 ? RX + q * 64 : 0xd000 + (q - 64) * 64;

        rig_write(rig, rx + NIC_Q_BAL, 0x1000f + q * 0x1000);
        rig_write(rig, TX + q * 64 + NIC_Q_BAL, 0x2000f + q * 0x1000);
        rig_write(rig, rx + NIC_Q_DCTL, NIC_DCTL_ENABLE);
    }
    for (q = 0; q < NIC82599_QUEUES; q++) {
        uint32_t rx = q < 64 ? RX + q * 64 : 0xd000 + (q - 64) * 64;

        ck_assert_uint_eq(rig_read(rig, rx + NIC_Q_BAL), 0x10000 + q * 0x1000);
        ck_assert_uint_eq(rig_read(rig, TX + q * 64 + NIC_Q_BAL),
                          0x20000 + q * 0x1000);
        ck_assert_uint_eq(rig_read(rig, rx + NIC_Q_DCTL), NIC_DCTL_ENABLE);
    }
}
END_TEST

/* Datasheet 7.1.6.2: advanced receive descriptors, write-back format. */
START_TEST(frame_arrives_in_an_advanced_descriptor)
{
    uint8_t frame[60];

    memset(frame, 0x42, sizeof(frame));
    test_wire_add(&rig->wire, frame, sizeof(frame));
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);

    rig_write(rig, RX + NIC_Q_TAIL, 4);

    ck_assert_mem_eq(rig_at(rig, RIG_BUFFERS), frame, sizeof(frame));
    ck_assert_uint_eq(rig_rx(rig, 0)->control, 60ull << 32 | 3);
    ck_assert_uint_eq(rig_rx(rig, 0)->address, 0);
    ck_assert_uint_eq(rig_rx(rig, 1)->control, 0);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_HEAD), 1);
}
END_TEST

/* Datasheet 7.1.5: legacy receive descriptors keep the buffer's address. */
START_TEST(frame_arrives_in_a_legacy_descriptor)
{
    test_wire_add_random(&rig->wire, 1, 100, 100);
    rig_start_rx(rig, 8, NIC_SRRCTL_LEGACY);

    rig_write(rig, RX + NIC_Q_TAIL, 4);

    ck_assert_uint_eq(rig_rx(rig, 0)->control, 3ull << 32 | 100);
    ck_assert_uint_eq(rig_rx(rig, 0)->address, RIG_BUFFERS);
}
END_TEST

/* Rule: a write of RDT delivers what it posts, at most a burst (nic82599.h). */
START_TEST(tail_write_delivers_at_most_what_it_posts)
{
    test_wire_add_random(&rig->wire, 500, 60, 60);
    rig_start_rx(rig, 256, NIC_SRRCTL_ADVANCED);

    rig_write(rig, RX + NIC_Q_TAIL, 10);
    ck_assert_uint_eq(rig->wire.received, 10);
    rig_write(rig, RX + NIC_Q_TAIL, 10);
    ck_assert_uint_eq(rig->wire.received, 10);
    rig_write(rig, RX + NIC_Q_TAIL, 200);
    ck_assert_uint_eq(rig->wire.received, 10 + NIC82599_BURST);
    rig_step(rig);
    ck_assert_uint_eq(rig->wire.received, 10 + 2 * NIC82599_BURST);
    rig_step(rig);
    rig_step(rig);
    ck_assert_uint_eq(rig->wire.received, 200);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_HEAD), 200);
}
END_TEST

/* Datasheet 7.1.9 (receive descriptor queue): the ring closes. */
START_TEST(receive_ring_wraps)
{
    uint32_t round, tail = 7;

    test_wire_add_random(&rig->wire, 1000, 60, 90);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, RX + NIC_Q_TAIL, tail);

    for (round = 0; round < 1000; round++) {
        struct nic_descriptor *done = rig_rx(rig, round % 8);
        const struct test_frame *frame = &rig->wire.in.frame[round];

        ck_assert_uint_eq(done->control, (uint64_t)frame->bytes << 32 | 3);
        ck_assert_mem_eq(
            rig_at(rig, RIG_BUFFERS + round % 8 * RIG_BUFFER_BYTES),
            frame->data, frame->bytes);
        done->address = RIG_BUFFERS + round % 8 * RIG_BUFFER_BYTES;
        done->control = 0;
        tail = (tail + 1) % 8;
        rig_write(rig, RX + NIC_Q_TAIL, tail);
    }
    ck_assert(rig->wire.wire.ops->ended(&rig->wire.wire));
}
END_TEST

/* Datasheet 7.1.1.1 (L2 filtering): own address, broadcast, group, stranger. */
START_TEST(filters_choose_by_address)
{
    uint8_t own[60] = {0x02, 0x54, 0x65, 0x70, 0x61, 0x6c};
    uint8_t other[60] = {0x02, 0x54, 0x65, 0x70, 0x61, 0x6d};
    uint8_t all[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    uint8_t group[60] = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x12};
    uint32_t hash = 0x120 | 0; /* bits 47 to 36 of the group's address */

    test_wire_add(&rig->wire, other, 60);
    test_wire_add(&rig->wire, all, 60);
    test_wire_add(&rig->wire, group, 60);
    test_wire_add(&rig->wire, own, 60);
    test_wire_add(&rig->wire, group, 60);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, NIC_FCTRL, 0);

    rig_write(rig, RX + NIC_Q_TAIL, 4); /* only its own passes */
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 1);
    ck_assert_uint_eq(rig->nic.drops.rx_filtered, 3);
    ck_assert_mem_eq(rig_at(rig, RIG_BUFFERS), own, 60);
    rig_write(rig, NIC_MCSTCTRL, NIC_MCSTCTRL_MFE);
    rig_write(rig, NIC_MTA + hash / 32 * 4, 1u << hash % 32);
    rig_step(rig);
    ck_assert_uint_eq(rig_read(rig, NIC_MPRC), 1);
}
END_TEST

/* Datasheet 8.2.3.7.1: FCTRL.BAM accepts broadcasts; 8.2.3.23 counts them. */
START_TEST(broadcasts_are_counted)
{
    uint8_t all[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

    test_wire_add(&rig->wire, all, 60);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, NIC_FCTRL, NIC_FCTRL_BAM);
    rig_write(rig, RX + NIC_Q_TAIL, 4);

    ck_assert_uint_eq(rig_read(rig, NIC_BPRC), 1);
    ck_assert_uint_eq(rig_read(rig, NIC_MPRC), 0);
}
END_TEST

/* Datasheet 8.2.3.23: MPC counts what found no descriptor, once the wire does
 * not wait. */
START_TEST(missed_frames_are_counted_when_told)
{
    test_wire_add_random(&rig->wire, 100, 60, 60);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, RX + NIC_Q_TAIL, 7);
    rig_step(rig);
    ck_assert_uint_eq(rig->wire.received, 7);
    ck_assert_uint_eq(rig_read(rig, NIC_MPC), 0);

    nic82599_drop_when_full(&rig->nic, true);
    rig_step(rig);
    rig_step(rig);

    ck_assert_uint_eq(rig_read(rig, NIC_MPC), 93);
    ck_assert_uint_eq(rig_read(rig, NIC_MPC), 0);
}
END_TEST

/* Datasheet 7.2.3.2.2, 7.2.3.2.4: both formats leave, DD where RS is. */
START_TEST(frames_leave_in_both_formats)
{
    const uint64_t legacy = NIC_TX_EOP | 64;
    const uint64_t advanced = 3ull << 20 | NIC_TX_DEXT | NIC_TX_EOP |
                              NIC_TX_RS | 1514 | 1514ull << 46;

    memset(rig_at(rig, RIG_BUFFERS), 0x5a, 2048);
    rig_start_tx(rig, 8);
    send_control(0, RIG_BUFFERS, legacy);
    send_control(1, RIG_BUFFERS, advanced);

    rig_write(rig, TX + NIC_Q_TAIL, 2);

    ck_assert_uint_eq(rig->wire.out.count, 2);
    ck_assert_uint_eq(rig->wire.out.frame[0].bytes, 64);
    ck_assert_uint_eq(rig->wire.out.frame[1].bytes, 1514);
    ck_assert_mem_eq(rig->wire.out.frame[1].data, rig_at(rig, RIG_BUFFERS),
                     1514);
    ck_assert_uint_eq(rig_tx(rig, 0)->control, legacy);
    ck_assert_uint_eq(rig_tx(rig, 1)->control, advanced | NIC_TX_DD);
    ck_assert_uint_eq(rig_read(rig, TX + NIC_Q_HEAD), 2);
}
END_TEST

/* Datasheet 7.2.3.2.4 (EOP): sent when its last part is there, as one. */
START_TEST(frame_in_parts_leaves_whole)
{
    uint8_t *data = rig_at(rig, RIG_BUFFERS);
    uint32_t i;

    for (i = 0; i < 300; i++)
        data[i] = (uint8_t)i;
    rig_start_tx(rig, 8);
    send_control(0, RIG_BUFFERS, 100 | NIC_TX_RS);
    send_control(1, RIG_BUFFERS + 100, 150);
    send_control(2, RIG_BUFFERS + 250, 50 | NIC_TX_EOP | NIC_TX_RS);

    rig_write(rig, TX + NIC_Q_TAIL, 2);
    ck_assert_uint_eq(rig->wire.out.count, 0);
    ck_assert_uint_eq(rig_read(rig, TX + NIC_Q_HEAD), 0);

    rig_write(rig, TX + NIC_Q_TAIL, 3);
    ck_assert_uint_eq(rig->wire.out.count, 1);
    ck_assert_uint_eq(rig->wire.out.frame[0].bytes, 300);
    ck_assert_mem_eq(rig->wire.out.frame[0].data, data, 300);
    ck_assert_uint_ne(rig_tx(rig, 0)->control & NIC_TX_DD, 0);
    ck_assert_uint_eq(rig_tx(rig, 1)->control & NIC_TX_DD, 0);
    ck_assert_uint_ne(rig_tx(rig, 2)->control & NIC_TX_DD, 0);
}
END_TEST

/* Datasheet 8.2.3.22.8: HLREG0.TXPADEN pads to 60 bytes; else it stays. */
START_TEST(padding_is_the_drivers_choice)
{
    rig_start_tx(rig, 8);
    send_control(0, RIG_BUFFERS, NIC_TX_EOP | 20);
    send_control(1, RIG_BUFFERS, NIC_TX_EOP | 20);

    rig_write(rig, TX + NIC_Q_TAIL, 1);
    rig_write(rig, NIC_HLREG0, NIC_HLREG0_TXPADEN);
    rig_write(rig, TX + NIC_Q_TAIL, 2);

    ck_assert_uint_eq(rig->wire.out.frame[0].bytes, 20);
    ck_assert_uint_eq(rig->wire.out.frame[1].bytes, 60);
}
END_TEST

/* Datasheet 7.2.3.3: each of the 128 transmit queues has a ring, and sends. */
START_TEST(every_transmit_queue_sends)
{
    uint32_t q;

    rig_start_tx(rig, 8);
    for (q = 0; q < NIC82599_QUEUES; q++) {
        uint32_t block = TX + q * 64;

        send_control(q * 8, RIG_BUFFERS, NIC_TX_EOP | 60);
        rig_write(rig, block + NIC_Q_BAL, RIG_TX_RING + q * 128);
        rig_write(rig, block + NIC_Q_LEN, 128);
        rig_write(rig, block + NIC_Q_DCTL, NIC_DCTL_ENABLE);
        rig_write(rig, block + NIC_Q_TAIL, 1);
    }
    ck_assert_uint_eq(rig->wire.out.count, NIC82599_QUEUES);
}
END_TEST

/* Datasheet 8.2.3.23: octets count with the checksum, reading clears. */
START_TEST(statistics_count_and_clear)
{
    uint32_t i;

    test_wire_add_random(&rig->wire, 10, 60, 60);
    test_wire_add_random(&rig->wire, 1, 1514, 1514);
    rig_start_rx(rig, 16, NIC_SRRCTL_ADVANCED);
    rig_start_tx(rig, 16);
    for (i = 0; i < 5; i++)
        send_control(i, RIG_BUFFERS, NIC_TX_EOP | 124);

    rig_write(rig, RX + NIC_Q_TAIL, 15);
    rig_write(rig, TX + NIC_Q_TAIL, 5);

    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_QPRC), 11);
    /* a queue's octets are those in memory, without the checksum */
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_QBRC_L), 10 * 60 + 1514);
    ck_assert_uint_eq(rig_read(rig, RX + NIC_Q_QBRC_H), 0);
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 11);
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 0);
    ck_assert_uint_eq(rig_read(rig, NIC_GORCL), 10 * 64 + 1518);
    ck_assert_uint_eq(rig_read(rig, NIC_GORCL + 4), 0);
    ck_assert_uint_eq(rig_read(rig, NIC_GORCL), 0);
    ck_assert_uint_eq(rig_read(rig, NIC_PRC64), 10);
    ck_assert_uint_eq(rig_read(rig, NIC_PRC64 + 20), 1);
    ck_assert_uint_eq(rig_read(rig, NIC_GPTC), 5);
    ck_assert_uint_eq(rig_read(rig, NIC_GOTCL), 5 * 128);
    ck_assert_uint_eq(rig_read(rig, NIC_PTC64 + 8), 5);
    ck_assert_uint_eq(rig_read(rig, 0x4000), 0); /* CRCERRS */
    rig_write(rig, NIC_GPRC, 77);
    ck_assert_uint_eq(rig_read(rig, NIC_GPRC), 0);
}
END_TEST

/* Datasheet 8.2.3.23: the high half counts what the low half overflows. */
START_TEST(octets_carry_into_the_high_half)
{
    *(&rig->nic.registers[NIC_GORCL / 4]) = 0xffffffff;
    test_wire_add_random(&rig->wire, 1, 60, 60);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);

    rig_write(rig, RX + NIC_Q_TAIL, 7);

    ck_assert_uint_eq(rig_read(rig, NIC_GORCL), 63);
    ck_assert_uint_eq(rig_read(rig, NIC_GORCL + 4), 1);
}
END_TEST

/* Rule: drained only after a step that delivered nothing (nic82599.h). */
START_TEST(drained_waits_for_the_newest_frame_to_be_seen)
{
    test_wire_add_random(&rig->wire, 3, 60, 60);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig->nic.registers[(RX + NIC_Q_TAIL) / 4] = 7; /* posted in silence */
    ck_assert(!rig_drained(rig));

    rig_step(rig);
    ck_assert(rig->wire.wire.ops->ended(&rig->wire.wire));
    ck_assert(!rig_drained(rig));
    rig_step(rig);
    ck_assert(rig_drained(rig));
}
END_TEST

/* Design, section 5: bus mastering is off before buffers are freed. */
START_TEST(stopped_device_moves_nothing_until_reset)
{
    test_wire_add_random(&rig->wire, 10, 60, 60);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_start_tx(rig, 8);
    send_control(0, RIG_BUFFERS, NIC_TX_EOP | 60);

    rig->nic.device.ops->stop(&rig->nic.device);
    rig_write(rig, RX + NIC_Q_TAIL, 7);
    rig_write(rig, TX + NIC_Q_TAIL, 1);
    rig_step(rig);
    ck_assert_uint_eq(rig->wire.received, 0);
    ck_assert_uint_eq(rig->wire.sent, 0);
    ck_assert_uint_eq(rig->refused, 0);
    ck_assert(rig_drained(rig));

    rig_write(rig, NIC_CTRL, NIC_CTRL_RST);
    rig_start_rx(rig, 8, NIC_SRRCTL_ADVANCED);
    rig_write(rig, RX + NIC_Q_TAIL, 7);
    ck_assert_uint_eq(rig->wire.received, 7);
}
END_TEST

/* Rule: a device's name is cut to its room, never overrun (device.h). */
START_TEST(long_name_is_cut)
{
    nic82599_init(&rig->nic, &rig->wire.wire, "a-name-of-many-characters");
    ck_assert_str_eq(rig->nic.device.name, "a-name-of-many-");
    ck_assert_uint_eq(rig->nic.device.register_bytes, 0x20000);
}
END_TEST

static TCase *case_registers(void)
{
    TCase *c = tcase_create("registers");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, reset_ends_and_restores_registers);
    tcase_add_test(c, device_reports_ready);
    tcase_add_test(c, eeprom_checksum_holds);
    tcase_add_test(c, eeprom_beyond_end_reads_ones);
    tcase_add_test(c, station_address_comes_from_eeprom);
    tcase_add_test(c, semaphore_is_taken_by_reading);
    tcase_add_test(c, link_can_be_pulled);
    tcase_add_test(c, mdio_completes_without_a_phy);
    tcase_add_test(c, old_addresses_are_aliases);
    tcase_add_test(c, every_queue_has_its_registers);
    tcase_add_test(c, statistics_count_and_clear);
    tcase_add_test(c, octets_carry_into_the_high_half);
    tcase_add_test(c, long_name_is_cut);
    return c;
}

static TCase *case_frames(void)
{
    TCase *c = tcase_create("frames");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, frame_arrives_in_an_advanced_descriptor);
    tcase_add_test(c, frame_arrives_in_a_legacy_descriptor);
    tcase_add_test(c, tail_write_delivers_at_most_what_it_posts);
    tcase_add_test(c, receive_ring_wraps);
    tcase_add_test(c, filters_choose_by_address);
    tcase_add_test(c, broadcasts_are_counted);
    tcase_add_test(c, missed_frames_are_counted_when_told);
    tcase_add_test(c, frames_leave_in_both_formats);
    tcase_add_test(c, frame_in_parts_leaves_whole);
    tcase_add_test(c, padding_is_the_drivers_choice);
    tcase_add_test(c, every_transmit_queue_sends);
    tcase_add_test(c, drained_waits_for_the_newest_frame_to_be_seen);
    tcase_add_test(c, stopped_device_moves_nothing_until_reset);
    return c;
}

int main(void)
{
    Suite *suite = suite_create("nic82599");

    suite_add_tcase(suite, case_registers());
    suite_add_tcase(suite, case_frames());
    return suite_run(suite, CK_FORK_GETENV);
}
