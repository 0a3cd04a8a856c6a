/* SPDX-License-Identifier: MIT */
/* status_text.c - what a run does now, as a line and as a table. */
#include "status_text.h"
#include <stdarg.h>
#include <string.h>

/* Counters that a line has room for, of each domain. */
#define LINE_COUNTERS 2

static double seconds_between(const struct status *now,
                              const struct status *before)
{
    uint64_t ns = now->nanoseconds > before->nanoseconds
                      ? now->nanoseconds - before->nanoseconds
                      : 0;

    return (double)ns / 1e9;
}

/* A second; a count that has gone back is none. */
static double rate(uint64_t now, uint64_t before, double seconds)
{
    return seconds > 0 && now > before ? (double)(now - before) / seconds : 0;
}

static void add(char *line, size_t room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add(char *line, size_t room, const char *format, ...)
{
    size_t length = strlen(line);
    va_list list;

    va_start(list, format);
    vsnprintf(line + length, room - length, format, list);
    va_end(list);
}

/* All devices as one. */
static struct status_device all_devices(const struct status *status)
{
    struct status_device all = {.packets_in = 0};
    uint32_t i;

    for (i = 0; i < status->device_count; i++) {
        const struct status_device *device = &status->devices[i];

        all.packets_in += device->packets_in;
        all.bytes_in += device->bytes_in;
        all.packets_out += device->packets_out;
        all.bytes_out += device->bytes_out;
        all.drops += device->drops;
    }
    return all;
}

static uint64_t all_crossings(const struct status *status)
{
    uint64_t count = 0;
    uint32_t i;

    for (i = 0; i < status->domain_count; i++)
        count += status->domains[i].crossings;
    return count;
}

/* Its value a moment ago; 0 if it is new. */
static uint64_t counter_before(const struct status *before, uint32_t i,
                               uint32_t c)
{
    return i < before->domain_count && c < before->domains[i].counter_count
               ? before->domains[i].counters[c].value
               : 0;
}

void status_line(const struct status *now, const struct status *before,
                 char *line, size_t room)
{
    struct status_device n = all_devices(now), b = all_devices(before);
    double s = seconds_between(now, before);
    uint32_t i, c;

    line[0] = 0;
    add(line, room, "%.1f s", (double)now->nanoseconds / 1e9);
    if (now->device_count)
        add(line, room,
            "  in %.0f/s %.1f Mbit/s  out %.0f/s %.1f Mbit/s  drops %lu",
            rate(n.packets_in, b.packets_in, s),
            rate(n.bytes_in, b.bytes_in, s) * 8 / 1e6,
            rate(n.packets_out, b.packets_out, s),
            rate(n.bytes_out, b.bytes_out, s) * 8 / 1e6, n.drops);
    add(line, room, "  crossings %.0f/s  live %lu",
        rate(all_crossings(now), all_crossings(before), s), now->objects);
    for (i = 0; i < now->domain_count; i++)
        for (c = 0; c < now->domains[i].counter_count && c < LINE_COUNTERS; c++)
            add(line, room, "  %s.%s %.0f/s", now->domains[i].name,
                now->domains[i].counters[c].name,
                rate(now->domains[i].counters[c].value,
                     counter_before(before, i, c), s));
}

static void table_devices(const struct status *now, const struct status *before,
                          const char *end, FILE *file)
{
    double s = seconds_between(now, before);
    uint32_t i;

    if (!now->device_count)
        return;
    fprintf(file, "%-16s %12s %12s %12s %12s %10s%s\n", "device", "in/s",
            "in Mbit/s", "out/s", "out Mbit/s", "drops", end);
    for (i = 0; i < now->device_count; i++) {
        const struct status_device *n = &now->devices[i];
        const struct status_device *b = &before->devices[i];

        fprintf(file, "%-16s %12.0f %12.1f %12.0f %12.1f %10lu%s\n", n->name,
                rate(n->packets_in, b->packets_in, s),
                rate(n->bytes_in, b->bytes_in, s) * 8 / 1e6,
                rate(n->packets_out, b->packets_out, s),
                rate(n->bytes_out, b->bytes_out, s) * 8 / 1e6, n->drops, end);
    }
}

static void table_domain(const struct status *now, const struct status *before,
                         uint32_t i, FILE *file)
{
    const struct status_domain *n = &now->domains[i], *b = &before->domains[i];
    uint64_t samples = now->samples > before->samples
                           ? now->samples - before->samples
                           : 0;
    double s = seconds_between(now, before);
    uint32_t c;

    fprintf(file, "%-16s %12.0f %6.1f %10lu %9.1fK", n->name,
            rate(n->crossings, b->crossings, s),
            100 * rate(n->samples, b->samples, (double)samples), n->objects,
            (double)n->private_bytes / 1024);
    if (!n->alive)
        fputs("  dead", file);
    for (c = 0; c < n->counter_count; c++)
        fprintf(file, "  %s %.0f/s", n->counters[c].name,
                rate(n->counters[c].value, counter_before(before, i, c), s));
}

void status_table(const struct status *now, const struct status *before,
                  const char *end, FILE *file)
{
    uint32_t i;

    table_devices(now, before, end, file);
    fprintf(file, "%-16s %12s %6s %10s %10s  counters%s\n", "domain",
            "crossings/s", "cpu%", "objects", "private", end);
    for (i = 0; i < now->domain_count; i++) {
        table_domain(now, before, i, file);
        fprintf(file, "%s\n", end);
    }
}
