/* SPDX-License-Identifier: MIT */
/*
 * bench.c - "tepal bench": runs a suite of bench/ in the system "bench",
 * verified domains that do nothing but call, and reports it.
 */
#include "bench.h"
#include "bench_types.h"
#include "host.h"
#include "json.h"
#include "json_file.h"
#include "running.h"
#include "suite.h"
#include "tepal.h"
#include "tepal_trusted/base.h"
#include <errno.h>
#include <string.h>

static const struct bench_suite *const suites[] = {&suite_crossing,
                                                   &suite_heap};
#define SUITES (sizeof(suites) / sizeof(suites[0]))

/* One measurement in a process; too large for a stack. */
static struct running running;
static struct bench_result result;
static struct domain *callers[CALLERS];
static const struct bench_suite *suite; /* that is measured, if it is one */

static void print_text(void)
{
    uint32_t i;

    printf("TSC cycles a round; core cycles are %.2f a TSC cycle; %u turns "
           "disturbed%s\n",
           result.core_ratio, result.disturbed,
           result.never_quiet ? ": not a quiet machine" : "");
    printf("%-28s %9s %9s %9s %7s  %s\n", "case", "min", "median", "p99",
           "ratio", "elsewhere");
    for (i = 0; i < suite->case_count; i++)
        printf("%-28s %9.1f %9.1f %9.1f %7.2f  %s\n", suite->cases[i].name,
               result.cases[i].minimum, result.cases[i].median,
               result.cases[i].p99, result.ratios[i],
               suite->cases[i].reference);
}

static void print_case(const struct bench_case *c, uint32_t i,
                       struct json *json)
{
    static const char *const flavours[CALLERS] = {"base", "gs", "base to gs"};

    json_open(json, NULL, '{');
    json_text(json, "name", c->name);
    json_text(json, "flavour", flavours[c->caller]);
    json_text(json, "unit", "TSC cycles");
    json_real(json, "min", result.cases[i].minimum);
    json_real(json, "median", result.cases[i].median);
    json_real(json, "p99", result.cases[i].p99);
    json_real(json, "ratio", result.ratios[i]);
    json_text(json, "reference", c->reference);
    json_close(json, '}');
}

static void print_json(FILE *file)
{
    struct json json;
    uint32_t i;

    json_begin(&json, file);
    json_text(&json, "suite", suite->name);
    json_real(&json, "core_cycles_per_tsc_cycle", result.core_ratio);
    json_number(&json, "disturbed_turns", result.disturbed);
    json_open(&json, "cases", '[');
    for (i = 0; i < suite->case_count; i++)
        print_case(&suite->cases[i], i, &json);
    json_close(&json, ']');
    json_end(&json);
}

/* A bench.manifest of somebody else's may say anything. */
static int check_domains(void)
{
    static const uint32_t places[CALLERS] = {1, 3, 4};
    uint32_t i;

    for (i = 0; i < CALLERS; i++) {
        const struct running_domain *place = &running.domains[places[i]];

        if (running.loaded <= places[i] || place->domain->export_count != 1 ||
            place->domain->exports[0].interface_id != interface_bench_loop.id)
            return fail(EXIT_REFUSED, "%s: domain %u is no bench_caller",
                        running.manifest.path, places[i] + 1);
        callers[i] = place->domain;
    }
    return EXIT_FINE;
}

static void measure(void *context)
{
    (void)context;
    suite_measure(suite, callers, &result);
}

static int measure_suite(const char *root)
{
    int code = running_read(&running, root, "bench");

    if (code == EXIT_FINE)
        code = running_start(&running, root);
    if (code == EXIT_FINE)
        code = check_domains();
    if (code == EXIT_FINE && !host_run(measure, NULL))
        code = fail(EXIT_RUN_FAILED, "cannot start a thread");
    running_end(&running);
    if (code == EXIT_FINE && result.failed)
        code = fail(EXIT_RUN_FAILED, "what was measured failed");
    return code;
}

static void close_suite(void)
{
    running_close(&running);
}

/* The suites of bench/ that are stretches of rounds, and what is not. */
static const struct bench bench_suites = {
    "", measure_suite, print_text, print_json, close_suite,
};
static const struct bench *const others[] = {&bench_network, &bench_code,
                                             &bench_verify};
#define OTHERS (sizeof(others) / sizeof(others[0]))

static const struct bench *find_bench(const char *name)
{
    uint32_t i;

    for (i = 0; i < SUITES; i++)
        if (strcmp(suites[i]->name, name) == 0) {
            suite = suites[i];
            return &bench_suites;
        }
    for (i = 0; i < OTHERS; i++)
        if (strcmp(others[i]->name, name) == 0)
            return others[i];
    return NULL;
}

static int run_bench(const struct bench *bench, const char *root, FILE *json)
{
    static const struct host_options options;
    int code;

    if (!host_start(&options))
        return fail(EXIT_RUN_FAILED, "cannot reserve memory: %s",
                    strerror(errno));
    code = bench->measure(root);
    if (code == EXIT_FINE && json != stdout)
        bench->print_text();
    if (code == EXIT_FINE && json)
        bench->print_json(json);
    bench->close();
    return code;
}

/* The report is opened before what takes long. */
static int report_bench(const struct bench *bench, const char *root,
                        const char *path)
{
    FILE *json;
    int code = json_file_open(path, &json), closed = EXIT_FINE;

    if (code != EXIT_FINE)
        return code;
    code = run_bench(bench, root, json);
    if (json)
        closed = json_file_close(json, path);
    return code == EXIT_FINE ? closed : code;
}

int command_bench(int argc, char **argv)
{
    const struct bench *bench = argc > 0 ? find_bench(argv[0]) : NULL;
    const char *lib = NULL, *json = NULL;
    int i;

    if (!bench)
        return fail(EXIT_USAGE,
                    "bench measures: crossing, heap, network, code, verify");
    for (i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--json") == 0)
            json = argv[i + 1];
        else if (strcmp(argv[i], "--lib") == 0)
            lib = argv[i + 1];
        else
            break;
    }
    if (i != argc)
        return fail(EXIT_USAGE, "bench %s: an unknown option, or no value "
                                "after it: '%s'",
                    argv[0], argv[i]);
    return report_bench(bench, files_root(lib), json);
}
