/* SPDX-License-Identifier: MIT */
/*
 * nic82599_irq.c - the 82599 model's interrupts: from a cause to a vector, and
 * how often a vector may come.
 *
 * With MSI-X, queues have the vectors that IVAR gives them and all other causes
 * the one of IVAR_MISC; without, everything is vector 0. A vector that comes
 * sooner after its last message than EITR allows is held back until then. A
 * cause that came while it was disabled comes when it is enabled.
 * Source: Intel 82599 datasheet, "Interrupts".
 */
#include "nic82599_internal.h"

#define NANOSECONDS_A_STEP 2000u /* of EITR's interval, at 10 Gb/s */

static uint64_t now(const struct nic82599 *nic)
{
    return nic->clock ? nic->clock() : 0;
}

static bool is_msix(struct nic82599 *nic)
{
    return *nic_register(nic, NIC_GPIE) & NIC_GPIE_MSIX;
}

/* The earliest time of vector @vector's next message. */
static uint64_t due_time(struct nic82599 *nic, uint32_t vector)
{
    uint32_t offset = vector < 24 ? NIC_EITR + vector * 4
                                  : NIC_EITR_HIGH + (vector - 24) * 4;
    uint32_t interval = NIC_EITR_INTERVAL(*nic_register(nic, offset));

    if (!nic->clock || nic->irq_sent[vector] == 0)
        return 0;
    return nic->irq_sent[vector] + (uint64_t)interval * NANOSECONDS_A_STEP;
}

static void send_message(struct nic82599 *nic, uint32_t vector)
{
    uint64_t bit = 1ull << vector;

    nic->irq_waiting &= ~bit;
    nic->irq_sent[vector] = now(nic);
    /* what a message clears and disables by itself */
    if (vector >= 16 || (*nic_register(nic, NIC_EIAC) >> vector & 1))
        nic->irq_causes &= ~bit;
    if (*nic_register(nic, NIC_GPIE) & NIC_GPIE_EIAME)
        nic->irq_enabled &=
            ~(bit & ((uint64_t)*nic_register(nic, NIC_EIAM_EX + 4) << 32 |
                     *nic_register(nic, NIC_EIAM_EX) |
                     (*nic_register(nic, NIC_EIAM) & NIC_EICR_QUEUES)));
    if (nic_fault(nic, NIC82599_FAULT_IRQ_MISSED))
        return;
    nic->interrupts++;
    device_raise(&nic->device, vector);
    if (nic_fault(nic, NIC82599_FAULT_IRQ_DUPLICATE))
        nic->irq_again |= bit;
}

/* Send it now, or when it may come. */
static void raise_vector(struct nic82599 *nic, uint32_t vector)
{
    uint64_t due = due_time(nic, vector);

    if (nic->irq_waiting >> vector & 1)
        return;
    if (due <= now(nic)) {
        send_message(nic, vector);
        return;
    }
    nic->irq_waiting |= 1ull << vector;
    nic->interrupts_held++;
    if (nic->engine)
        nic->engine->ops->irq_held(nic, due);
}

/* A queue's cause, by its byte of IVAR. */
static void raise_queue(struct nic82599 *nic, uint32_t entry)
{
    uint32_t vector = NIC_IVAR_VECTOR(entry);

    if (!(entry & NIC_IVAR_VALID))
        return;
    nic->irq_causes |= 1ull << vector;
    if (nic->irq_enabled >> vector & 1)
        raise_vector(nic, is_msix(nic) ? vector : 0);
}

static uint32_t ivar_byte(struct nic82599 *nic, uint32_t queue, bool tx)
{
    uint32_t word = *nic_register(nic, NIC_IVAR + queue / 2 * 4);

    return word >> (queue % 2 * 16 + (tx ? 8 : 0)) & 0xff;
}

void nic_irq_rx_slow(struct nic82599 *nic, uint32_t queue)
{
    raise_queue(nic, ivar_byte(nic, queue, false));
}

void nic_irq_tx_slow(struct nic82599 *nic, uint32_t queue)
{
    raise_queue(nic, ivar_byte(nic, queue, true));
}

void nic_irq_other(struct nic82599 *nic, uint32_t cause)
{
    uint32_t entry = *nic_register(nic, NIC_IVAR_MISC) >> 8 & 0xff;

    nic->irq_other_causes |= cause;
    if (!(nic->irq_other & cause))
        return;
    if (!is_msix(nic))
        raise_vector(nic, 0);
    else if (entry & NIC_IVAR_VALID)
        raise_vector(nic, NIC_IVAR_VECTOR(entry));
}

void nic_irq_due(struct nic82599 *nic)
{
    uint64_t again = nic->irq_again, waiting = nic->irq_waiting;

    nic->irq_again = 0;
    for (; again; again &= again - 1)
        device_raise(&nic->device, (uint32_t)__builtin_ctzll(again));
    for (; waiting; waiting &= waiting - 1) {
        uint32_t vector = (uint32_t)__builtin_ctzll(waiting);

        uint64_t due = due_time(nic, vector);

        if (due <= now(nic))
            send_message(nic, vector);
        else if (nic->engine)
            nic->engine->ops->irq_held(nic, due);
    }
}

void nic_irq_reset(struct nic82599 *nic)
{
    nic->irq_enabled = 0;
    nic->irq_waiting = 0;
    nic->irq_again = 0;
    nic->irq_other = 0;
    nic->irq_causes = 0;
    nic->irq_other_causes = 0;
    __builtin_memset(nic->irq_sent, 0, sizeof(nic->irq_sent));
}

/* Reading clears. */
static uint32_t read_causes(struct nic82599 *nic)
{
    uint32_t value = (uint32_t)(nic->irq_causes & NIC_EICR_QUEUES) |
                     nic->irq_other_causes;

    nic->irq_causes &= ~(uint64_t)NIC_EICR_QUEUES;
    nic->irq_other_causes = 0;
    return value;
}

bool nic_irq_read(struct nic82599 *nic, uint32_t offset, uint32_t *value)
{
    switch (offset) {
    case NIC_EICR:
        *value = read_causes(nic);
        return true;
    case NIC_EIMS:
        *value = (uint32_t)(nic->irq_enabled & NIC_EICR_QUEUES) |
                 nic->irq_other;
        return true;
    case NIC_EIMS_EX:
        *value = (uint32_t)nic->irq_enabled;
        return true;
    case NIC_EIMS_EX + 4:
        *value = (uint32_t)(nic->irq_enabled >> 32);
        return true;
    case NIC_EICS:
    case NIC_EIMC:
    case NIC_EICS_EX:
    case NIC_EICS_EX + 4:
    case NIC_EIMC_EX:
    case NIC_EIMC_EX + 4:
        *value = 0;
        return true;
    default:
        return false;
    }
}

/* Those of @vectors that are enabled. */
static void raise_many(struct nic82599 *nic, uint64_t vectors)
{
    for (vectors &= nic->irq_enabled; vectors; vectors &= vectors - 1)
        raise_vector(nic, is_msix(nic) ? (uint32_t)__builtin_ctzll(vectors)
                                       : 0);
}

/* A cause that came before it was enabled comes now. */
static void enable(struct nic82599 *nic, uint64_t vectors)
{
    nic->irq_enabled |= vectors;
    raise_many(nic, vectors & nic->irq_causes);
}

bool nic_irq_write(struct nic82599 *nic, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case NIC_EICR:
        nic->irq_causes &= ~(uint64_t)(value & NIC_EICR_QUEUES);
        nic->irq_other_causes &= ~value;
        return true;
    case NIC_EICS:
        nic->irq_causes |= value & NIC_EICR_QUEUES;
        raise_many(nic, value & NIC_EICR_QUEUES);
        if (value & ~NIC_EICR_QUEUES)
            nic_irq_other(nic, value & ~NIC_EICR_QUEUES);
        return true;
    case NIC_EICS_EX:
        raise_many(nic, value);
        return true;
    case NIC_EICS_EX + 4:
        raise_many(nic, (uint64_t)value << 32);
        return true;
    case NIC_EIMS:
        nic->irq_other |= value & 0x7fff0000;
        enable(nic, value & NIC_EICR_QUEUES);
        if (nic->irq_other_causes & value & 0x7fff0000)
            nic_irq_other(nic, nic->irq_other_causes & value);
        return true;
    case NIC_EIMC:
        nic->irq_enabled &= ~(uint64_t)(value & NIC_EICR_QUEUES);
        nic->irq_other &= ~value;
        return true;
    case NIC_EIMS_EX:
        enable(nic, value);
        return true;
    case NIC_EIMS_EX + 4:
        enable(nic, (uint64_t)value << 32);
        return true;
    case NIC_EIMC_EX:
        nic->irq_enabled &= ~(uint64_t)value;
        return true;
    case NIC_EIMC_EX + 4:
        nic->irq_enabled &= ~((uint64_t)value << 32);
        return true;
    default:
        return false;
    }
}
