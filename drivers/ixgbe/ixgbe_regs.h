/* SPDX-License-Identifier: MIT */
/*
 * ixgbe_regs.h - the registers and descriptors of the Intel 82599 that this
 * driver uses, as offsets in BAR0.
 * Source: Intel 82599 datasheet, section 8 (registers), 7.1 and 7.2
 * (descriptors).
 */
#pragma once
#include <stdint.h>

/* clang-format off */

enum ixgbe_general_reg {
    IXGBE_CTRL     = 0x00000, /* RW  device control: resets */
    IXGBE_STATUS   = 0x00008, /* RO  device status */
    IXGBE_CTRL_EXT = 0x00018, /* RW  extended device control */
    IXGBE_EEC      = 0x10010, /* RW  EEPROM control */
    IXGBE_EERD     = 0x10014, /* RW  EEPROM read */
    IXGBE_EEMNGCTL = 0x10110, /* RO  management configuration */
    IXGBE_SWSM     = 0x10140, /* RW  semaphore: taken by reading a 0 */
};

enum ixgbe_interrupt_reg {
    IXGBE_EICR     = 0x00800, /* RC  causes */
    IXGBE_EIAC     = 0x00810, /* RW  causes that their message clears */
    IXGBE_EITR     = 0x00820, /* RW  throttling, vector v < 24, stride 4 */
    IXGBE_EIMC     = 0x00888, /* WO  ones disable interrupts */
    IXGBE_GPIE     = 0x00898, /* RW  MSI-X, automatic masking */
    IXGBE_IVAR     = 0x00900, /* RW  queues 2n, 2n + 1 to vectors */
    IXGBE_EIMS_EX  = 0x00aa0, /* WO  ones enable vectors */
    IXGBE_EIMC_EX  = 0x00ab0, /* WO  ones disable them */
    IXGBE_EIAM_EX  = 0x00ad0, /* RW  vectors that their message disables */
};

enum ixgbe_mac_reg {
    IXGBE_HLREG0   = 0x04240, /* RW  checksum and padding of frames */
    IXGBE_AUTOC    = 0x042a0, /* RW  auto-negotiation control */
    IXGBE_LINKS    = 0x042a4, /* RO  link status */
};

enum ixgbe_receive_reg {
    IXGBE_RDRXCTL  = 0x02f00, /* RW  receive DMA control */
    IXGBE_RXCTRL   = 0x03000, /* RW  receiver on and off */
    IXGBE_FCTRL    = 0x05080, /* RW  which addresses are accepted */
    IXGBE_MRQC     = 0x05818, /* RW  several receive queues */
    IXGBE_RETA     = 0x05c00, /* RW  redirection table, 32 words of 4 */
    IXGBE_RSSRK    = 0x05c80, /* RW  hash key, 10 words */
};

/* Rings of queue q < 64: offset = reg + q * IXGBE_QUEUE_STRIDE. */
#define IXGBE_QUEUE_STRIDE 0x40u

/* Receive ring. */
enum ixgbe_rx_reg {
    IXGBE_RDBAL    = 0x01000, /* RW  ring base, low half, 128-byte aligned */
    IXGBE_RDBAH    = 0x01004, /* RW  ring base, high half */
    IXGBE_RDLEN    = 0x01008, /* RW  ring size in bytes, multiple of 128 */
    IXGBE_DCA_RX   = 0x0100c, /* RW  cache hints; bit 12 must be cleared */
    IXGBE_RDH      = 0x01010, /* RW  the device's next descriptor */
    IXGBE_SRRCTL   = 0x01014, /* RW  buffer size, descriptor type */
    IXGBE_RDT      = 0x01018, /* RW  one past the last descriptor we gave */
    IXGBE_RXDCTL   = 0x01028, /* RW  queue control */
};

enum ixgbe_transmit_reg {
    IXGBE_RTTDCS   = 0x04900, /* RW  transmit arbiter */
    IXGBE_TXPBTHR  = 0x04950, /* RW  buffer 0: threshold in KiB */
    IXGBE_DMATXCTL = 0x04a80, /* RW  transmit DMA on and off */
    IXGBE_DTXMXSZ  = 0x08100, /* RW  bytes in flight, without DCB 0xfff */
    IXGBE_TXPBSIZE = 0x0cc00, /* RW  buffer 0: bytes */
};

/* Transmit ring. */
enum ixgbe_tx_reg {
    IXGBE_TDBAL    = 0x06000, /* RW  ring base, low half, 128-byte aligned */
    IXGBE_TDBAH    = 0x06004, /* RW  ring base, high half */
    IXGBE_TDLEN    = 0x06008, /* RW  ring size in bytes, multiple of 128 */
    IXGBE_TDH      = 0x06010, /* RW  the device's next descriptor */
    IXGBE_TDT      = 0x06018, /* RW  one past the last descriptor we gave */
    IXGBE_TXDCTL   = 0x06028, /* RW  queue control */
};

/* Statistics, cleared by reading. */
enum ixgbe_statistic_reg {
    IXGBE_MPC         = 0x03fa0, /* frames missed, packet buffer 0 */
    IXGBE_STATS_START = 0x03f00,
    IXGBE_STATS_END   = 0x04200,
};

/* clang-format on */

#define IXGBE_CTRL_MASTER_DISABLE (1u << 2)
#define IXGBE_STATUS_MASTER_ENABLE (1u << 19)
#define IXGBE_EERD_START (1u << 0)
#define IXGBE_EERD_DONE (1u << 1)
#define IXGBE_EERD_ADDRESS(a) ((uint32_t)(a) << 2)
#define IXGBE_EEPROM_WORDS 0x40u
#define IXGBE_EEPROM_SUM 0xbaba
#define IXGBE_SWSM_SMBI (1u << 0)
#define IXGBE_GPIE_MSIX (1u << 4)
#define IXGBE_GPIE_EIAME (1u << 30)
#define IXGBE_IVAR_VALID 0x80u
#define IXGBE_EITR_MICROSECONDS(n) ((uint32_t)(n) << 2)
#define IXGBE_MRQC_RSS 1u
#define IXGBE_MRQC_FIELDS                                                      \
    (1u << 16 /* TCP, IPv4 */ | 1u << 17 /* IPv4 */ | 1u << 20 /* IPv6 */ |    \
     1u << 21 /* TCP, IPv6 */ | 1u << 22 /* UDP, IPv4 */ |                     \
     1u << 23 /* UDP, IPv6 */)
#define IXGBE_CTRL_LRST (1u << 3)
#define IXGBE_CTRL_RST (1u << 26)
#define IXGBE_CTRL_EXT_NS_DIS (1u << 16)
#define IXGBE_EEC_AUTO_RD (1u << 9)
#define IXGBE_EEMNGCTL_CFG_DONE0 (1u << 18)
#define IXGBE_HLREG0_TXCRCEN (1u << 0)
#define IXGBE_HLREG0_RXCRCSTRP (1u << 1)
#define IXGBE_HLREG0_TXPADEN (1u << 10)
#define IXGBE_AUTOC_RESTART_AN (1u << 12)
#define IXGBE_LINKS_UP (1u << 30)
#define IXGBE_RDRXCTL_CRCSTRIP (1u << 1)
#define IXGBE_RDRXCTL_DMAIDONE (1u << 3)
#define IXGBE_RXCTRL_RXEN (1u << 0)
#define IXGBE_FCTRL_MPE (1u << 8)
#define IXGBE_FCTRL_UPE (1u << 9)
#define IXGBE_FCTRL_BAM (1u << 10)
#define IXGBE_DCA_RX_BIT12 (1u << 12)
#define IXGBE_SRRCTL_BUFFER_2K 2u
#define IXGBE_SRRCTL_ADVANCED (1u << 25)
#define IXGBE_RTTDCS_ARBDIS (1u << 6)
#define IXGBE_DMATXCTL_TE (1u << 0)
#define IXGBE_DCTL_ENABLE (1u << 25)
/* Prefetch below 36, when 8 are valid; write back each. */
#define IXGBE_TXDCTL_THRESHOLDS (36u | 8u << 8)

/* What reading a register gives when the device is gone. */
#define IXGBE_GONE 0xffffffffu

/*
 * A descriptor, either way: the buffer's bus address, and a word that the
 * device writes last. Source: 7.1.6 (advanced receive), 7.2.3 (transmit).
 */
struct ixgbe_descriptor {
    uint64_t address;
    uint64_t control;
};
_Static_assert(sizeof(struct ixgbe_descriptor) == 16, "datasheet");

/* Receive write-back. */
#define IXGBE_RX_DD (1ull << 0)
#define IXGBE_RX_EOP (1ull << 1)
#define IXGBE_RX_ERRORS (0xfffull << 20)
#define IXGBE_RX_LENGTH(control) ((uint32_t)((control) >> 32 & 0xffff))

/* Transmit: an advanced data descriptor that holds a whole frame. */
#define IXGBE_TX_FRAME                                                         \
    (3ull << 20 /* data */ | 1ull << 24 /* EOP */ | 1ull << 25 /* IFCS */ |    \
     1ull << 29 /* advanced */)
#define IXGBE_TX_RS (1ull << 27) /* report when it is done */
#define IXGBE_TX_PAYLEN(bytes) ((uint64_t)(bytes) << 46)
#define IXGBE_TX_DD (1ull << 32)
