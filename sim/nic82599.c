/* SPDX-License-Identifier: MIT */
/*
 * nic82599.c - the 82599 model's registers: reset, EEPROM, link, statistics,
 * and which write sets frames moving.
 *
 * Every register is a word of nic->registers, so an offset that means nothing
 * here is plain memory; reading and writing go through one switch each for
 * those that mean more. Locking: none; the kernel lets one thread at a time
 * into a device.
 * Source: Intel 82599 datasheet, "Device Registers" and, for resets and the
 * order of initialisation, section 4.
 */
#include "nic82599_internal.h"

/* Pointer to the words of port 0's settings, and where the model has them. */
#define EEPROM_CORE0_POINTER 0x09
#define EEPROM_CORE0 0x40
#define EEPROM_CHECKSUM 0x3f
#define EEPROM_SUM 0xbaba
_Static_assert(NIC82599_EEPROM_WORDS == 128, "what EEC says");

/* Locally administered, so it is nobody's. */
static const uint16_t station_address[3] = {0x5402, 0x7065, 0x6c61};

/*
 * Words 0 to 0x3f sum to 0xbaba. Drivers that also add the sections that words
 * 3 to 0xe point at get the same sum: the only section's words sum to 0.
 */
static void eeprom_fill(uint16_t *eeprom)
{
    uint16_t *section = eeprom + EEPROM_CORE0;
    uint32_t i, sum = 0;

    __builtin_memset(eeprom, 0, NIC82599_EEPROM_WORDS * sizeof(*eeprom));
    eeprom[EEPROM_CORE0_POINTER] = EEPROM_CORE0;
    section[0] = 4; /* words that follow */
    for (i = 0; i < 3; i++) {
        section[1 + i] = station_address[i];
        sum += station_address[i];
    }
    section[4] = (uint16_t)(0u - sum);
    for (i = 0, sum = 0; i < EEPROM_CHECKSUM; i++)
        sum += eeprom[i];
    eeprom[EEPROM_CHECKSUM] = (uint16_t)(EEPROM_SUM - sum);
}

/* Source: "Reset Operation": all registers take their initial values. */
static void reset(struct nic82599 *nic)
{
    const uint16_t *address;
    uint32_t queue;

    nic_lose(nic);
    __builtin_memset(nic->registers, 0, sizeof(nic->registers));
    nic->resets++;
    nic->stopped = nic->awaits_driver = false;
    nic->delivered = false;
    nic->placed = false;
    nic_irq_reset(nic);
    address = nic->eeprom + nic->eeprom[EEPROM_CORE0_POINTER] + 1;
    *nic_register(nic, NIC_RAL) = (uint32_t)address[0] |
                                  (uint32_t)address[1] << 16;
    *nic_register(nic, NIC_RAH) = NIC_RAH_AV | address[2];
    *nic_register(nic, NIC_HLREG0) =
        NIC_HLREG0_TXCRCEN | NIC_HLREG0_RXCRCSTRP | NIC_HLREG0_TXPADEN;
    *nic_register(nic, NIC_MHADD) = 1518u << 16;
    *nic_register(nic, NIC_RXPBSIZE) = 512u << 10;
    *nic_register(nic, NIC_TXPBSIZE) = 160u << 10;
    *nic_register(nic, NIC_MSRWD) = NIC_MSRWD_NO_PHY;
    for (queue = 0; queue < NIC82599_QUEUES; queue++)
        *nic_register(nic, nic_rx_block(queue) + NIC_Q_SRRCTL) = 2;
}

/* Registers that also answer at an older address. Source: "Alias Addresses". */
static uint32_t canonical(uint32_t offset)
{
    offset &= NIC82599_REGISTER_BYTES - 4;
    if (offset == NIC_CTRL + 4)
        return NIC_CTRL;
    if (offset >= 0x5400 && offset < 0x5480) /* RAL, RAH 0 to 15 */
        return offset - 0x5400 + NIC_RAL;
    if (offset >= 0x2100 && offset < 0x2140) /* SRRCTL 0 to 15 */
        return nic_rx_block((offset - 0x2100) / 4) + NIC_Q_SRRCTL;
    if (offset >= 0x6000 && offset < 0x6400 && offset % 0x40 == 0x30)
        return (offset - 0x6000) / 0x40 * 4 + NIC_QPTC;
    if (offset == 0x5818)
        return NIC_MRQC;
    if (offset >= 0x5c00 && offset < 0x5ca8) /* RETA, RSSRK */
        return offset - 0x5c00 + NIC_RETA;
    return offset;
}

bool nic_ring_open(struct nic82599 *nic, uint32_t block, struct nic_ring *ring)
{
    const uint32_t *queue = nic_register(nic, block);
    uint64_t base = (uint64_t)queue[NIC_Q_BAH / 4] << 32 | queue[NIC_Q_BAL / 4];
    uint32_t bytes = queue[NIC_Q_LEN / 4];

    ring->count = bytes / (uint32_t)sizeof(struct nic_descriptor);
    ring->head = queue[NIC_Q_HEAD / 4];
    ring->tail = queue[NIC_Q_TAIL / 4];
    if (!(queue[NIC_Q_DCTL / 4] & NIC_DCTL_ENABLE) ||
        ring->head >= ring->count || ring->tail >= ring->count)
        return false;
    ring->descriptors = dma_reach(&nic->device, base, bytes);
    if (!ring->descriptors)
        nic->drops.ring_refused++;
    return ring->descriptors != NULL;
}

/* Every access is an opportunity for NIC82599_FAULT_GONE. */
static bool is_gone(struct nic82599 *nic)
{
    if (nic_fault(nic, NIC82599_FAULT_GONE))
        nic->gone = true;
    return nic->gone;
}

static bool link_is_up(const struct nic82599 *nic)
{
    return nic->link_up && !nic->flap_left;
}

/* Registers that are computed, or change when they are read. */
static uint32_t nic_read(struct device *device, uint32_t offset)
{
    struct nic82599 *nic = (struct nic82599 *)device;
    uint32_t *reg, value;

    if (is_gone(nic))
        return 0xffffffff;
    offset = canonical(offset);
    reg = nic_register(nic, offset);
    value = *reg;
    if (nic_is_statistic(offset)) {
        *reg = 0;
        return value;
    }
    switch (offset) {
    case NIC_STATUS:
        value = link_is_up(nic) ? NIC_STATUS_LINK_UP : 0;
        if (!(*nic_register(nic, NIC_CTRL) & NIC_CTRL_MASTER_DISABLE))
            value |= NIC_STATUS_MASTER_ENABLE;
        return value;
    case NIC_LINKS:
        return link_is_up(nic) ? NIC_LINKS_UP_10G : NIC_LINKS_DOWN;
    case NIC_ANLP1:
        return NIC_ANLP1_STATE;
    case NIC_EEC:
        value &= NIC_EEC_REQ;
        return NIC_EEC_PRES | NIC_EEC_AUTO_RD | NIC_EEC_128_WORDS | value |
               (value ? NIC_EEC_GNT : 0);
    case NIC_EEMNGCTL:
        return NIC_EEMNGCTL_DONE;
    case NIC_SWSM:
        *reg = value | NIC_SWSM_SMBI;
        return value;
    case NIC_RDRXCTL:
        return value | NIC_RDRXCTL_DMAIDONE;
    case NIC_SECRXSTAT:
    case NIC_SECTXSTAT:
        return NIC_SEC_READY;
    default:
        (void)nic_irq_read(nic, offset, &value);
        return value;
    }
}

/* The queue whose block a register of receive queues is in. */
static uint32_t rx_queue_of(uint32_t offset)
{
    return offset < NIC_RX_QUEUES_HIGH
               ? (offset - NIC_RX_QUEUES) / NIC_QUEUE_STRIDE
               : 64 + (offset - NIC_RX_QUEUES_HIGH) / NIC_QUEUE_STRIDE;
}

/* Tail: as many frames may come as this write posted descriptors. */
static void rx_tail_write(struct nic82599 *nic, uint32_t offset, uint32_t value)
{
    uint32_t *tail = nic_register(nic, offset);
    uint32_t count = *nic_register(nic, offset - NIC_Q_TAIL + NIC_Q_LEN) / 16;
    uint32_t old = *tail, posted, queue = rx_queue_of(offset);

    *tail = value;
    nic->queue_left[queue / 64] &= ~(1ull << queue % 64);
    if (*tail >= count || old >= count)
        return;
    posted = *tail >= old ? *tail - old : *tail + count - old;
    if (nic->observe)
        nic->observe(nic->observer, queue, posted);
    if (nic->engine)
        nic->engine->ops->rx_posted(nic, queue);
    else if (nic_receive(nic, posted < NIC82599_BURST ? posted
                                                      : NIC82599_BURST))
        nic->delivered = true;
}

static void tx_tail_written(struct nic82599 *nic, uint32_t queue)
{
    if (nic->engine)
        nic->engine->ops->tx_posted(nic, queue);
    else
        nic_transmit(nic, queue, NIC82599_TX_BURST);
}

/* Registers that rings of both directions have. */
static void ring_write(struct nic82599 *nic, uint32_t offset, uint32_t value)
{
    uint32_t block = offset & ~(NIC_QUEUE_STRIDE - 1u);
    uint32_t *reg = nic_register(nic, offset);

    switch (offset % NIC_QUEUE_STRIDE) {
    case NIC_Q_BAL:
        *reg = value & ~0x7fu;
        break;
    case NIC_Q_LEN:
        *reg = value & 0xfff80;
        break;
    case NIC_Q_HEAD: /* the device's own while the queue runs */
        if (!(*nic_register(nic, block + NIC_Q_DCTL) & NIC_DCTL_ENABLE))
            *reg = value & 0xffff;
        break;
    case NIC_Q_TAIL:
        value &= 0xffff;
        if (nic_in_rx_queues(offset))
            nic_rx_given_back(nic, rx_queue_of(offset), value);
        if (nic_fault(nic, NIC82599_FAULT_TAIL_RANGE))
            value |= 0x8000;
        if (nic_in_rx_queues(offset)) {
            rx_tail_write(nic, offset, value);
            break;
        }
        *reg = value;
        tx_tail_written(nic, (offset - NIC_TX_QUEUES) / NIC_QUEUE_STRIDE);
        break;
    case NIC_Q_DCTL:
        if ((value & ~*reg & NIC_DCTL_ENABLE) &&
            nic_fault(nic, NIC82599_FAULT_ENABLE_STUCK))
            value &= ~NIC_DCTL_ENABLE;
        *reg = value;
        break;
    default:
        *reg = value;
        break;
    }
}

/* Source: "EEPROM Read Register": done at once; beyond the end reads ones. */
static uint32_t eeprom_read(struct nic82599 *nic, uint32_t value)
{
    uint32_t address = NIC_EERD_ADDRESS(value), word = 0xffff;

    if (!(value & NIC_EERD_START))
        return value;
    if (address < NIC82599_EEPROM_WORDS)
        word = nic->eeprom[address];
    if (address == EEPROM_CHECKSUM &&
        nic_fault(nic, NIC82599_FAULT_EEPROM_BAD))
        word ^= 1;
    return word << 16 | address << 2 | NIC_EERD_DONE;
}

/* Registers that act on being written. */
static void nic_write(struct device *device, uint32_t offset, uint32_t value)
{
    struct nic82599 *nic = (struct nic82599 *)device;
    uint32_t *reg;

    if (is_gone(nic))
        return;
    if (nic->awaits_driver)
        nic->stopped = nic->awaits_driver = false;
    offset = canonical(offset);
    reg = nic_register(nic, offset);
    if (nic_is_statistic(offset))
        return;
    if (nic_in_rx_queues(offset) || nic_in_tx_queues(offset)) {
        ring_write(nic, offset, value);
        return;
    }
    switch (offset) {
    case NIC_CTRL:
        if ((value & (NIC_CTRL_RST | NIC_CTRL_LRST)) &&
            !nic_fault(nic, NIC82599_FAULT_RESET_STUCK))
            reset(nic); /* over at once, and nothing of the write stays */
        else
            *reg = value;
        break;
    case NIC_EERD:
        *reg = eeprom_read(nic, value);
        break;
    case NIC_SWSM:
        *reg = value & (NIC_SWSM_SMBI | NIC_SWSM_SWESMBI);
        break;
    case NIC_AUTOC:
        *reg = value & ~NIC_AUTOC_RESTART;
        break;
    case NIC_MSCA: /* nobody answers on the bus */
        *reg = value & ~NIC_MSCA_COMMAND;
        *nic_register(nic, NIC_MSRWD) |= NIC_MSRWD_NO_PHY;
        break;
    case NIC_RXCTRL:
        *reg = value;
        if (nic->engine)
            nic->engine->ops->rx_posted(nic, 0);
        break;
    default:
        if (!nic_irq_write(nic, offset, value))
            *reg = value;
        break;
    }
}

/*
 * A frame has waited for a descriptor of its queue for so long that nobody is
 * there: what is for that queue is missed until its tail is written.
 */
static void stop_waiting(struct nic82599 *nic)
{
    uint32_t queue;

    if (!nic->held) {
        nic->held_steps = 0;
        return;
    }
    if (++nic->held_steps < NIC82599_PATIENCE_STEPS)
        return;
    nic->held_steps = 0;
    queue = nic_rss(nic, nic->held, nic->held_bytes).queue;
    nic->queue_left[queue / 64] |= 1ull << queue % 64;
}

static void link_step(struct nic82599 *nic)
{
    if (nic->flap_left && --nic->flap_left == 0)
        nic_irq_other(nic, NIC_EICR_LSC);
}

static void nic_step(struct device *device)
{
    struct nic82599 *nic = (struct nic82599 *)device;
    uint32_t queue, left = NIC82599_TX_BURST;

    link_step(nic);
    nic_irq_due(nic);
    stop_waiting(nic);
    for (queue = 0; queue < NIC82599_QUEUES && left && !nic->engine; queue++) {
        const uint32_t *block = nic_register(nic, nic_tx_block(queue));

        /* held back when written: the link or the queue was down */
        if (block[NIC_Q_HEAD / 4] != block[NIC_Q_TAIL / 4])
            left -= nic_transmit(nic, queue, left);
    }
    nic->delivered = nic_receive(nic, NIC82599_BURST) || nic->placed;
    nic->placed = false;
}

static bool nic_drained(struct device *device)
{
    const struct nic82599 *nic = (const struct nic82599 *)device;

    return nic->stopped || nic->gone ||
           (!nic->delivered && !nic->held && nic->wire->ops->ended(nic->wire));
}

static void nic_stop(struct device *device)
{
    struct nic82599 *nic = (struct nic82599 *)device;

    nic->stopped = true;
    nic_lose(nic);
}

/* Source: "Function Level Reset": at once, where hardware takes its time. */
static bool nic_flr(struct device *device)
{
    struct nic82599 *nic = (struct nic82599 *)device;

    if (is_gone(nic))
        return false;
    reset(nic);
    nic->stopped = nic->awaits_driver = true;
    return true;
}

static const struct device_ops nic_ops = {
    .read = nic_read,
    .write = nic_write,
    .step = nic_step,
    .drained = nic_drained,
    .stop = nic_stop,
    .reset = nic_flr,
};

void nic82599_init(struct nic82599 *nic, struct wire *wire, const char *name)
{
    uint32_t i;

    __builtin_memset(nic, 0, sizeof(*nic));
    nic->device.ops = &nic_ops;
    nic->device.register_bytes = NIC82599_REGISTER_BYTES;
    for (i = 0; i + 1 < DEVICE_NAME_MAX && name[i]; i++)
        nic->device.name[i] = name[i];
    nic->wire = wire;
    nic->link_up = true;
    eeprom_fill(nic->eeprom);
    reset(nic);
}

void nic82599_set_clock(struct nic82599 *nic, uint64_t (*nanoseconds)(void))
{
    nic->clock = nanoseconds;
}

void nic82599_set_link(struct nic82599 *nic, bool up)
{
    if (nic->link_up != up)
        nic_irq_other(nic, NIC_EICR_LSC);
    nic->link_up = up;
}

void nic82599_drop_when_full(struct nic82599 *nic, bool drop)
{
    nic->drop_when_full = drop;
}
