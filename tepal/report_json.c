/* SPDX-License-Identifier: MIT */
/*
 * report_json.c - what a run did, for programs. docs/report.schema.json names
 * and describes everything in it; names that are there stay.
 */
#include "deaths.h"
#include "devices.h"
#include "json.h"
#include "report.h"
#include "totals.h"

/* Quantiles of reports, in millionths. */
#define P10 100000
#define P50 500000
#define P90 900000
#define P99 990000

#define PUT(member) json_number(json, #member, c->member)

static void json_counts(const struct wire_pcap_counts *c, struct json *json)
{
    PUT(packets_in);
    PUT(packets_out);
    PUT(bytes_in);
    PUT(bytes_out);
    PUT(flows);
    PUT(skipped_linktype);
    PUT(skipped_oversize);
    PUT(skipped_truncated);
    PUT(skipped_short);
    PUT(skipped_backwards);
    PUT(played_truncated);
    PUT(played_oversize);
    PUT(backwards);
    PUT(runts);
    PUT(loops_done);
}

static void json_drops(const struct nic82599_drops *c, struct json *json)
{
    json_open(json, "drops", '{');
    PUT(rx_refused);
    PUT(rx_oversize);
    PUT(rx_filtered);
    PUT(rx_missed);
    PUT(rx_reset);
    PUT(tx_refused);
    PUT(tx_malformed);
    PUT(tx_reset);
    PUT(ring_refused);
    json_close(json, '}');
}

static void json_quantiles(const char *name, const struct histogram *histogram,
                           struct json *json)
{
    if (histogram->count == 0)
        return;
    json_open(json, name, '{');
    json_number(json, "count", histogram->count);
    json_number(json, "p10", histogram_quantile(histogram, P10));
    json_number(json, "p50", histogram_quantile(histogram, P50));
    json_number(json, "p90", histogram_quantile(histogram, P90));
    json_number(json, "p99", histogram_quantile(histogram, P99));
    json_number(json, "max", histogram->most);
    json_close(json, '}');
}

static void json_faults(const struct running_nic *nic, struct json *json)
{
    uint32_t f;

    json_open(json, "faults", '{');
    for (f = 0; f < NIC82599_FAULTS; f++)
        if (nic->faults[f].wanted)
            json_number(json, nic82599_fault_name((enum nic82599_fault)f),
                        nic->nic.faults[f].happened);
    json_close(json, '}');
}

static void json_recorder(const struct running_nic *nic, struct json *json)
{
    struct recorder_counts counts = recorder_totals(&nic->recorder);
    const struct recorder_counts *c = &counts;

    PUT(recorded);
    json_number(json, "recorded_sent", c->sent);
    json_number(json, "recorded_bytes", nic->wire.counts.bytes_out);
    PUT(refused);
    PUT(too_long);
}

static void json_nic(const struct running_nic *nic, struct json *json)
{
    json_counts(&nic->wire.counts, json);
    json_drops(&nic->nic.drops, json);
    json_number(json, "interrupts", nic->nic.interrupts);
    json_number(json, "interrupts_held", nic->nic.interrupts_held);
    json_faults(nic, json);
    json_quantiles("pacing_error_ns", &nic->wire.lateness, json);
    json_quantiles("batch", &nic->batches.fill, json);
    json_quantiles("cycles_per_packet", &nic->batches.cycles, json);
    json_quantiles("recovery_ns", &nic->batches.recovery, json);
}

static void json_device(const struct running *running, uint32_t i,
                        struct json *json)
{
    const struct running_nic *nic = &running->nics[i];

    json_open(json, NULL, '{');
    json_text(json, "name", running->system.devices[i].name);
    json_text(json, "model", running->system.devices[i].model);
    json_number(json, "dma_refused", nic->device->dma_refused);
    if (devices_is_recorder(running, i))
        json_recorder(nic, json);
    else
        json_nic(nic, json);
    json_close(json, '}');
}

static void json_devices(const struct running *running, struct json *json)
{
    uint32_t i;

    json_open(json, "devices", '[');
    for (i = 0; i < running->plugged; i++)
        json_device(running, i, json);
    json_close(json, ']');
}

static void json_count(struct json *json, struct census_count count)
{
    json_number(json, "live", count.live);
    json_number(json, "bytes", count.bytes);
}

/* Types that it made or owns. */
static void json_domain_types(const struct running *running, uint32_t i,
                              struct json *json)
{
    uint32_t type;

    json_open(json, "types", '[');
    for (type = 0; type < tp_type_count; type++) {
        struct census_count count = census_of(&running->census, i, type);
        uint64_t made =
            totals_allocated(running->domains[i].domain, tp_types[type]);

        if (!made && !count.live)
            continue;
        json_open(json, NULL, '{');
        json_text(json, "name", tp_types[type]->name);
        json_number(json, "allocations", made);
        json_count(json, count);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_counters(const struct running_domain *place,
                          struct json *json)
{
    uint32_t c;

    json_open(json, "counters", '{');
    for (c = 0; c < place->counter_count; c++)
        json_number(json, place->domain->counters[c].name, place->counters[c]);
    json_close(json, '}');
}

static void json_domain(const struct running *running, uint32_t i,
                        struct json *json)
{
    const struct running_domain *place = &running->domains[i];
    const struct domain *domain = place->domain;

    json_open(json, NULL, '{');
    json_text(json, "name", running->system.domains[i].name);
    json_number(json, "crossings", domain_crossings(domain));
    json_real(json, "cpu_percent", totals_cpu(running, i));
    json_number(json, "allocations", totals_allocated(domain, NULL));
    json_number(json, "reclaimed", domain->reclaimed);
    json_number(json, "private_bytes",
                domain->private_break - domain->private_start);
    json_number(json, "charged_bytes", (uint64_t)place->charged_bytes);
    json_counters(place, json);
    json_domain_types(running, i, json);
    if (domain->death.cause[0])
        json_text(json, "death", domain->death.cause);
    json_close(json, '}');
}

static void json_domains(const struct running *running, struct json *json)
{
    uint32_t i;

    json_open(json, "domains", '[');
    for (i = 0; i < running->loaded; i++)
        json_domain(running, i, json);
    json_close(json, ']');
}

static void json_heap_types(const struct running *running, struct json *json)
{
    uint32_t type;

    json_open(json, "types", '[');
    for (type = 0; type < tp_type_count; type++) {
        struct census_count count = census_of_heap(&running->census, type);

        if (!count.live)
            continue;
        json_open(json, NULL, '{');
        json_text(json, "name", tp_types[type]->name);
        json_count(json, count);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_heap_classes(struct json *json)
{
    uint32_t class;

    json_open(json, "classes", '[');
    for (class = 0; class < HEAP_CLASSES; class ++) {
        struct heap_class_stats stats = heap_class_statistics(class);

        if (!stats.carved)
            continue;
        json_open(json, NULL, '{');
        json_number(json, "object_bytes", stats.object_bytes);
        json_number(json, "chunks", stats.chunks);
        json_number(json, "carved", stats.carved);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_heap(const struct running *running, struct json *json)
{
    const struct heap_stats *stats = &running->census.heap;

    json_open(json, "heap", '{');
    json_number(json, "live", stats->live_objects);
    json_number(json, "chunks", stats->chunks);
    json_number(json, "chunk_bytes", HEAP_CHUNK_BYTES);
    json_number(json, "carved_bytes", stats->carved_bytes);
    json_heap_types(running, json);
    json_heap_classes(json);
    json_close(json, '}');
}

static void json_rates(const struct running *running,
                       const struct wire_pcap_counts *c, struct json *json)
{
    json_real(json, "packets_in_per_second",
              totals_rate(running, c->packets_in));
    json_real(json, "packets_out_per_second",
              totals_rate(running, c->packets_out));
    json_real(json, "bits_in_per_second",
              totals_rate(running, 8 * c->bytes_in));
    json_real(json, "bits_out_per_second",
              totals_rate(running, 8 * c->bytes_out));
}

void report_json(const struct running *running, FILE *file)
{
    struct totals t = totals_of(running);
    struct json json;

    json_begin(&json, file);
    json_text(&json, "system", running->system.name);
    json_text(&json, "clock", running->clock.virtual ? "virtual" : "real");
    json_counts(&t.counts, &json);
    json_number(&json, "drops", totals_lost(&t));
    json_number(&json, "device_drops", t.device_drops);
    json_number(&json, "lost_in_domains", totals_lost_in_domains(&t));
    json_number(&json, "recorded", t.recorded);
    json_number(&json, "damaged_captures", t.damaged);
    json_number(&json, "nanoseconds", running->nanoseconds);
    json_rates(running, &t.counts, &json);
    json_real(&json, "cycles_per_packet", totals_cycles(running, &t));
    json_number(&json, "crossings", running->crossings);
    json_number(&json, "crashes", running->crashes);
    json_number(&json, "restarts", running->restarts);
    json_number(&json, "live_rrefs", running->live_rrefs);
    json_devices(running, &json);
    json_domains(running, &json);
    json_heap(running, &json);
    deaths_json(&json);
    json_end(&json);
}
