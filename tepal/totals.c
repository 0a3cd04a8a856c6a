/* SPDX-License-Identifier: MIT */
/* totals.c - see totals.h. */
#include "totals.h"
#include "devices.h"

/* Counters that mean the same in each device. */
#define ADD(member) to->member += from->member

static void add_counts(struct wire_pcap_counts *to,
                       const struct wire_pcap_counts *from)
{
    ADD(packets_in);
    ADD(bytes_in);
    ADD(packets_out);
    ADD(bytes_out);
    ADD(records);
    ADD(playable);
    ADD(skipped_linktype);
    ADD(skipped_oversize);
    ADD(skipped_truncated);
    ADD(skipped_short);
    ADD(skipped_backwards);
    ADD(played_truncated);
    ADD(played_oversize);
    ADD(runts);
    ADD(flows);
    ADD(flows_overflow);
    ADD(backwards);
    ADD(loops_done);
}

static void add_drops(struct nic82599_drops *to,
                      const struct nic82599_drops *from)
{
    ADD(rx_refused);
    ADD(rx_oversize);
    ADD(rx_filtered);
    ADD(rx_missed);
    ADD(tx_refused);
    ADD(rx_reset);
    ADD(tx_malformed);
    ADD(tx_reset);
    ADD(ring_refused);
}

/* A ring that is refused loses no frame by itself. */
uint64_t totals_drops(const struct nic82599_drops *d)
{
    return d->rx_refused + d->rx_oversize + d->rx_filtered + d->rx_missed +
           d->rx_reset + d->tx_refused + d->tx_malformed + d->tx_reset;
}

struct totals totals_of(const struct running *running)
{
    struct totals totals = {0};
    uint32_t i;

    for (i = 0; i < running->plugged; i++) {
        const struct wire_pcap_counts *counts = &running->nics[i].wire.counts;

        totals.damaged += running->nics[i].damage != NULL;
        if (devices_is_recorder(running, i)) {
            totals.recorded += counts->packets_out;
            totals.recorded_bytes += counts->bytes_out;
            continue;
        }
        add_counts(&totals.counts, counts);
        add_drops(&totals.drops, &running->nics[i].nic.drops);
        totals.handed_in += running->nics[i].nic.handed_in;
    }
    totals.device_drops = totals_drops(&totals.drops);
    return totals;
}

uint64_t totals_lost(const struct totals *totals)
{
    const struct wire_pcap_counts *c = &totals->counts;

    return c->packets_in > c->packets_out ? c->packets_in - c->packets_out : 0;
}

uint64_t totals_lost_in_domains(const struct totals *totals)
{
    const struct nic82599_drops *d = &totals->drops;
    uint64_t handed_out = totals->counts.packets_out + d->tx_refused +
                          d->tx_malformed + d->tx_reset;

    return totals->handed_in > handed_out ? totals->handed_in - handed_out : 0;
}

uint64_t totals_skipped(const struct totals *totals)
{
    const struct wire_pcap_counts *c = &totals->counts;

    return c->skipped_linktype + c->skipped_oversize + c->skipped_truncated +
           c->skipped_short + c->skipped_backwards;
}

double totals_rate(const struct running *running, uint64_t count)
{
    if (running->nanoseconds == 0)
        return 0;
    return (double)count * 1e9 / (double)running->nanoseconds;
}

double totals_cycles(const struct running *running, const struct totals *totals)
{
    uint64_t packets = totals->counts.packets_in;

    return packets ? (double)running->cycles / (double)packets : 0;
}

uint64_t totals_allocated(const struct domain *domain, const struct type *type)
{
    uint64_t count = 0;
    uint32_t i;

    for (i = 0; i < domain->image.type_count; i++)
        if (!type || domain->types[i] == type)
            count += domain->allocated[i];
    return count;
}

double totals_cpu(const struct running *running, uint32_t domain)
{
    const struct running_domain *place = &running->domains[domain];
    uint64_t part = place->samples, whole = running->samples;

    if (running->clock.virtual) {
        part = place->charged_ticks;
        whole = running->cycles;
    }
    return whole ? 100 * (double)part / (double)whole : 0;
}
