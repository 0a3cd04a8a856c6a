/* SPDX-License-Identifier: MIT */
/*
 * test_soundness.c - what memory_rules.c and control_rules.c accept is run, and
 * keeps the guarantees.
 *
 * Mutants of domains, of the corpus and of random code are verified; those
 * that it accepts are called at each entry under Unicorn, with hostile values
 * in registers and memory (watch.c has what is watched). Mutant i of a seed is
 * always the same: a failure prints how to see it again.
 *
 * TP_TEST_MUTANTS: accepted mutants a flavour; TP_TEST_INSNS: instructions that
 * have to be executed besides; TP_TEST_SEED; TP_TEST_FIRST: number of the first
 * mutant; TP_TEST_WORKERS: processes.
 */
#include "emulate.h"
#include "mutate.h"
#include "suite_run.h"
#include "tepal/abi.h"
#include "tepal_trusted/verify.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define IMPORTS_END (TP_FTAB_START + 8 * (MUTANT_IMPORTS + 1))
#define RUNS_OF_AN_ENTRY 2
#define WORKERS_MAX 16
#define SLACK 0x20000 /* a broken verifier writes there */

struct tally {
    uint64_t made, accepted, refused[VERIFY_ENTRY + 1];
    struct emulated emulated;
    bool is_broken;
};

struct campaign {
    uint32_t flavour;
    uint64_t seed, first, mutants, insns;
    uint32_t workers;
    const struct listings *listings;
    struct tally *tallies; /* one for each worker; shared */
};

struct worker {
    const struct campaign *campaign;
    struct emulator *emulator;
    uint8_t *scratch;
    struct mutant mutant;
};

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static uint64_t mix(uint64_t seed, uint64_t number)
{
    struct chance chance = {seed ^ number * 0xd1342543de82ef95};

    return chance_bits(&chance);
}

static enum verify_rule judge(struct worker *worker)
{
    const struct mutant *mutant = &worker->mutant;
    const struct verify_input input = {
        .text = mutant->text,
        .bytes = mutant->bytes,
        .address = TP_TEXT_START,
        .imports_end = IMPORTS_END,
        .ftab_bytes = MUTANT_FTAB_BYTES,
        .entries = mutant->entries,
        .entry_count = mutant->entry_count,
        .flavour = mutant->flavour,
    };

    return verify_text(&input, worker->scratch).rule;
}

static void print_mutant(const struct mutant *mutant)
{
    printf("# %u entries:", mutant->entry_count);
    for (uint32_t i = 0; i < mutant->entry_count; i++)
        printf(" %#x", mutant->entries[i]);
    printf("\n# %u bytes:", mutant->bytes);
    for (uint32_t i = 0; i < mutant->bytes; i++)
        printf("%s%02x", i % 32 ? " " : "\n# ", mutant->text[i]);
    printf("\n");
}

static void report(const struct worker *worker, uint64_t number,
                   uint32_t entry)
{
    const struct campaign *campaign = worker->campaign;

    printf("# %s flavour, mutant %lu of seed %lu, called at %#x: %s\n",
           campaign->flavour == TP_FLAVOUR_GS ? "gs" : "base", number,
           campaign->seed, entry, emulator_report(worker->emulator));
    print_mutant(&worker->mutant);
    printf("# again: CK_RUN_CASE=%s TP_TEST_SEED=%lu TP_TEST_FIRST=%lu "
           "TP_TEST_MUTANTS=1 tests/verify/test_soundness\n",
           campaign->flavour == TP_FLAVOUR_GS ? "gs" : "base", campaign->seed,
           number);
    fflush(stdout);
}

/* Call each entry; false when something was broken. */
static bool run_mutant(struct worker *worker, uint64_t number)
{
    const struct mutant *mutant = &worker->mutant;
    const uint64_t seed = mix(worker->campaign->seed, ~number);
    uint32_t limit = seed % 16 == 0 ? 6000 : 1000;

    emulator_load(worker->emulator, mutant,
                  (const uint16_t *)(const void *)worker->scratch, seed);
    if (mutant->bytes > 2 * TP_FRAME_MAX / 8)
        limit = 6000;
    for (uint32_t i = 0; i < mutant->entry_count; i++)
        for (uint32_t run = 0; run < RUNS_OF_AN_ENTRY; run++)
            if (!emulator_run(worker->emulator, mutant->entries[i],
                              mix(seed, 16 * i + run), limit)) {
                report(worker, number, mutant->entries[i]);
                return false;
            }
    return true;
}

static bool is_enough(const struct campaign *campaign, uint64_t made)
{
    uint64_t accepted = 0, insns = 0;

    for (uint32_t i = 0; i < campaign->workers; i++) {
        const struct tally *tally = &campaign->tallies[i];

        if (tally->is_broken)
            return true;
        accepted += tally->accepted;
        insns += tally->emulated.insns;
    }
    return (accepted >= campaign->mutants && insns >= campaign->insns) ||
           (campaign->mutants == 1 && made == 1);
}

static void work(const struct campaign *campaign, uint32_t index)
{
    struct worker *worker = calloc(1, sizeof(*worker));
    size_t bytes = verify_scratch_bytes(MUTANT_BYTES_MAX);
    struct tally *tally = &campaign->tallies[index];
    uint8_t *memory = calloc(1, bytes + 2 * SLACK);

    if (!worker || !memory)
        abort();
    worker->campaign = campaign;
    worker->emulator = emulator_create();
    worker->scratch = memory + SLACK;
    for (uint64_t number = campaign->first + index;
         !is_enough(campaign, tally->made); number += campaign->workers) {
        enum verify_rule rule;

        mutant_make(&worker->mutant, campaign->listings, campaign->flavour,
                    mix(campaign->seed, number));
        rule = judge(worker);
        tally->made++;
        tally->refused[rule]++;
        if (rule != VERIFY_OK)
            continue;
        if (!run_mutant(worker, number))
            tally->is_broken = true;
        tally->emulated = *emulator_totals(worker->emulator);
        tally->accepted++;
    }
    emulator_free(worker->emulator);
    free(memory);
    free(worker);
}

/* In processes of their own; whether each ended as it should. */
static bool work_together(const struct campaign *campaign)
{
    bool all_ended = true;
    int status;

    fflush(stdout);
    for (uint32_t i = 0; i < campaign->workers; i++) {
        pid_t child = fork();

        if (child < 0)
            return false;
        if (child == 0) {
            work(campaign, i);
            _exit(0);
        }
    }
    while (wait(&status) > 0)
        all_ended = all_ended && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return all_ended;
}

static struct tally sum(const struct campaign *campaign)
{
    struct tally all = {0};

    for (uint32_t i = 0; i < campaign->workers; i++) {
        const struct tally *one = &campaign->tallies[i];

        all.made += one->made;
        all.accepted += one->accepted;
        all.is_broken = all.is_broken || one->is_broken;
        all.emulated.runs += one->emulated.runs;
        all.emulated.insns += one->emulated.insns;
        all.emulated.imports += one->emulated.imports;
        all.emulated.accesses += one->emulated.accesses;
        for (uint32_t end = 0; end < RUN_ENDS; end++)
            all.emulated.ends[end] += one->emulated.ends[end];
        for (uint32_t rule = 0; rule <= VERIFY_ENTRY; rule++)
            all.refused[rule] += one->refused[rule];
    }
    return all;
}

static void print_totals(const struct campaign *campaign,
                         const struct tally *all, double seconds)
{
    const struct emulated *run = &all->emulated;

    printf("# %s: seed %lu: %lu mutants, %lu accepted (%lu %%), %lu runs, "
           "%lu instructions, %lu accesses, %lu imports; %lu returned, %lu "
           "faulted, %lu went on; %.0f s, %.1f M instructions/s\n",
           campaign->flavour == TP_FLAVOUR_GS ? "gs" : "base", campaign->seed,
           all->made, all->accepted,
           all->made ? 100 * all->accepted / all->made : 0, run->runs,
           run->insns, run->accesses, run->imports, run->ends[RUN_RETURNED],
           run->ends[RUN_FAULTED], run->ends[RUN_LIMITED], seconds,
           (double)run->insns / seconds * 1e-6);
    for (uint32_t rule = 1; rule <= VERIFY_ENTRY; rule++)
        if (getenv("TP_TEST_RULES"))
            printf("#   %8lu %s\n", all->refused[rule],
                   verify_rule_name((enum verify_rule)rule));
    fflush(stdout);
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static struct campaign campaign_of(uint32_t flavour)
{
    struct campaign campaign = {
        .flavour = flavour,
        .seed = number_of("TP_TEST_SEED", 1),
        .first = number_of("TP_TEST_FIRST", 0),
        .mutants = number_of("TP_TEST_MUTANTS", 10000),
        .insns = number_of("TP_TEST_INSNS", 0),
        .workers = (uint32_t)number_of("TP_TEST_WORKERS", 1),
    };

    ck_assert(campaign.workers >= 1 && campaign.workers <= WORKERS_MAX);
    campaign.listings = listings_of(flavour);
    campaign.tallies =
        mmap(NULL, WORKERS_MAX * sizeof(struct tally), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(campaign.tallies != MAP_FAILED);
    return campaign;
}

/* docs/VERIFIER.md, "What is guaranteed": G1 to G4 for what is accepted. */
START_TEST(accepted_code_keeps_the_guarantees_when_it_runs)
{
    struct campaign campaign = campaign_of((uint32_t)_i);
    double begun = seconds_now();
    bool all_ended = work_together(&campaign);
    struct tally all = sum(&campaign);

    print_totals(&campaign, &all, seconds_now() - begun);
    ck_assert_msg(all_ended, "a worker died");
    ck_assert_msg(!all.is_broken, "a guarantee is broken: see above");
    munmap(campaign.tallies, WORKERS_MAX * sizeof(struct tally));
}
END_TEST

static TCase *campaign_case(const char *name, int flavour)
{
    TCase *tests = tcase_create(name);

    tcase_add_loop_test(tests, accepted_code_keeps_the_guarantees_when_it_runs,
                        flavour, flavour + 1);
    tcase_set_timeout(tests, 0);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("soundness");

    suite_add_tcase(suite, campaign_case("base", TP_FLAVOUR_BASE));
    suite_add_tcase(suite, campaign_case("gs", TP_FLAVOUR_GS));
    return suite_run(suite, CK_FORK_GETENV);
}
