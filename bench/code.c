/* SPDX-License-Identifier: MIT */
/* code.c - see code.h. */
#include "code.h"
#include "tepal_trusted/crossing.h"
#include <math.h>

static const struct {
    const char *name;
    uint32_t rounds;
} kernels[] = {
#define KERNEL_ROW(name, turn) {#name, turn},
    KERNELS(KERNEL_ROW)};

/* Each is a kernel_run() of its own, at a place of its own. */
typedef uint32_t native_run(uint32_t kernel, uint32_t rounds);
native_run kernel_run_0, kernel_run_1, kernel_run_2, kernel_run_3;
static native_run *const native[CODE_PLACES] = {kernel_run_0, kernel_run_1,
                                                kernel_run_2, kernel_run_3};

/* One measurement in a process; too large for a stack. */
static double values[KERNEL_COUNT][CODE_PLACES][CODE_WAYS][CODE_TURNS];

const char *code_kernel_name(uint32_t kernel)
{
    return kernels[kernel].name;
}

uint32_t code_native_run(uint32_t kernel, uint32_t rounds)
{
    return native[0](kernel, rounds);
}

/* One way to run one kernel. */
struct run {
    uint32_t kernel, way, place;
};

/* False: the domain died. */
static bool run_rounds(const struct code_result *result, struct run run,
                       uint32_t rounds, uint32_t *value)
{
    struct domain *domain;

    if (run.way == CODE_NATIVE) {
        *value = native[run.place](run.kernel, rounds);
        return true;
    }
    domain = result->flavours[run.way].domains[run.place];
    return crossing_run(domain, domain->exports[0].entries[0], run.kernel,
                        rounds, value)
               .result == RPC_OK;
}

/* Cycles, or less than 0 when it failed. */
static double take_turn(const struct code_result *result, struct run run,
                        uint32_t *value)
{
    uint32_t rounds = kernels[run.kernel].rounds;
    uint64_t begin, end;
    bool fine = run_rounds(result, run, 0, value);

    begin = clock_begin();
    fine = fine && run_rounds(result, run, rounds, value);
    end = clock_end();
    return fine ? (double)(end - begin) : -1;
}

/* The ways in the order of @turn: @step 0, 1, ... of it. */
static uint32_t way_of(const struct code_result *result, uint32_t turn,
                       uint32_t step)
{
    uint32_t way = (turn + step) % (result->flavour_count + 1);

    return way == result->flavour_count ? CODE_NATIVE : way;
}

bool code_check(struct code_result *result)
{
    struct run run;
    uint32_t step;
    bool fine = true;

    for (run.kernel = 0; run.kernel < KERNEL_COUNT; run.kernel++)
        for (run.place = 0; run.place < CODE_PLACES; run.place++)
            for (step = 0; step <= result->flavour_count; step++) {
                uint32_t value = 0;

                run.way = way_of(result, 0, step);
                if (take_turn(result, run, &value) < 0)
                    fine = false;
                result->checksums[run.kernel][run.way][run.place] = value;
            }
    return fine;
}

bool code_agrees(const struct code_result *result, uint32_t kernel)
{
    uint32_t wanted = result->checksums[kernel][CODE_NATIVE][0];
    uint32_t step, place;

    for (step = 0; step <= result->flavour_count; step++)
        for (place = 0; place < CODE_PLACES; place++)
            if (result->checksums[kernel][way_of(result, 0, step)][place] !=
                wanted)
                return false;
    return true;
}

/* The turns from number @first on, after one that warms up. */
static bool take_turns(const struct code_result *result, struct run run,
                       uint32_t first)
{
    uint32_t turn, step, value = 0;

    for (step = 0; step <= result->flavour_count; step++) {
        run.way = way_of(result, 0, step);
        (void)take_turn(result, run, &value);
    }
    for (turn = first; turn < first + CODE_PASS_TURNS; turn++)
        for (step = 0; step <= result->flavour_count; step++) {
            double *took;

            run.way = way_of(result, turn, step);
            took = &values[run.kernel][run.place][run.way][turn];
            *took = take_turn(result, run, &value);
            if (*took < 0 ||
                value != result->checksums[run.kernel][CODE_NATIVE][0])
                return false;
        }
    return true;
}

/* Before sample_of() sorts the values: pairs stand side by side. */
static double median_ratio(uint32_t kernel, uint32_t way, uint32_t place)
{
    const double(*of)[CODE_TURNS] = values[kernel][place];
    double ratios[CODE_TURNS];
    uint32_t turn;

    for (turn = 0; turn < CODE_TURNS; turn++)
        ratios[turn] = of[way][turn] / of[CODE_NATIVE][turn];
    return sample_of(ratios, CODE_TURNS).median;
}

static struct code_ratio ratio_of(uint32_t kernel, uint32_t way)
{
    struct code_ratio ratio = {.least = 1e9};
    uint32_t place;

    for (place = 0; place < CODE_PLACES; place++) {
        double median = median_ratio(kernel, way, place);

        ratio.median += log(median) / CODE_PLACES;
        ratio.least = fmin(ratio.least, median);
        ratio.most = fmax(ratio.most, median);
    }
    ratio.median = exp(ratio.median);
    return ratio;
}

/* Sorts the values; @log_minimum: the mean of the logarithms of the minima. */
static struct sample sample_places(uint32_t kernel, uint32_t way,
                                   double *log_minimum)
{
    struct sample mean = {0, 0, 0}, sample;
    uint32_t place;

    *log_minimum = 0;
    for (place = 0; place < CODE_PLACES; place++) {
        sample = sample_of(values[kernel][place][way], CODE_TURNS);
        *log_minimum += log(sample.minimum) / CODE_PLACES;
        mean.minimum += sample.minimum / CODE_PLACES;
        mean.median += sample.median / CODE_PLACES;
        mean.p99 += sample.p99 / CODE_PLACES;
    }
    return mean;
}

static void evaluate_kernel(uint32_t kernel, struct code_result *result)
{
    struct sample *cycles = result->cycles[kernel];
    double native_minimum, minimum;
    uint32_t way;

    for (way = 0; way < result->flavour_count; way++)
        result->ratios[kernel][way] = ratio_of(kernel, way);
    cycles[CODE_NATIVE] = sample_places(kernel, CODE_NATIVE, &native_minimum);
    for (way = 0; way < result->flavour_count; way++) {
        cycles[way] = sample_places(kernel, way, &minimum);
        result->ratios[kernel][way].minima = exp(minimum - native_minimum);
    }
}

static void evaluate_flavour(uint32_t way, struct code_result *result)
{
    double medians = 0, minima = 0;
    uint32_t kernel;

    result->worst[way] = 0;
    for (kernel = 0; kernel < KERNEL_COUNT; kernel++) {
        const struct code_ratio *ratio = &result->ratios[kernel][way];

        medians += log(ratio->median) / KERNEL_COUNT;
        minima += log(ratio->minima) / KERNEL_COUNT;
        if (ratio->median > result->ratios[result->worst[way]][way].median)
            result->worst[way] = kernel;
    }
    result->geomeans[way].median = exp(medians);
    result->geomeans[way].minima = exp(minima);
}

bool code_measure(struct code_result *result)
{
    struct run run = {0, 0, 0};
    uint32_t pass, i;

    clock_pin();
    for (pass = 0; pass < CODE_PASSES; pass++)
        for (run.place = 0; run.place < CODE_PLACES; run.place++)
            for (run.kernel = 0; run.kernel < KERNEL_COUNT; run.kernel++)
                if (!take_turns(result, run, pass * CODE_PASS_TURNS))
                    return false;
    for (i = 0; i < KERNEL_COUNT; i++)
        evaluate_kernel(i, result);
    for (i = 0; i < result->flavour_count; i++)
        evaluate_flavour(i, result);
    return true;
}
