/* SPDX-License-Identifier: MIT */
/* report.c - what a run did, for people and for programs. */
#include "report.h"
#include "json.h"

struct totals {
    uint64_t packets_in, packets_out, bytes_in, bytes_out;
    uint64_t skipped_oversize, skipped_truncated, skipped_short;
    uint64_t device_drops, damaged;
};

static struct totals add_up(const struct running *running)
{
    struct totals t = {0};
    uint32_t i;

    for (i = 0; i < running->plugged; i++) {
        const struct wire_pcap_counts *c = &running->nics[i].wire.counts;
        const struct nic82599_drops *d = &running->nics[i].nic.drops;

        t.packets_in += c->packets_in;
        t.packets_out += c->packets_out;
        t.bytes_in += c->bytes_in;
        t.bytes_out += c->bytes_out;
        t.skipped_oversize += c->skipped_oversize;
        t.skipped_truncated += c->skipped_truncated;
        t.skipped_short += c->skipped_short;
        t.device_drops += d->rx_refused + d->rx_oversize + d->rx_filtered +
                          d->rx_missed + d->tx_refused + d->tx_malformed;
        t.damaged += running->nics[i].damage != NULL;
    }
    return t;
}

/* Frames that came in and did not go out. */
static uint64_t drops(const struct totals *t)
{
    return t->packets_in > t->packets_out ? t->packets_in - t->packets_out : 0;
}

static double a_packet(const struct running *running, const struct totals *t)
{
    return t->packets_in ? (double)running->cycles / (double)t->packets_in : 0;
}

static void text_packets(const struct totals *t, FILE *file)
{
    fprintf(file, "packets in      %12lu  (%lu bytes)\n", t->packets_in,
            t->bytes_in);
    fprintf(file, "packets out     %12lu  (%lu bytes)\n", t->packets_out,
            t->bytes_out);
    fprintf(file, "drops           %12lu  (%lu in the device)\n", drops(t),
            t->device_drops);
    fprintf(file,
            "skipped         %12lu  (%lu over 1514 bytes, %lu cut short, "
            "%lu without a header)\n",
            t->skipped_oversize + t->skipped_truncated + t->skipped_short,
            t->skipped_oversize, t->skipped_truncated, t->skipped_short);
}

static void text_speed(const struct running *running, const struct totals *t,
                       double seconds, FILE *file)
{
    fprintf(file, "time            %12.6f  s, %.0f packets/s\n", seconds,
            seconds > 0 ? (double)t->packets_in / seconds : 0);
    fprintf(file, "cycles a packet %12.1f  TSC, all of the run\n",
            a_packet(running, t));
}

/* Without devices there are no packets to speak of. */
void report_text(const struct running *running, FILE *file)
{
    struct totals t = add_up(running);
    double seconds = (double)running->nanoseconds / 1e9;

    if (running->system.device_count) {
        text_packets(&t, file);
        text_speed(running, &t, seconds, file);
    } else {
        fprintf(file, "time            %12.6f  s\n", seconds);
    }
    fprintf(file, "crossings       %12lu\n", running->crossings);
    fprintf(file, "crashes         %12u\n", running->crashes);
    fprintf(file, "live rrefs      %12lu  after the end\n",
            running->live_rrefs);
}

/* What @domain ever made of @type; any type when that is NULL. */
static uint64_t allocations(const struct domain *domain,
                            const struct type *type)
{
    uint64_t count = 0;
    uint32_t i;

    for (i = 0; i < domain->image.type_count; i++)
        if (!type || domain->types[i] == type)
            count += domain->allocated[i];
    return count;
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
        uint64_t made = allocations(running->domains[i].domain, tp_types[type]);

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

static void json_domain(const struct running *running, uint32_t i,
                        struct json *json)
{
    const struct domain *domain = running->domains[i].domain;

    json_open(json, NULL, '{');
    json_text(json, "name", running->system.domains[i].name);
    json_number(json, "crossings", domain_crossings(domain));
    json_number(json, "allocations", allocations(domain, NULL));
    json_number(json, "reclaimed", domain->reclaimed);
    json_number(json, "private_bytes",
                domain->private_break - domain->private_start);
    json_number(json, "charged_bytes",
                (uint64_t)running->domains[i].charged_bytes);
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

void report_json(const struct running *running, FILE *file)
{
    struct totals t = add_up(running);
    struct json json;

    json_begin(&json, file);
    json_text(&json, "system", running->system.name);
    json_number(&json, "packets_in", t.packets_in);
    json_number(&json, "packets_out", t.packets_out);
    json_number(&json, "bytes_in", t.bytes_in);
    json_number(&json, "bytes_out", t.bytes_out);
    json_number(&json, "drops", drops(&t));
    json_number(&json, "device_drops", t.device_drops);
    json_number(&json, "skipped_oversize", t.skipped_oversize);
    json_number(&json, "skipped_truncated", t.skipped_truncated);
    json_number(&json, "skipped_short", t.skipped_short);
    json_number(&json, "damaged_captures", t.damaged);
    json_number(&json, "nanoseconds", running->nanoseconds);
    json_real(&json, "cycles_per_packet", a_packet(running, &t));
    json_number(&json, "crossings", running->crossings);
    json_number(&json, "crashes", running->crashes);
    json_number(&json, "restarts", 0); /* no restart policy yet */
    json_number(&json, "live_rrefs", running->live_rrefs);
    json_domains(running, &json);
    json_heap(running, &json);
    json_end(&json);
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
        uint64_t made = allocations(running->domains[i].domain, tp_types[type]);

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

static void report_crash(const struct running *running, uint32_t i, FILE *file)
{
    const struct domain *domain = running->domains[i].domain;
    const struct domain_death *death = &domain->death;
    uint32_t offset = 0;
    const char *symbol;

    fprintf(file, "tepal: domain %s died: %s\n", running->system.domains[i].name,
            death->cause);
    fprintf(file, "  file      %s\n", running->domains[i].file.path);
    if (death->address) {
        symbol = image_symbol(&domain->image, death->address, &offset);
        fprintf(file, "  at        %s+0x%x (slot offset 0x%x)\n",
                symbol ? symbol : "no symbol", offset, death->address);
    }
    if (death->fault_address - domain->base < TP_SLOT_SIZE)
        fprintf(file, "  accessed  slot offset 0x%lx\n",
                death->fault_address - domain->base);
    else if (death->fault_address)
        fprintf(file, "  accessed  0x%lx, outside its slot\n",
                death->fault_address);
    fprintf(file, "  freed     %lu shared objects that it owned\n",
            domain->reclaimed);
}

void report_crashes(const struct running *running, FILE *file)
{
    uint32_t i;

    for (i = 0; i < running->loaded; i++)
        if (running->domains[i].domain->death.cause[0])
            report_crash(running, i, file);
}
