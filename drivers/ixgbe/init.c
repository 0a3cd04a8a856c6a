/* SPDX-License-Identifier: MIT */
/*
 * init.c - bring up the 82599: reset, link, one receive and one transmit
 * queue, all frames accepted.
 *
 * Every wait has an end, and what did not happen is logged; registers that
 * read as all ones are a device that is gone.
 * Source: Intel 82599 datasheet, section 4.6.3 (initialisation sequence).
 */
#include "drv/dma.h"
#include "drv/mmio.h"
#include "ixgbe.h"

#define MILLISECOND 1000000ull
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
    uint64_t deadline = tp_nanoseconds() + milliseconds * MILLISECOND;
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

/* Source: 4.6.3.2 (global reset); 4.6.3, steps 3 to 5. */
static bool reset(void)
{
    const uint32_t bits = IXGBE_CTRL_RST | IXGBE_CTRL_LRST;

    if (drv_read32(IXGBE_STATUS) == IXGBE_GONE) {
        IXGBE_LOG("no device answers");
        return false;
    }
    interrupts_off();
    set_bits(IXGBE_CTRL, bits);
    if (!wait_for(IXGBE_CTRL, bits, 0, 1000)) {
        IXGBE_LOG("the reset does not end");
        return false;
    }
    pause_for(10);
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
    ring->bus = dma_private(ring->descriptors, sizeof(ring->descriptors));
    if (ring->bus == 0)
        IXGBE_LOG("no DMA window for a ring");
    return ring->bus != 0;
}

/* A buffer behind every receive descriptor. */
static bool fill_receive_ring(struct ixgbe *nic)
{
    uint32_t i;

    for (i = 0; i < IXGBE_RING; i++) {
        struct rref_packet packet = rref_packet_new();

        if (rref_packet_is_null(packet)) {
            IXGBE_LOG("no memory for receive buffers");
            return false;
        }
        nic->rx.buffers[i] = packet;
        nic->rx.descriptors[i].address = ixgbe_bus(nic, packet);
        nic->rx.descriptors[i].control = 0;
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

/* Source: 4.6.7 (receive initialisation). */
static bool start_receive(struct ixgbe *nic)
{
    struct ixgbe_ring *ring = &nic->rx;

    clear_bits(IXGBE_RXCTRL, IXGBE_RXCTRL_RXEN);
    set_bits(IXGBE_HLREG0, IXGBE_HLREG0_RXCRCSTRP);
    set_bits(IXGBE_RDRXCTL, IXGBE_RDRXCTL_CRCSTRIP);
    set_bits(IXGBE_FCTRL, IXGBE_FCTRL_UPE | IXGBE_FCTRL_MPE | IXGBE_FCTRL_BAM);
    if (!reach_ring(ring) || !fill_receive_ring(nic))
        return false;
    drv_write32(IXGBE_RDBAL, (uint32_t)ring->bus);
    drv_write32(IXGBE_RDBAH, (uint32_t)(ring->bus >> 32));
    drv_write32(IXGBE_RDLEN, sizeof(ring->descriptors));
    drv_write32(IXGBE_RDH, 0);
    drv_write32(IXGBE_RDT, 0);
    drv_write32(IXGBE_SRRCTL, IXGBE_SRRCTL_BUFFER_2K | IXGBE_SRRCTL_ADVANCED);
    set_bits(IXGBE_CTRL_EXT, IXGBE_CTRL_EXT_NS_DIS);
    clear_bits(IXGBE_DCA_RX, IXGBE_DCA_RX_BIT12);
    if (!enable_queue(IXGBE_RXDCTL))
        return false;
    drv_write32(IXGBE_RDT, IXGBE_RING - 1);
    return true;
}

/* Source: 4.6.8 (transmit initialisation). */
static bool start_transmit(struct ixgbe *nic)
{
    struct ixgbe_ring *ring = &nic->tx;

    /* a frame goes out as long as it is: no padding */
    clear_bits(IXGBE_HLREG0, IXGBE_HLREG0_TXPADEN);
    set_bits(IXGBE_HLREG0, IXGBE_HLREG0_TXCRCEN);
    set_bits(IXGBE_RTTDCS, IXGBE_RTTDCS_ARBDIS);
    drv_write32(IXGBE_DTXMXSZ, 0xfff);
    drv_write32(IXGBE_TXPBSIZE, 160u << 10);
    drv_write32(IXGBE_TXPBTHR, 160);
    clear_bits(IXGBE_RTTDCS, IXGBE_RTTDCS_ARBDIS);
    if (!reach_ring(ring))
        return false;
    drv_write32(IXGBE_TDBAL, (uint32_t)ring->bus);
    drv_write32(IXGBE_TDBAH, (uint32_t)(ring->bus >> 32));
    drv_write32(IXGBE_TDLEN, sizeof(ring->descriptors));
    drv_write32(IXGBE_TDH, 0);
    drv_write32(IXGBE_TDT, 0);
    drv_write32(IXGBE_TXDCTL, IXGBE_TXDCTL_THRESHOLDS);
    set_bits(IXGBE_DMATXCTL, IXGBE_DMATXCTL_TE);
    return enable_queue(IXGBE_TXDCTL);
}

bool ixgbe_init(struct ixgbe *nic)
{
    __builtin_memset(nic, 0, sizeof(*nic));
    if (!reset())
        return false;
    start_link();
    clear_statistics();
    nic->frames_bus = dma_shared_base() + offsetof(struct packet, data);
    if (!start_receive(nic) || !start_transmit(nic))
        return false;
    set_bits(IXGBE_RXCTRL, IXGBE_RXCTRL_RXEN);
    return true;
}
