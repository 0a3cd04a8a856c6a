/* SPDX-License-Identifier: MIT */
/*
 * report_text.c - what a run did, for people. What did not happen is not
 * listed.
 */
#include "report.h"
#include "devices.h"
#include "totals.h"

/* One reason of several, if there was any. */
struct reason {
    const char *text;
    uint64_t count;
};

static void text_reasons(const struct reason *reasons, uint32_t count,
                         FILE *file)
{
    uint32_t i;

    for (i = 0; i < count; i++)
        if (reasons[i].count)
            fprintf(file, "  %-22s %10lu\n", reasons[i].text,
                    reasons[i].count);
}

#define REASONS(array) array, sizeof(array) / sizeof((array)[0]), file

static void text_skips(const struct wire_pcap_counts *c, FILE *file)
{
    const struct reason reasons[] = {
        {"of another link type", c->skipped_linktype},
        {"over 1514 bytes", c->skipped_oversize},
        {"cut while captured", c->skipped_truncated},
        {"without a header", c->skipped_short},
        {"back in time", c->skipped_backwards},
    };
    const struct reason played[] = {
        {"played as captured", c->played_truncated},
        {"played cut to 1514", c->played_oversize},
        {"times that go back", c->backwards},
        {"flows not counted", c->flows_overflow},
    };

    text_reasons(REASONS(reasons));
    text_reasons(REASONS(played));
}

static void text_drops(const struct nic82599_drops *d, FILE *file)
{
    const struct reason reasons[] = {
        {"missed", d->rx_missed},
        {"filtered", d->rx_filtered},
        {"too long to receive", d->rx_oversize},
        {"receive DMA refused", d->rx_refused},
        {"received, then reset", d->rx_reset},
        {"transmit DMA refused", d->tx_refused},
        {"malformed to send", d->tx_malformed},
        {"to be sent, then reset", d->tx_reset},
        {"rings refused", d->ring_refused},
    };

    text_reasons(REASONS(reasons));
}

static void text_packets(const struct totals *t, FILE *file)
{
    const struct wire_pcap_counts *c = &t->counts;

    fprintf(file, "packets in      %12lu  (%lu bytes, %lu flows)\n",
            c->packets_in, c->bytes_in, c->flows);
    fprintf(file, "packets out     %12lu  (%lu bytes)\n", c->packets_out,
            c->bytes_out);
    fprintf(file,
            "drops           %12lu  (%lu in the device, %lu in domains)\n",
            totals_lost(t), t->device_drops, totals_lost_in_domains(t));
    text_drops(&t->drops, file);
    fprintf(file, "skipped         %12lu\n", totals_skipped(t));
    text_skips(c, file);
    if (t->recorded)
        fprintf(file, "recorded        %12lu  (%lu bytes)\n", t->recorded,
                t->recorded_bytes);
}

static void text_speed(const struct running *running, const struct totals *t,
                       FILE *file)
{
    const struct wire_pcap_counts *c = &t->counts;

    fprintf(file, "time            %12.6f  s%s\n",
            (double)running->nanoseconds / 1e9,
            running->clock.virtual ? ", virtual" : "");
    fprintf(file, "rate in         %12.0f  packets/s, %.1f Mbit/s\n",
            totals_rate(running, c->packets_in),
            totals_rate(running, 8 * c->bytes_in) / 1e6);
    fprintf(file, "rate out        %12.0f  packets/s, %.1f Mbit/s\n",
            totals_rate(running, c->packets_out),
            totals_rate(running, 8 * c->bytes_out) / 1e6);
    fprintf(file, "cycles a packet %12.1f  %s, all of the run\n",
            totals_cycles(running, t), running->clock.virtual ? "CPU" : "TSC");
}

static void text_quantiles(const char *name, const struct histogram *histogram,
                           const char *unit, FILE *file)
{
    if (histogram->count)
        fprintf(file, "  %-22s %10lu  p10 %lu, p50 %lu, p99 %lu %s\n", name,
                histogram->count, histogram_quantile(histogram, 100000),
                histogram_quantile(histogram, 500000),
                histogram_quantile(histogram, 990000), unit);
}

static void text_faults(const struct running_nic *nic, FILE *file)
{
    uint32_t f;

    for (f = 0; f < NIC82599_FAULTS; f++)
        if (nic->faults[f].wanted)
            fprintf(file, "  fault %-16s %10lu\n",
                    nic82599_fault_name((enum nic82599_fault)f),
                    nic->nic.faults[f].happened);
}

static void text_device(const struct running *running, uint32_t i, FILE *file)
{
    const struct running_nic *nic = &running->nics[i];

    if (devices_is_recorder(running, i))
        return;
    fprintf(file, "%s\n", running->system.devices[i].name);
    text_quantiles("batches", &nic->batches.fill, "frames", file);
    text_quantiles("cycles a packet", &nic->batches.cycles, "in a batch", file);
    text_quantiles("recoveries", &nic->batches.recovery,
                   "ns, from a death to the next batch", file);
    text_quantiles("pacing error", &nic->wire.lateness, "ns", file);
    text_faults(nic, file);
}

static uint64_t live_objects(const struct running *running, uint32_t i)
{
    uint64_t live = 0;
    uint32_t type;

    for (type = 0; type < tp_type_count; type++)
        live += census_of(&running->census, i, type).live;
    return live;
}

static void text_domains(const struct running *running, FILE *file)
{
    uint32_t i;

    fprintf(file, "%-16s %12s %7s %9s %12s %12s\n", "domain", "crossings",
            "CPU %", "objects", "shared B", "private B");
    for (i = 0; i < running->loaded; i++) {
        const struct running_domain *place = &running->domains[i];

        fprintf(file, "%-16s %12lu %7.1f %9lu %12ld %12u\n",
                running->system.domains[i].name,
                domain_crossings(place->domain), totals_cpu(running, i),
                live_objects(running, i), place->charged_bytes,
                place->domain->private_break - place->domain->private_start);
    }
}

static void text_counters(const struct running *running, FILE *file)
{
    uint32_t i, c;

    for (i = 0; i < running->loaded; i++) {
        const struct running_domain *place = &running->domains[i];

        for (c = 0; c < place->counter_count; c++)
            if (place->counters[c])
                fprintf(file, "  %-16s %-20s %12lu\n",
                        running->system.domains[i].name,
                        place->domain->counters[c].name, place->counters[c]);
    }
}

/* Without devices there are no packets to speak of. */
void report_text(const struct running *running, FILE *file)
{
    struct totals t = totals_of(running);
    uint32_t i;

    if (running->system.device_count) {
        text_packets(&t, file);
        text_speed(running, &t, file);
    } else {
        fprintf(file, "time            %12.6f  s\n",
                (double)running->nanoseconds / 1e9);
    }
    fprintf(file, "crossings       %12lu\n", running->crossings);
    fprintf(file, "crashes         %12u\n", running->crashes);
    if (running->restarts)
        fprintf(file, "restarts        %12u\n", running->restarts);
    fprintf(file, "live rrefs      %12lu  after the end\n",
            running->live_rrefs);
    for (i = 0; i < running->plugged; i++)
        text_device(running, i, file);
    text_domains(running, file);
    text_counters(running, file);
}

static void stats_line(FILE *file, const char *who, const char *type,
                       struct census_count count)
{
    fprintf(file, "%-16s %-20s %10lu %12lu", who, type, count.live,
            count.bytes);
}

static void stats_of_domain(const struct running *running, uint32_t i,
                            FILE *file)
{
    uint32_t type;

    for (type = 0; type < tp_type_count; type++) {
        struct census_count count = census_of(&running->census, i, type);
        uint64_t made =
            totals_allocated(running->domains[i].domain, tp_types[type]);

        if (!made && !count.live)
            continue;
        stats_line(file, running->system.domains[i].name, tp_types[type]->name,
                   count);
        fprintf(file, " %12lu\n", made);
    }
}

void report_stats(const struct running *running, FILE *file)
{
    const struct heap_stats *stats = &running->census.heap;
    uint32_t i;

    fprintf(file, "%-16s %-20s %10s %12s %12s\n", "domain", "type", "live",
            "bytes", "allocations");
    for (i = 0; i < running->loaded; i++)
        stats_of_domain(running, i, file);
    for (i = 0; i < tp_type_count; i++) {
        struct census_count count = census_of_heap(&running->census, i);

        if (!count.live)
            continue;
        stats_line(file, "(all)", tp_types[i]->name, count);
        fputc('\n', file);
    }
    fprintf(file, "heap chunks     %12u  (%lu bytes carved)\n", stats->chunks,
            stats->carved_bytes);
}
