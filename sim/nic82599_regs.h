/* SPDX-License-Identifier: MIT */
/*
 * nic82599_regs.h - the registers and descriptors that the 82599 model knows
 * by name. Written apart from the driver's own list, so that a wrong offset
 * in one of them shows.
 * Source: Intel 82599 datasheet, "Device Registers", "Receive Descriptors",
 * "Transmit Descriptors".
 */
#pragma once
#include <stdint.h>

/* clang-format off */

/* Control, EEPROM and semaphores. */
enum nic_general_reg {
    NIC_CTRL      = 0x00000, /* RW  resets; also answers at 0x00004 */
    NIC_STATUS    = 0x00008, /* RO */
    NIC_CTRL_EXT  = 0x00018, /* RW */
    NIC_EEC       = 0x10010, /* RW  EEPROM control */
    NIC_EERD      = 0x10014, /* RW  EEPROM read */
    NIC_EEMNGCTL  = 0x10110, /* RO  management configuration done */
    NIC_SWSM      = 0x10140, /* RW  semaphore, taken by reading */
    NIC_GSSR      = 0x10160, /* RW  software/firmware synchronisation */
};

/* Interrupts. */
enum nic_interrupt_reg {
    NIC_EICR      = 0x00800, /* RC  causes; ones written clear */
    NIC_EICS      = 0x00808, /* WO  sets causes */
    NIC_EIAC      = 0x00810, /* RW  causes cleared by their message */
    NIC_EITR      = 0x00820, /* RW  throttling of vector v < 24, stride 4 */
    NIC_EITR_HIGH = 0x12300, /* RW  of vector 24 and up */
    NIC_EIMS      = 0x00880, /* RS  enabled causes; ones written enable */
    NIC_EIMC      = 0x00888, /* WO  ones written disable */
    NIC_EIAM      = 0x00890, /* RW  causes disabled by their message */
    NIC_GPIE      = 0x00898, /* RW  MSI-X mode and automatic masking */
    NIC_IVAR      = 0x00900, /* RW  queues 2n and 2n + 1 to vectors, n < 64 */
    NIC_IVAR_MISC = 0x00a00, /* RW  other causes to a vector: second byte */
    NIC_EICS_EX   = 0x00a90, /* WO  vectors 0 to 31, 32 to 63 */
    NIC_EIMS_EX   = 0x00aa0, /* RS */
    NIC_EIMC_EX   = 0x00ab0, /* WO */
    NIC_EIAM_EX   = 0x00ad0, /* RW */
};

/* Link and MAC. */
enum nic_mac_reg {
    NIC_PCS1GLSTA = 0x0420c, /* RO */
    NIC_HLREG0    = 0x04240, /* RW */
    NIC_MSCA      = 0x0425c, /* RW  MDIO command */
    NIC_MSRWD     = 0x04260, /* RW  MDIO data */
    NIC_MHADD     = 0x04268, /* RW  longest frame, in the high half */
    NIC_AUTOC     = 0x042a0, /* RW  auto-negotiation */
    NIC_LINKS     = 0x042a4, /* RO */
    NIC_ANLP1     = 0x042b0, /* RO  link partner */
};

/* Receive: filters and paths. */
enum nic_receive_reg {
    NIC_RDRXCTL   = 0x02f00, /* RW  DMAIDONE is RO */
    NIC_RXCTRL    = 0x03000, /* RW */
    NIC_RXPBSIZE  = 0x03c00, /* RW  packet buffer n < 8, stride 4 */
    NIC_FCTRL     = 0x05080, /* RW  promiscuous modes */
    NIC_MCSTCTRL  = 0x05090, /* RW */
    NIC_MRQC      = 0x0ec80, /* RW  several queues: receive-side scaling */
    NIC_RETA      = 0x0eb00, /* RW  redirection table, 32 words of 4 entries */
    NIC_RSSRK     = 0x0eb80, /* RW  hash key, 10 words */
    NIC_MTA       = 0x05200, /* RW  multicast hash table, 128 words */
    NIC_SECRXSTAT = 0x08d04, /* RO */
    NIC_RAL       = 0x0a200, /* RW  address n < 128, stride 8 */
    NIC_RAH       = 0x0a204, /* RW */
};

/* Transmit paths. */
enum nic_transmit_reg {
    NIC_DMATXCTL  = 0x04a80, /* RW */
    NIC_SECTXSTAT = 0x08804, /* RO */
    NIC_TXPBSIZE  = 0x0cc00, /* RW  packet buffer n < 8, stride 4 */
};

/* Statistics, cleared by reading. */
enum nic_statistic_reg {
    NIC_MPC       = 0x03fa0, /* missed frames, buffer n < 8, stride 4 */
    NIC_PRC64     = 0x0405c, /* received by size, six counters */
    NIC_GPRC      = 0x04074, /* good frames received */
    NIC_BPRC      = 0x04078, /* broadcast */
    NIC_MPRC      = 0x0407c, /* multicast */
    NIC_GPTC      = 0x04080, /* good frames sent */
    NIC_GORCL     = 0x04088, /* good octets received */
    NIC_GOTCL     = 0x04090, /* good octets sent */
    NIC_ROC       = 0x040ac, /* received, too long */
    NIC_TORL      = 0x040c0, /* octets received */
    NIC_TPR       = 0x040d0, /* frames received */
    NIC_TPT       = 0x040d4, /* frames sent */
    NIC_PTC64     = 0x040d8, /* sent by size, six counters */
    NIC_RQSMR     = 0x02300, /* RW  receive queues to counter sets, a byte each */
    NIC_TQSM      = 0x08600, /* RW  transmit queues to counter sets */
    NIC_QPRC      = 0x01030, /* frames received, set n < 16, stride 0x40 */
    NIC_QBRC      = 0x01034, /* octets received, low and high half */
    NIC_QPRDC     = 0x01430, /* frames dropped for lack of descriptors */
    NIC_QPTC      = 0x08680, /* frames sent, set n < 16, stride 4 */
    NIC_QBTC      = 0x08700, /* octets sent, stride 8, low and high half */
};

/* Queues: 64-byte blocks. Receive queues 64 to 127 stand in a second range. */
enum nic_queue_reg {
    NIC_RX_QUEUES      = 0x01000,
    NIC_RX_QUEUES_HIGH = 0x0d000,
    NIC_TX_QUEUES      = 0x06000,
    NIC_QUEUE_STRIDE   = 0x40,
    /* in a block */
    NIC_Q_BAL          = 0x00, /* RW  ring base, 128-byte aligned */
    NIC_Q_BAH          = 0x04, /* RW */
    NIC_Q_LEN          = 0x08, /* RW  bytes, a multiple of 128 */
    NIC_Q_HEAD         = 0x10, /* the device's end of the ring */
    NIC_Q_SRRCTL       = 0x14, /* RW  receive only: buffer size and type */
    NIC_Q_TAIL         = 0x18, /* RW  the driver's end of the ring */
    NIC_Q_DCTL         = 0x28, /* RW  enable */
    NIC_Q_QPRC         = 0x30, /* RC  receive only: frames */
    NIC_Q_QBRC_L       = 0x34, /* RC  receive only: octets */
    NIC_Q_QBRC_H       = 0x38,
};

/* clang-format on */

#define NIC_CTRL_MASTER_DISABLE (1u << 2)
#define NIC_CTRL_LRST (1u << 3)
#define NIC_CTRL_RST (1u << 26)
#define NIC_STATUS_LINK_UP (1u << 7)
#define NIC_STATUS_MASTER_ENABLE (1u << 19)
#define NIC_EEC_REQ (1u << 6)
#define NIC_EEC_GNT (1u << 7)
#define NIC_EEC_PRES (1u << 8)
#define NIC_EEC_AUTO_RD (1u << 9)
#define NIC_EEC_SIZE(v) ((v) >> 11 & 0xf) /* 64 words, doubled so often */
#define NIC_EEC_128_WORDS (1u << 11)
#define NIC_EERD_START (1u << 0)
#define NIC_EERD_DONE (1u << 1)
#define NIC_EERD_ADDRESS(v) ((v) >> 2 & 0x3fff)
#define NIC_EEMNGCTL_DONE (3u << 18)
#define NIC_SWSM_SMBI (1u << 0)
#define NIC_SWSM_SWESMBI (1u << 1)
#define NIC_HLREG0_TXCRCEN (1u << 0)
#define NIC_HLREG0_RXCRCSTRP (1u << 1)
#define NIC_HLREG0_TXPADEN (1u << 10)
#define NIC_MSCA_COMMAND (1u << 30)
#define NIC_MSRWD_NO_PHY 0xffff0000u
#define NIC_AUTOC_RESTART (1u << 12)
#define NIC_LINKS_DOWN 0u
#define NIC_LINKS_UP_10G 0xf0000000u /* negotiated, up, 10 Gb/s */
#define NIC_ANLP1_STATE (1u << 16)
#define NIC_RDRXCTL_DMAIDONE (1u << 3)
#define NIC_RXCTRL_RXEN (1u << 0)
#define NIC_FCTRL_MPE (1u << 8)
#define NIC_FCTRL_UPE (1u << 9)
#define NIC_FCTRL_BAM (1u << 10)
#define NIC_MCSTCTRL_MO 3u
#define NIC_MCSTCTRL_MFE (1u << 2)
#define NIC_RAH_AV (1u << 31)
#define NIC_SEC_READY (1u << 0)
#define NIC_DMATXCTL_TE (1u << 0)
#define NIC_DCTL_ENABLE (1u << 25)
#define NIC_SRRCTL_BUFFER_KIB(v) ((v) & 0x1f)
#define NIC_SRRCTL_TYPE(v) ((v) >> 25 & 7)
#define NIC_SRRCTL_DROP_EN (1u << 28)
#define NIC_HLREG0_JUMBOEN (1u << 2)
#define NIC_GPIE_MSIX (1u << 4)
#define NIC_GPIE_EIAME (1u << 30)
#define NIC_IVAR_VALID 0x80u
#define NIC_IVAR_VECTOR(v) ((v) & 0x3fu)
#define NIC_EICR_QUEUES 0xffffu
#define NIC_EICR_LSC (1u << 20)
/* Units of 2 us at 10 Gb/s. */
#define NIC_EITR_INTERVAL(v) ((v) >> 3 & 0x1ff)
#define NIC_MRQC_MODE(v) ((v) & 0xf)
#define NIC_MRQC_RSS 1u
#define NIC_MRQC_TCP_IPV4 (1u << 16)
#define NIC_MRQC_IPV4 (1u << 17)
#define NIC_MRQC_IPV6 (1u << 20)
#define NIC_MRQC_TCP_IPV6 (1u << 21)
#define NIC_MRQC_UDP_IPV4 (1u << 22)
#define NIC_MRQC_UDP_IPV6 (1u << 23)
#define NIC_SRRCTL_LEGACY 0u
#define NIC_SRRCTL_ADVANCED 1u

/* A descriptor of any kind: an address, and a word that is written last. */
struct nic_descriptor {
    uint64_t address;
    uint64_t control;
};
_Static_assert(sizeof(struct nic_descriptor) == 16, "datasheet");

/* Receive write-back: status, then the length. */
#define NIC_RX_ADVANCED_DONE (3ull << 0) /* DD, EOP */
#define NIC_RX_ADVANCED_LENGTH(n) ((uint64_t)(n) << 32)
#define NIC_RX_ADVANCED_DD (1ull << 0)
#define NIC_RX_ADVANCED_EOP (1ull << 1)
#define NIC_RX_ADVANCED_RXE (1ull << 29)
#define NIC_RX_LEGACY_DONE (3ull << 32)
#define NIC_RX_LEGACY_DD (1ull << 32)
#define NIC_RX_LEGACY_EOP (1ull << 33)
#define NIC_RX_LEGACY_RXE (1ull << 47)
#define NIC_RX_LEGACY_LENGTH(n) ((uint64_t)(n))

/* Transmit; these bits stand alike in legacy and advanced descriptors. */
#define NIC_TX_LENGTH(c) ((uint32_t)((c) & 0xffff))
#define NIC_TX_EOP (1ull << 24)
#define NIC_TX_RS (1ull << 27)
#define NIC_TX_DEXT (1ull << 29)
#define NIC_TX_DD (1ull << 32)
/* Advanced only. */
#define NIC_TX_TYPE(c) ((uint32_t)((c) >> 20 & 0xf))
#define NIC_TX_CONTEXT 2u
#define NIC_TX_DATA 3u
#define NIC_TX_TSE (1ull << 31)
