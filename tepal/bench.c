/* SPDX-License-Identifier: MIT */
/*
 * bench.c - "tepal bench crossing": calls between two verified domains, beside
 * a plain indirect call and a system call in the same run.
 *
 * Cases are data. Each is a stretch of many rounds; the cases take turns, so
 * that a drift of the machine meets all of them, and a claim is the ratio of
 * two medians. What is timed has the full protection that ships.
 *
 * A neighbour on the same core slows a crossing more than a plain call. So the
 * plain call is timed after each case, and a turn counts only if it was near its
 * best each time; the report says how many turns were disturbed. If it has to
 * wait too long for quiet ones, the rest count as they are, and it says so too.
 * Source: thesis 4, Table 1; design, section 8.
 */
#define _GNU_SOURCE
#include "clock.h"
#include "bench_types.h"
#include "host.h"
#include "json.h"
#include "running.h"
#include "tepal.h"
#include "tepal_trusted/base.h"
#include "tepal_trusted/crossing.h"
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SAMPLES 101
#define PATIENCE 5000000000u /* ns, to have so many that nobody disturbed */
#define QUIET 1.06 /* of the plain call's best time: beyond, someone did */
#define ROUNDS 10000u

struct bench_case;
typedef bool bench_body(const struct bench_case *c, uint32_t rounds);

static bench_body body_indirect, body_getppid, body_domain;

/*
 * Reference figures travel with the case; TSC cycles on the machines of their
 * sources, so they say what to expect and nothing more.
 */
struct bench_case {
    const char *name;
    bench_body *body;
    uint32_t what; /* for body_domain: see domains/bench/bench_caller.c */
    uint32_t divide; /* rounds are divided by this: slower cases */
    const char *reference;
};

static const struct bench_case cases[] = {
    {"call/indirect", body_indirect, 0, 1, "3.8 to 4.5, Zen 3"},
    {"syscall/getppid", body_getppid, 0, 10, "540 to 645, Zen 3"},
    {"crossing/null", body_domain, 0, 1, "42, thesis Table 1, Haswell"},
    {"crossing/rref_move", body_domain, 1, 1, "59, thesis Table 1, Haswell"},
    {"crossing/rref_borrow", body_domain, 2, 1, "52 to 72, RedLeaf, Zen 3"},
    {"crossing/args6", body_domain, 3, 1, "none"},
    {"crossing/deque32x2_empty", body_domain, 4, 1, "70 to 117, RedLeaf, Zen 3"},
    {"crossing/deque32x2", body_domain, 5, 10, "none"},
    {"heap/alloc_free_64", body_domain, 7, 1, "214 to 327, RedLeaf, Zen 3"},
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

static struct running running;
static double values[CASES][SAMPLES];
static double core_ratio;
static uint32_t disturbed;
static bool never_quiet;
static bool all_fine = true;

static __attribute__((noinline)) uint64_t plain(uint64_t x)
{
    __asm__ volatile("" : "+r"(x));
    return x + 1;
}

static bool body_indirect(const struct bench_case *c, uint32_t rounds)
{
    uint64_t (*volatile function)(uint64_t) = plain;
    uint64_t value = 0;
    uint32_t i;

    (void)c;
    for (i = 0; i < rounds; i++)
        value = function(value);
    return value == rounds;
}

static bool body_getppid(const struct bench_case *c, uint32_t rounds)
{
    uint32_t i;

    (void)c;
    for (i = 0; i < rounds; i++)
        syscall(SYS_getppid);
    return true;
}

static bool body_domain(const struct bench_case *c, uint32_t rounds)
{
    struct domain *caller = running.domains[1].domain;
    uint32_t value = 1;
    struct rpc rpc = crossing_run(caller, caller->exports[0].entries[0],
                                  c->what, rounds, &value);

    return rpc.result == RPC_OK && value == 0;
}

static double measure(const struct bench_case *c)
{
    uint32_t rounds = ROUNDS / c->divide;
    uint64_t begin, end;

    begin = clock_begin();
    all_fine = c->body(c, rounds) && all_fine;
    end = clock_end();
    return (double)(end - begin) / rounds;
}

/* One turn of all cases; whether nobody disturbed it. */
static bool take_turn(uint32_t sample, double *best)
{
    bool quiet = true;
    double plain_call;
    uint32_t i;

    for (i = 0; i < CASES; i++) {
        values[i][sample] = measure(&cases[i]);
        plain_call = measure(&cases[0]);
        if (plain_call < *best)
            *best = plain_call;
        quiet = quiet && plain_call <= *best * QUIET;
    }
    return quiet && values[0][sample] <= *best * QUIET;
}

static void measure_all(void *context)
{
    double ratios[SAMPLES], best = 1e9;
    uint64_t start = clock_nanoseconds();
    uint32_t sample = 0, i;

    (void)context;
    clock_pin();
    for (i = 0; i < CASES; i++)
        (void)measure(&cases[i]);
    while (sample < SAMPLES) {
        ratios[sample] = clock_core_cycles();
        never_quiet = clock_nanoseconds() - start > PATIENCE;
        if (take_turn(sample, &best) || never_quiet)
            sample++;
        else
            disturbed++;
    }
    core_ratio = sample_of(ratios, SAMPLES).median;
}

static void print_text(const struct sample *samples)
{
    uint32_t i;

    printf("TSC cycles a round; core cycles are %.2f a TSC cycle; %u turns "
           "disturbed%s\n",
           core_ratio, disturbed,
           never_quiet ? ": not a quiet machine" : "");
    printf("%-26s %9s %9s %9s %7s  %s\n", "case", "min", "median", "p99",
           "ratio", "elsewhere");
    for (i = 0; i < CASES; i++)
        printf("%-26s %9.1f %9.1f %9.1f %7.2f  %s\n", cases[i].name,
               samples[i].minimum, samples[i].median, samples[i].p99,
               samples[i].median / samples[0].median, cases[i].reference);
}

static void print_json(const struct sample *samples, FILE *file)
{
    struct json json;
    uint32_t i;

    json_begin(&json, file);
    json_real(&json, "core_cycles_per_tsc_cycle", core_ratio);
    json_number(&json, "disturbed_turns", disturbed);
    json_open(&json, "cases", '[');
    for (i = 0; i < CASES; i++) {
        json_open(&json, NULL, '{');
        json_text(&json, "name", cases[i].name);
        json_text(&json, "flavour", "base");
        json_text(&json, "unit", "TSC cycles");
        json_real(&json, "min", samples[i].minimum);
        json_real(&json, "median", samples[i].median);
        json_real(&json, "p99", samples[i].p99);
        json_real(&json, "ratio", samples[i].median / samples[0].median);
        json_text(&json, "reference", cases[i].reference);
        json_close(&json, '}');
    }
    json_close(&json, ']');
    json_end(&json);
}

static int write_json(const struct sample *samples, const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    bool fine;

    if (!file)
        return fail(EXIT_RUN_FAILED, "%s: %s", path, strerror(errno));
    print_json(samples, file);
    if (file == stdout)
        return EXIT_FINE; /* main() looks after it */
    fine = !ferror(file);
    fine = fclose(file) == 0 && fine;
    return fine ? EXIT_FINE
                : fail(EXIT_RUN_FAILED, "%s: %s", path, strerror(errno));
}

/* A bench.manifest of somebody else's may say anything. */
static int check_domains(void)
{
    const struct domain *caller = running.domains[1].domain;

    if (running.loaded < 2 || caller->export_count != 1 ||
        caller->exports[0].interface_id != interface_bench_loop.id)
        return fail(EXIT_REFUSED, "%s: the second domain is no bench_caller",
                    running.manifest.path);
    return EXIT_FINE;
}

static int run_bench(const char *lib, const char *json)
{
    static const struct host_options options;
    struct sample samples[CASES];
    const char *root = files_root(lib);
    int code;
    uint32_t i;

    if (!host_start(&options))
        return fail(EXIT_RUN_FAILED, "cannot reserve memory: %s",
                    strerror(errno));
    code = running_read(&running, root, "bench");
    if (code == EXIT_FINE)
        code = running_start(&running, root);
    if (code == EXIT_FINE)
        code = check_domains();
    if (code == EXIT_FINE && !host_run(measure_all, NULL))
        code = fail(EXIT_RUN_FAILED, "cannot start a thread");
    running_end(&running);
    running_close(&running);
    if (code != EXIT_FINE)
        return code;
    if (!all_fine)
        return fail(EXIT_RUN_FAILED, "a call that was measured failed");
    for (i = 0; i < CASES; i++)
        samples[i] = sample_of(values[i], SAMPLES);
    if (!json || strcmp(json, "-") != 0)
        print_text(samples);
    return json ? write_json(samples, json) : EXIT_FINE;
}

int command_bench(int argc, char **argv)
{
    const char *lib = NULL, *json = NULL;
    int i;

    if (argc < 1 || strcmp(argv[0], "crossing") != 0)
        return fail(EXIT_USAGE, "bench measures: crossing");
    for (i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--json") == 0)
            json = argv[i + 1];
        else if (strcmp(argv[i], "--lib") == 0)
            lib = argv[i + 1];
        else
            break;
    }
    if (i != argc)
        return fail(EXIT_USAGE, "bench crossing: an unknown option, or no "
                                "value after it: '%s'",
                    argv[i]);
    return run_bench(lib, json);
}
