/* SPDX-License-Identifier: MIT */
/*
 * init.c - bring up the 82599: reset, EEPROM, link, receive and transmit
 * queues, all frames accepted. Also after a reset of a device that was up.
 *
 * Every wait has an end, and what did not happen is logged; registers that
 * read as all ones are a device that is gone. What a device may get right at a
 * second try is tried ATTEMPTS times, each from a reset on.
 * Source: Intel 82599 datasheet, section 4.6.3 (initialisation sequence).
 */
#include "drv/dma.h"
#include "drv/mmio.h"
#include "ixgbe.h"

#define ATTEMPTS 3
/* Ends a wait even when the clock stands still. */
#define WAIT_ROUNDS 50000000u

static void set_bits(uint32_t reg, uint32_t bits)
{
    drv_write32(reg, drv_read32(reg) | bits);
}

static void clear_bits(uint32_t reg, uint32_t bits)
{
    drv_write32(reg, drv_read32(reg) & ~bits);
}

/* Wait until @bits of @reg are @want; false after @milliseconds. */
static bool wait_for(uint32_t reg, uint32_t bits, uint32_t want,
                     uint64_t milliseconds)
{
    uint64_t deadline = tp_nanoseconds() + milliseconds * IXGBE_MILLISECOND;
    uint32_t round;

    for (round = 0; round < WAIT_ROUNDS; round++) {
        uint32_t value = drv_read32(reg);

        if (value != IXGBE_GONE && (value & bits) == want)
            return true;
        if (tp_nanoseconds() > deadline)
            return false;
        (void)tp_idle(); /* the device may need the time */
    }
    return false;
}

static void pause_for(uint64_t milliseconds)
{
    /* bits that can never be: runs to the deadline */
    (void)wait_for(IXGBE_STATUS, 0, 1, milliseconds);
}

static void interrupts_off(void)
{
    drv_write32(IXGBE_EIMC, 0x7fffffff); /* 4.6.3.1 */
}

/*
 * Source: 5.2.5.3.2 (master disable): no DMA is under way when it ends. A
 * device that does not end it is reset all the same, twice.
 */
static bool stop_dma(void)
{
    clear_bits(IXGBE_RXCTRL, IXGBE_RXCTRL_RXEN);
    clear_bits(IXGBE_DMATXCTL, IXGBE_DMATXCTL_TE);
    set_bits(IXGBE_CTRL, IXGBE_CTRL_MASTER_DISABLE);
    return wait_for(IXGBE_STATUS, IXGBE_STATUS_MASTER_ENABLE, 0, 10);
}

static bool reset_once(void)
{
    const uint32_t bits = IXGBE_CTRL_RST | IXGBE_CTRL_LRST;

    set_bits(IXGBE_CTRL, bits);
    if (!wait_for(IXGBE_CTRL, bits, 0, 100))
        return false;
    pause_for(10);
    return true;
}

/* Source: 4.6.3.2 (global reset). */
static bool reset_all(void)
{
    bool quiet;

    interrupts_off();
    quiet = stop_dma();
    if (reset_once() && (quiet || reset_once()))
        return true;
    IXGBE_LOG("the reset does not end");
    return false;
}

/* Source: 4.6.3, steps 3 to 5; 4.2.1.5.1 (function-level reset). */
static bool reset(void)
{
    if (drv_read32(IXGBE_STATUS) == IXGBE_GONE) {
        IXGBE_LOG("no device answers");
        return false;
    }
    if (!drv_is_fresh() && !reset_all())
        return false;
    interrupts_off();
    if (!wait_for(IXGBE_EEC, IXGBE_EEC_AUTO_RD, IXGBE_EEC_AUTO_RD, 1000)) {
        IXGBE_LOG("the EEPROM was not read");
        return false;
    }
    if (!wait_for(IXGBE_EEMNGCTL, IXGBE_EEMNGCTL_CFG_DONE0,
                  IXGBE_EEMNGCTL_CFG_DONE0, 1000)) {
        IXGBE_LOG("management is not configured");
        return false;
    }
    if (!wait_for(IXGBE_RDRXCTL, IXGBE_RDRXCTL_DMAIDONE,
                  IXGBE_RDRXCTL_DMAIDONE, 1000)) {
        IXGBE_LOG("DMA is not initialised");
        return false;
    }
    return true;
}

/* Word @address; false when the EEPROM does not answer. */
static bool eeprom_word(uint32_t address, uint16_t *word)
{
    drv_write32(IXGBE_EERD, IXGBE_EERD_ADDRESS(address) | IXGBE_EERD_START);
    if (!wait_for(IXGBE_EERD, IXGBE_EERD_DONE, IXGBE_EERD_DONE, 100))
        return false;
    *word = (uint16_t)(drv_read32(IXGBE_EERD) >> 16);
    return true;
}

static bool eeprom_adds_up(void)
{
    uint16_t word, sum = 0;
    uint32_t i;

    for (i = 0; i < IXGBE_EEPROM_WORDS; i++) {
        if (!eeprom_word(i, &word))
            return false;
        sum = (uint16_t)(sum + word);
    }
    return sum == IXGBE_EEPROM_SUM;
}

/* Source: 4.6.3, step 4; 6.2 (checksum). The semaphore is software's. */
static bool check_eeprom(void)
{
    bool good;

    if (!wait_for(IXGBE_SWSM, IXGBE_SWSM_SMBI, 0, 100)) {
        IXGBE_LOG("the EEPROM is not to be had");
        return false;
    }
    good = eeprom_adds_up();
    drv_write32(IXGBE_SWSM, 0);
    if (!good)
        IXGBE_LOG("the EEPROM's checksum is wrong");
    return good;
}

/* Source: 4.6.4. Without a link the driver still starts, and says so later. */
static void start_link(void)
{
    set_bits(IXGBE_AUTOC, IXGBE_AUTOC_RESTART_AN);
    if (!wait_for(IXGBE_LINKS, IXGBE_LINKS_UP, IXGBE_LINKS_UP, 5000))
        IXGBE_LOG("the link is down");
}

/* Source: 4.6.5; reading clears. */
static void clear_statistics(void)
{
    uint32_t reg;

    for (reg = IXGBE_STATS_START; reg < IXGBE_STATS_END; reg += 4)
        (void)drv_read32(reg);
}

/* The bus address of @ring's descriptors; false when they are refused. */
static bool reach_ring(struct ixgbe_ring *ring)
{
    if (ring->bus == 0)
        ring->bus = dma_private(ring->descriptors, sizeof(ring->descriptors));
    if (ring->bus == 0)
        IXGBE_LOG("no DMA window for a ring");
    return ring->bus != 0;
}

/* A buffer behind every receive descriptor: the one that it had, or another. */
static bool fill_receive_ring(struct ixgbe_ring *ring)
{
    uint32_t i;

    for (i = 0; i < IXGBE_RING; i++) {
        if (rref_packet_is_null(ring->buffers[i]))
            ring->buffers[i] = rref_packet_new();
        if (rref_packet_is_null(ring->buffers[i])) {
            IXGBE_LOG("no memory for receive buffers");
            return false;
        }
        ring->descriptors[i].address = ixgbe_bus(ring->buffers[i]);
        ring->descriptors[i].control = 0;
    }
    return true;
}

static bool enable_queue(uint32_t reg)
{
    set_bits(reg, IXGBE_DCTL_ENABLE);
    if (wait_for(reg, IXGBE_DCTL_ENABLE, IXGBE_DCTL_ENABLE, 100))
        return true;
    IXGBE_LOG("a queue does not start");
    return false;
}

/* Source: 4.6.7.1 (initialising a receive queue). */
static bool start_receive_queue(struct ixgbe_queue *queue)
{
    struct ixgbe_ring *ring = &queue->rx;

    ixgbe_receive_restart(queue);
    if (!reach_ring(ring) || !fill_receive_ring(ring))
        return false;
    drv_write32(ixgbe_reg(queue, IXGBE_RDBAL), (uint32_t)ring->bus);
    drv_write32(ixgbe_reg(queue, IXGBE_RDBAH), (uint32_t)(ring->bus >> 32));
    drv_write32(ixgbe_reg(queue, IXGBE_RDLEN), sizeof(ring->descriptors));
    drv_write32(ixgbe_reg(queue, IXGBE_RDH), 0);
    drv_write32(ixgbe_reg(queue, IXGBE_RDT), 0);
    drv_write32(ixgbe_reg(queue, IXGBE_SRRCTL),
                IXGBE_SRRCTL_BUFFER_2K | IXGBE_SRRCTL_ADVANCED);
    clear_bits(ixgbe_reg(queue, IXGBE_DCA_RX), IXGBE_DCA_RX_BIT12);
    if (!enable_queue(ixgbe_reg(queue, IXGBE_RXDCTL)))
        return false;
    drv_write32(ixgbe_reg(queue, IXGBE_RDT), IXGBE_RING - 1);
    return true;
}

/*
 * Frames of a flow to one queue, flows to all of them. The key repeats one
 * pattern of 16 bits, so that both directions of a flow have the same hash.
 * Source: 4.6.10.1.1 (RSS); Woo and Park, "Scalable TCP Session Monitoring
 * with Symmetric Receive-side Scaling", KAIST, 2012.
 */
static void spread_flows(void)
{
    uint32_t i, entries;

    if (ixgbe.queue_count == 1)
        return;
    for (i = 0; i < 10; i++)
        drv_write32(IXGBE_RSSRK + i * 4, 0x5a6d5a6d);
    for (i = 0; i < 128; i += 4) {
        entries = i % ixgbe.queue_count | (i + 1) % ixgbe.queue_count << 8 |
                  (i + 2) % ixgbe.queue_count << 16 |
                  (i + 3) % ixgbe.queue_count << 24;
        drv_write32(IXGBE_RETA + i, entries);
    }
    drv_write32(IXGBE_MRQC, IXGBE_MRQC_RSS | IXGBE_MRQC_FIELDS);
}

/* Source: 4.6.7 (receive initialisation). */
static bool start_receive(void)
{
    uint32_t q;

    clear_bits(IXGBE_RXCTRL, IXGBE_RXCTRL_RXEN);
    set_bits(IXGBE_HLREG0, IXGBE_HLREG0_RXCRCSTRP);
    set_bits(IXGBE_RDRXCTL, IXGBE_RDRXCTL_CRCSTRIP);
    set_bits(IXGBE_FCTRL, IXGBE_FCTRL_UPE | IXGBE_FCTRL_MPE | IXGBE_FCTRL_BAM);
    set_bits(IXGBE_CTRL_EXT, IXGBE_CTRL_EXT_NS_DIS);
    spread_flows();
    for (q = 0; q < ixgbe.queue_count; q++)
        if (!start_receive_queue(&ixgbe.queues[q]))
            return false;
    return true;
}

static bool start_transmit_queue(struct ixgbe_queue *queue)
{
    struct ixgbe_ring *ring = &queue->tx;

    ixgbe_transmit_restart(queue);
    if (!reach_ring(ring))
        return false;
    drv_write32(ixgbe_reg(queue, IXGBE_TDBAL), (uint32_t)ring->bus);
    drv_write32(ixgbe_reg(queue, IXGBE_TDBAH), (uint32_t)(ring->bus >> 32));
    drv_write32(ixgbe_reg(queue, IXGBE_TDLEN), sizeof(ring->descriptors));
    drv_write32(ixgbe_reg(queue, IXGBE_TDH), 0);
    drv_write32(ixgbe_reg(queue, IXGBE_TDT), 0);
    drv_write32(ixgbe_reg(queue, IXGBE_TXDCTL), IXGBE_TXDCTL_THRESHOLDS);
    return enable_queue(ixgbe_reg(queue, IXGBE_TXDCTL));
}

/* Source: 4.6.8 (transmit initialisation). */
static bool start_transmit(void)
{
    uint32_t q;

    /* a frame goes out as long as it is: no padding */
    clear_bits(IXGBE_HLREG0, IXGBE_HLREG0_TXPADEN);
    set_bits(IXGBE_HLREG0, IXGBE_HLREG0_TXCRCEN);
    set_bits(IXGBE_RTTDCS, IXGBE_RTTDCS_ARBDIS);
    drv_write32(IXGBE_DTXMXSZ, 0xfff);
    drv_write32(IXGBE_TXPBSIZE, 160u << 10);
    drv_write32(IXGBE_TXPBTHR, 160);
    clear_bits(IXGBE_RTTDCS, IXGBE_RTTDCS_ARBDIS);
    set_bits(IXGBE_DMATXCTL, IXGBE_DMATXCTL_TE);
    for (q = 0; q < ixgbe.queue_count; q++)
        if (!start_transmit_queue(&ixgbe.queues[q]))
            return false;
    return true;
}

static bool bring_up(void)
{
    if (!reset() || !check_eeprom())
        return false;
    start_link();
    clear_statistics();
    ixgbe.frames_bus = dma_shared_base() + offsetof(struct packet, data);
    ixgbe_irq_start();
    if (!start_receive() || !start_transmit())
        return false;
    set_bits(IXGBE_RXCTRL, IXGBE_RXCTRL_RXEN);
    return true;
}

bool ixgbe_init(void)
{
    uint32_t attempt;

    for (attempt = 0; attempt < ATTEMPTS; attempt++)
        if (bring_up())
            return true;
    return false;
}
