/* SPDX-License-Identifier: MIT */
/*
 * bench_network.c - "tepal bench network": cycles a packet of the systems
 * forward and macswap, beside the same driver, model and application without
 * isolation. Each application is called again and again on one thread.
 * The system bench_network has them in this order.
 */
#include "bench.h"
#include "host.h"
#include "json.h"
#include "native.h"
#include "network.h"
#include "running.h"
#include "tepal.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/crossing.h"
#include <string.h>

enum { FORWARD, MACSWAP, APPLICATIONS };

/* One measurement in a process; too large for a stack. */
static struct running running;
static struct network_wire wires[APPLICATIONS], native_wire;
static struct network_way ways[] = {
    {.name = "forward/isolated"},
    {.name = "forward/native"},
    {.name = "macswap/isolated"},
    {.name = "macswap/native"},
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))
static bool measured;

static bool run_isolated(void *context)
{
    struct domain *domain = context;
    uint32_t value = 1;
    struct rpc rpc =
        crossing_run(domain, domain->main_entry, 0, 0, &value);

    return rpc.result == RPC_OK && value == 0;
}

static bool run_native(void *context)
{
    native_application *application;

    memcpy(&application, context, sizeof(application));
    return application() == 0;
}

static void measure(void *context)
{
    static native_application *native[APPLICATIONS] = {native_forward,
                                                       native_macswap};
    uint32_t i, value = 1;

    (void)context;
    for (i = 0; i < APPLICATIONS; i++) {
        struct domain *driver = running.domains[i].domain;

        ways[2 * i].wire = &wires[i];
        ways[2 * i].run = run_isolated;
        ways[2 * i].context = running.domains[APPLICATIONS + i].domain;
        ways[2 * i + 1].wire = &native_wire;
        ways[2 * i + 1].run = run_native;
        ways[2 * i + 1].context = &native[i];
        crossing_run(driver, driver->main_entry, 0, 0, &value);
        if (value != 0)
            return;
    }
    measured = native_start(&native_wire.wire) && network_measure(ways, WAYS);
}

/* A bench_network.manifest of somebody else's may say anything. */
static int check_domains(void)
{
    uint32_t i;

    for (i = 0; i < 2 * APPLICATIONS; i++)
        if (running.loaded != 2 * APPLICATIONS ||
            !running.domains[i].domain->main_entry)
            return fail(EXIT_REFUSED,
                        "%s: not two drivers and two applications",
                        running.manifest.path);
    return EXIT_FINE;
}

static int measure_all(const char *root)
{
    int code = running_read(&running, root, "bench_network");
    uint32_t i;

    network_wire_init(&native_wire);
    for (i = 0; i < APPLICATIONS; i++) {
        network_wire_init(&wires[i]);
        running.nics[i].own = &wires[i].wire;
    }
    if (code == EXIT_FINE)
        code = running_start(&running, root);
    if (code == EXIT_FINE)
        code = check_domains();
    if (code == EXIT_FINE && !host_run(measure, NULL))
        code = fail(EXIT_RUN_FAILED, "cannot start a thread");
    running_end(&running);
    if (code == EXIT_FINE && !measured)
        code = fail(EXIT_RUN_FAILED, "a frame was lost, or a driver failed");
    return code;
}

static void print_text(void)
{
    uint32_t i;

    printf("TSC cycles a packet: %u-byte frames, batches of 32, one thread\n",
           NETWORK_FRAME_BYTES);
    printf("%-28s %9s %9s %9s %7s\n", "case", "min", "median", "p99", "ratio");
    for (i = 0; i < WAYS; i++)
        printf("%-28s %9.1f %9.1f %9.1f %7.2f\n", ways[i].name,
               ways[i].cycles.minimum, ways[i].cycles.median,
               ways[i].cycles.p99,
               ways[i].cycles.median / ways[i | 1].cycles.median);
}

static void print_json(FILE *file)
{
    struct json json;
    uint32_t i;

    json_begin(&json, file);
    json_text(&json, "suite", "network");
    json_number(&json, "frame_bytes", NETWORK_FRAME_BYTES);
    json_number(&json, "batch", 32);
    json_open(&json, "cases", '[');
    for (i = 0; i < WAYS; i++) {
        json_open(&json, NULL, '{');
        json_text(&json, "name", ways[i].name);
        json_text(&json, "unit", "TSC cycles a packet");
        json_real(&json, "min", ways[i].cycles.minimum);
        json_real(&json, "median", ways[i].cycles.median);
        json_real(&json, "p99", ways[i].cycles.p99);
        json_real(&json, "ratio",
                  ways[i].cycles.median / ways[i | 1].cycles.median);
        json_close(&json, '}');
    }
    json_close(&json, ']');
    json_end(&json);
}

static void close_system(void)
{
    running_close(&running);
}

const struct bench bench_network = {
    "network", measure_all, print_text, print_json, close_system,
};
