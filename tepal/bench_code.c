/* SPDX-License-Identifier: MIT */
/*
 * bench_code.c - "tepal bench code": compute kernels in the domains of the
 * system "bench_code", one for each flavour of verified code, beside the same
 * sources compiled into the program.
 */
#include "bench.h"
#include "bench_types.h"
#include "code.h"
#include "host.h"
#include "json.h"
#include "running.h"
#include "tepal.h"
#include "tepal_trusted/base.h"
#include <string.h>

/* One measurement in a process; too large for a stack. */
static struct running running;
static struct code_flavour flavours[CODE_FLAVOURS_MAX];
static struct code_result result;
static bool checked, measured;

static bool all_agree(void)
{
    uint32_t i;

    for (i = 0; i < KERNEL_COUNT; i++)
        if (!code_agrees(&result, i))
            return false;
    return true;
}

static void measure(void *context)
{
    (void)context;
    checked = code_check(&result);
    measured = checked && all_agree() && code_measure(&result);
}

/* Domain number @i: flavours are called as domains are without their place. */
static int take_domain(uint32_t i)
{
    struct code_flavour *flavour = &flavours[i / CODE_PLACES];
    const char *name = running.system.domains[i].name;
    struct domain *domain = running.domains[i].domain;
    size_t length = strlen(name);

    if (domain->export_count != 1 ||
        domain->exports[0].interface_id != interface_bench_loop.id)
        return fail(EXIT_REFUSED, "%s: %s is no domain of kernels",
                    running.manifest.path, name);
    text_copy(flavour->name, sizeof(flavour->name), name);
    if (length < sizeof(flavour->name))
        flavour->name[length - 1] = 0;
    flavour->domains[i % CODE_PLACES] = domain;
    return EXIT_FINE;
}

/* A bench_code.manifest of somebody else's may say anything. */
static int check_domains(void)
{
    int code = EXIT_FINE;
    uint32_t i;

    if (running.loaded % CODE_PLACES != 0 || running.loaded == 0 ||
        running.loaded > CODE_FLAVOURS_MAX * CODE_PLACES)
        return fail(EXIT_REFUSED, "%s: not %d domains of each flavour",
                    running.manifest.path, CODE_PLACES);
    for (i = 0; code == EXIT_FINE && i < running.loaded; i++)
        code = take_domain(i);
    result.flavours = flavours;
    result.flavour_count = running.loaded / CODE_PLACES;
    return code;
}

static void report_difference(uint32_t kernel, uint32_t way)
{
    uint32_t wanted = result.checksums[kernel][CODE_NATIVE][0], place;

    for (place = 0; place < CODE_PLACES; place++)
        if (result.checksums[kernel][way][place] != wanted)
            fail(EXIT_RUN_FAILED,
                 "kernel %s: %s computes %08x, native code %08x",
                 code_kernel_name(kernel), flavours[way].name,
                 result.checksums[kernel][way][place], wanted);
}

/* Names each kernel that does not compute what native code does. */
static int judge(void)
{
    uint32_t i, way;

    if (!checked)
        return fail(EXIT_RUN_FAILED, "a domain died of a kernel");
    for (i = 0; i < KERNEL_COUNT; i++)
        for (way = 0; way < result.flavour_count; way++)
            report_difference(i, way);
    if (!all_agree())
        return EXIT_RUN_FAILED;
    return measured ? EXIT_FINE
                    : fail(EXIT_RUN_FAILED,
                           "a kernel computed something else the second time");
}

static void print_kernel(uint32_t kernel)
{
    const struct sample *native = &result.cycles[kernel][CODE_NATIVE];
    uint32_t way;

    printf("%-12s %9.0f %9.0f", code_kernel_name(kernel), native->minimum,
           native->median);
    for (way = 0; way < result.flavour_count; way++) {
        const struct code_ratio *ratio = &result.ratios[kernel][way];

        printf("   %6.3f %6.3f %5.2f-%4.2f", ratio->median, ratio->minima,
               ratio->least, ratio->most);
    }
    putchar('\n');
}

static void print_text(void)
{
    uint32_t i;

    printf("TSC cycles a turn of native code (gcc -O2), and of verified code "
           "as a multiple of\nit: medians of %u pairs in turns, of the minima; "
           "from-to at %d places in lines\n",
           CODE_TURNS, CODE_PLACES);
    printf("%-12s %9s %9s", "kernel", "min", "median");
    for (i = 0; i < result.flavour_count; i++)
        printf("   %6s %6s %10s", flavours[i].name, "of min", "places");
    printf("\n%-32s", "geometric mean");
    for (i = 0; i < result.flavour_count; i++)
        printf("   %6.3f %6.3f %10s", result.geomeans[i].median,
               result.geomeans[i].minima, "");
    putchar('\n');
    for (i = 0; i < KERNEL_COUNT; i++)
        print_kernel(i);
    for (i = 0; i < result.flavour_count; i++)
        printf("worst of %s: %s, %.3f\n", flavours[i].name,
               code_kernel_name(result.worst[i]),
               result.ratios[result.worst[i]][i].median);
}

/* @way: a flavour, or CODE_NATIVE, which ratios are of. */
static void print_case(uint32_t kernel, uint32_t way, struct json *json)
{
    const struct sample *cycles = &result.cycles[kernel][way];
    struct code_ratio ratio = {1, 1, 1, 1};
    char checksum[9];

    if (way != CODE_NATIVE)
        ratio = result.ratios[kernel][way];
    snprintf(checksum, sizeof(checksum), "%08x",
             result.checksums[kernel][way][0]);
    json_open(json, NULL, '{');
    json_text(json, "name", code_kernel_name(kernel));
    json_text(json, "flavour",
              way == CODE_NATIVE ? "native" : flavours[way].name);
    json_text(json, "unit", "TSC cycles a turn");
    json_real(json, "min", cycles->minimum);
    json_real(json, "median", cycles->median);
    json_real(json, "p99", cycles->p99);
    json_ratio(json, "ratio", ratio.median);
    json_ratio(json, "ratio_of_minima", ratio.minima);
    json_ratio(json, "ratio_least", ratio.least);
    json_ratio(json, "ratio_most", ratio.most);
    json_text(json, "checksum", checksum);
    json_close(json, '}');
}

static void print_flavour(uint32_t way, struct json *json)
{
    json_open(json, NULL, '{');
    json_text(json, "flavour", flavours[way].name);
    json_ratio(json, "geomean", result.geomeans[way].median);
    json_ratio(json, "geomean_of_minima", result.geomeans[way].minima);
    json_text(json, "worst", code_kernel_name(result.worst[way]));
    json_close(json, '}');
}

static void print_json(FILE *file)
{
    struct json json;
    uint32_t i, way;

    json_begin(&json, file);
    json_text(&json, "suite", "code");
    json_number(&json, "places", CODE_PLACES);
    json_number(&json, "pairs", CODE_TURNS);
    json_open(&json, "flavours", '[');
    for (way = 0; way < result.flavour_count; way++)
        print_flavour(way, &json);
    json_close(&json, ']');
    json_open(&json, "cases", '[');
    for (i = 0; i < KERNEL_COUNT; i++) {
        print_case(i, CODE_NATIVE, &json);
        for (way = 0; way < result.flavour_count; way++)
            print_case(i, way, &json);
    }
    json_close(&json, ']');
    json_end(&json);
}

static int measure_all(const char *root)
{
    int code = running_read(&running, root, "bench_code");

    if (code == EXIT_FINE)
        code = running_start(&running, root);
    if (code == EXIT_FINE)
        code = check_domains();
    if (code == EXIT_FINE) {
        code = host_run(measure, NULL)
                   ? judge()
                   : fail(EXIT_RUN_FAILED, "cannot start a thread");
    }
    running_end(&running);
    return code;
}

static void close_system(void)
{
    running_close(&running);
}

const struct bench bench_code = {
    "code", measure_all, print_text, print_json, close_system,
};
