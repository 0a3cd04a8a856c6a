/* SPDX-License-Identifier: MIT */
/* nic82599_faults.c - when a fault of the 82599 model strikes. */
#include "nic82599_internal.h"

static const char *const names[NIC82599_FAULTS] = {
    [NIC82599_FAULT_LINK_FLAP] = "link-flap",
    [NIC82599_FAULT_UNMAPPED_DMA] = "unmapped-dma",
    [NIC82599_FAULT_DD_NEVER] = "dd-never",
    [NIC82599_FAULT_HEAD_FROZEN] = "head-frozen",
    [NIC82599_FAULT_ENABLE_STUCK] = "enable-stuck",
    [NIC82599_FAULT_RESET_STUCK] = "reset-stuck",
    [NIC82599_FAULT_EEPROM_BAD] = "eeprom-bad",
    [NIC82599_FAULT_LENGTH_ZERO] = "length-zero",
    [NIC82599_FAULT_LENGTH_LONG] = "length-long",
    [NIC82599_FAULT_EOP_MISSING] = "eop-missing",
    [NIC82599_FAULT_RX_ERROR] = "rx-error",
    [NIC82599_FAULT_DD_SPURIOUS] = "dd-spurious",
    [NIC82599_FAULT_TAIL_RANGE] = "tail-range",
    [NIC82599_FAULT_COUNTER_WRAP] = "counter-wrap",
    [NIC82599_FAULT_IRQ_DUPLICATE] = "irq-duplicate",
    [NIC82599_FAULT_IRQ_MISSED] = "irq-missed",
    [NIC82599_FAULT_GONE] = "gone",
};
_Static_assert(NIC82599_FAULTS <= 32, "bits of nic->faults_waiting");

const char *nic82599_fault_name(enum nic82599_fault fault)
{
    return names[fault];
}

static bool is_named(const char *name, const char *text, uint32_t length)
{
    uint32_t i;

    for (i = 0; i < length; i++)
        if (name[i] == 0 || name[i] != text[i])
            return false;
    return name[length] == 0;
}

bool nic82599_fault_find(const char *name, uint32_t length,
                         enum nic82599_fault *fault)
{
    uint32_t i;

    for (i = 0; i < NIC82599_FAULTS; i++)
        if (is_named(names[i], name, length)) {
            *fault = (enum nic82599_fault)i;
            return true;
        }
    return false;
}

void nic82599_inject(struct nic82599 *nic, enum nic82599_fault fault,
                     uint64_t after, uint64_t times)
{
    nic->faults[fault].after = after;
    nic->faults[fault].times = times;
    nic->faults_waiting |= 1u << fault;
}

bool nic_fault_strikes(struct nic82599 *nic, enum nic82599_fault fault)
{
    struct nic82599_fault_state *state = &nic->faults[fault];

    if (state->after > 0) {
        state->after--;
        return false;
    }
    state->happened++;
    if (state->times > 0 && --state->times == 0)
        nic->faults_waiting &= ~(1u << fault);
    return true;
}
